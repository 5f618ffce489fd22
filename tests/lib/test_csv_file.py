"""CSV is read row by row with a reason for each bad one (F01 to F06) and written safely (F14)."""

import io
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import csv_file
from leadline.lib.csv_file import NotCsv, Row, Sheet


def _read(content: bytes | str, **overrides: str) -> tuple[Sheet, list[Row]]:
    raw = content.encode() if isinstance(content, str) else content
    sheet = csv_file.read(io.BytesIO(raw), **overrides)
    return sheet, list(sheet.rows)


def _values(rows: list[Row]) -> list[tuple[str, ...] | None]:
    return [row.values for row in rows]


TABLE = "email;name\nada@example.com;Zoë Ada\nben@example.com;Ben\n"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_delimiter_and_line_ends_are_found(
    encoding: str, expected: str, delimiter: str, line_end: str
) -> None:
    written = TABLE.replace(";", delimiter).replace("\n", line_end)
    sheet, rows = _read(written.encode(encoding))
    assert (sheet.dialect.encoding, sheet.dialect.delimiter) == (expected, delimiter)
    assert sheet.header == ("email", "name")
    assert _values(rows) == [("ada@example.com", "Zoë Ada"), ("ben@example.com", "Ben")]
    assert [row.number for row in rows] == [2, 3]


def test_a_sep_line_decides_and_is_no_row() -> None:
    sheet, rows = _read("sep=;\na,b;c\n1,2;3\n")
    assert sheet.header == ("a,b", "c")
    assert [(row.number, row.values) for row in rows] == [(3, ("1,2", "3"))]


def test_a_decimal_comma_does_not_pass_for_a_delimiter() -> None:
    sheet, rows = _read("name;amount\nAda;1,50\nBen;2,75\n")
    assert sheet.dialect.delimiter == ";"
    assert _values(rows) == [("Ada", "1,50"), ("Ben", "2,75")]


def test_the_user_can_override_the_guess() -> None:
    _, rows = _read("email\nZo\xeb\n".encode("cp1252"), encoding="latin-1", delimiter="|")
    assert _values(rows) == [("Zoë",)]


def test_lines_that_do_not_decode_are_set_aside_and_the_rest_is_read() -> None:
    good = "".join(f"Zoë {n},x\n" for n in range(20)).encode()
    sheet, rows = _read(b"name,note\n" + good + b"Zo\xeb,x\n" + "Anaïs,y\n".encode())
    assert sheet.dialect.encoding == "utf-8"
    assert [row.number for row in rows if row.error] == [22]
    assert rows[-1].values == ("Anaïs", "y")


def test_an_open_quotation_mark_names_its_line_and_nothing_after_it_is_read() -> None:
    _, rows = _read('email,name\na@b.co,Ada\nc@d.co,"open\ne@f.co,Ben\ng@h.co,Cleo\n')
    assert _values(rows) == [("a@b.co", "Ada"), None]
    assert rows[1].error is not None
    assert rows[1].error.startswith("Line 3: a quotation mark is opened here")


def test_an_open_quotation_mark_does_not_read_a_huge_file_into_memory() -> None:
    content = b'email,name\na@b.co,"open\n' + b"c@d.co,x\n" * 2_000_000
    tracemalloc.start()
    _, rows = _read(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rows) == 1
    assert peak < 8_000_000


def test_nul_is_dropped_and_counted() -> None:
    sheet, rows = _read(b"em\x00ail,name\na\x00,b\n\x00c,d\x00\n")
    assert sheet.header == ("email", "name")
    assert _values(rows) == [("a", "b"), ("c", "d")]
    assert sheet.nul_count == 4


def test_ragged_rows_are_errors_of_their_own_and_blank_lines_are_none() -> None:
    _, rows = _read("a,b\n1,2\n\n1\n1,2,3\n1,2,,\n,\n3,4\n")
    assert [(row.number, row.values, row.error) for row in rows] == [
        (2, ("1", "2"), None),
        (4, None, "Line 4: 1 cells, but the header has 2."),
        (5, None, "Line 5: 3 cells, but the header has 2."),
        (6, ("1", "2"), None),
        (8, ("3", "4"), None),
    ]


def test_a_repeated_header_a_stray_mark_and_a_huge_cell_cost_only_their_row() -> None:
    huge = "x" * 100_000
    longer = "y" * 3_000_000
    _, rows = _read(f'a,b\n1,2\na,b\n"x"y,2\n{huge},2\n{longer},2\n"multi\nline",2\n3,4\n')
    assert [row.number for row in rows] == [2, 3, 4, 5, 6, 7, 9]
    assert _values(rows)[0] == ("1", "2")
    assert _values(rows)[1:5] == [None] * 4
    assert _values(rows)[5:] == [("multi\nline", "2"), ("3", "4")]
    assert rows[2].raw == '"x"y,2\n'


def test_a_header_that_needs_a_decision_says_so() -> None:
    sheet, _ = _read("Email,, E-mail ,email\na,b,c,d\n")
    assert sheet.problems == (
        "Column 2 has no name.",
        "Columns 1 and 4 have the same name 'email'.",
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"PK\x03\x04\x14\x00", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"MZ\x90\x00", "program"),
        (b",".join([b"c"] * 501), "501 columns"),
        (b'"never closed', "quotation mark"),
    ],
)
def test_a_file_that_is_no_csv_is_refused_by_what_it_is(content: bytes, kind: str) -> None:
    with pytest.raises(NotCsv, match=kind):
        _read(content)


def test_a_file_of_any_size_is_read_in_constant_memory() -> None:
    content = b"email,name\n" + b"ada@example.com,Ada Lovelace\n" * 40_000
    tracemalloc.start()
    count = sum(1 for row in csv_file.read(io.BytesIO(content)).rows if row.values)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 40_000
    assert peak < 1_000_000  # the file has 1,160,011 bytes


DANGEROUS = (
    "=1+1",
    "+49 30 901820",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    "\u200b=1",
    "\ufeff=1",
    "\u00a0=1",
    ";=1",
    '"=1',
    ',"=1',
    "'=1",
    "''=1",
    "=cmd|' /C calc'!A0",
)


@pytest.mark.parametrize("cell", DANGEROUS)
def test_a_cell_that_could_run_is_guarded_and_comes_back_as_it_was(cell: str) -> None:
    assert csv_file.guard(cell) == "'" + cell
    assert csv_file.unguard(csv_file.guard(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Ada", "a=b", "O'Brien", "'quoted'", "1-2", "x@y.co", "#1"])
def test_a_harmless_cell_is_left_alone(cell: str) -> None:
    assert csv_file.guard(cell) == cell
    assert csv_file.unguard(cell) == cell


@given(st.text(st.sampled_from("'=+-@＝ \t\r\n;\"\ufeff\u200bab,|"), max_size=12) | st.text())
def test_unguard_is_the_inverse_of_guard(cell: str) -> None:
    assert csv_file.unguard(csv_file.guard(cell)) == cell


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufffd"))] * 2),
        max_size=8,
    )
)
def test_our_own_export_reads_back_exactly(rows: list[tuple[str, str]]) -> None:
    target = io.StringIO(newline="")
    count = csv_file.write(target, ["=first", "second"], rows)
    assert count == len(rows)
    sheet, found = _read(target.getvalue(), encoding="utf-8", delimiter=",")
    assert csv_file.unguard(sheet.header[0]) == "=first"
    expected = [row for row in rows if any(csv_file.guard(cell).strip() for cell in row)]
    assert _values(found) == expected
    assert all(earlier.number < later.number for earlier, later in pairwise(found))


def test_every_cell_is_quoted_and_the_raw_export_is_not_guarded() -> None:
    target = io.StringIO(newline="")
    csv_file.write(target, ["a"], [["-5"], ["x\x00y"]])
    assert target.getvalue() == '"a"\r\n"\'-5"\r\n"xy"\r\n'
    plain = io.StringIO(newline="")
    csv_file.write(plain, ["a"], [["-5"]], raw=True)
    assert plain.getvalue() == '"a"\r\n"-5"\r\n'
