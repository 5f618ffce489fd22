"""CSV files from strangers, read row by row in constant memory, and ours, written safely.

Reading never stops at a bad row: it is yielded with its line number, the reason and its raw
text, and the next one follows. The one exception is a quotation mark that is never closed: what
follows it cannot be told apart, so the row that opens it is the last.

Writing guards cells that a spreadsheet would run as a formula with a leading apostrophe and
quotes every cell; reading takes exactly that guard off again, so our own export comes back as it
was. Phone numbers (`+49…`) and negative numbers are guarded too; programs want `raw=True`.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, TextIO

from leadline.lib import text

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_BYTES = 65_536
MAX_COLUMNS = 500
MAX_CELL = 65_536
MAX_RECORD = 1_000_000
MAX_RECORD_LINES = 500
"""A record over more lines than this is an open quotation mark, not a long note."""

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_NOT_TEXT = {
    b"PK\x03\x04": "a zip or Excel file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"MZ\x90": "a program",
    b"\x7fELF": "a program",
    b"<!doctype": "a web page",
    b"<html": "a web page",
}
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)

_BLANK = r"[\s\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\";,|]*"
_FORMULA = rf"(?:{_BLANK}[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n\x00])"
_NEEDS_GUARD = re.compile(rf"'*{_FORMULA}")
_IS_GUARDED = re.compile(rf"'+{_FORMULA}")


class NotCsv(ValueError):
    """A file that cannot be read as CSV at all. The message says what it seems to be."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written. `first_line` is the line of the header (2 after a `sep=` line)."""

    encoding: str
    delimiter: str
    first_line: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line it begins in, its cells in header order or the reason it has none."""

    number: int
    values: tuple[str, ...] | None
    error: str | None
    raw: str


@dataclass(slots=True)
class Sheet:
    """An open file. `problems` are sentences about the header that a person must settle;
    `nul_count` grows while `rows` are read (NUL bytes are dropped and counted)."""

    dialect: Dialect
    header: tuple[str, ...]
    problems: tuple[str, ...]
    rows: Iterator[Row]
    counts: "Counts" = field(repr=False)
    # Held only to outlive `rows`: collected earlier, it would close the caller's stream.
    lines: TextIO = field(repr=False)

    @property
    def nul_count(self) -> int:
        """NUL characters dropped so far."""
        return self.counts.nul


@dataclass(slots=True)
class Counts:
    """What was dropped while reading."""

    nul: int = 0


def sniff(sample: bytes) -> Dialect:
    """Encoding and delimiter guessed from the first bytes; raises NotCsv for other files.

    UTF-8 when the sample is valid, UTF-16 and UTF-32 by their mark or their zero bytes, else
    cp1252. A `sep=` line decides the delimiter, else the one that splits most lines alike.
    """
    head = sample[:16].lower()
    for magic, kind in _NOT_TEXT.items():
        if head.startswith(magic.lower()):
            raise NotCsv(f"This looks like {kind}, not like a CSV file.")
    encoding = _encoding(sample)
    start = sample.decode(encoding, "replace").replace("\x00", "")
    if not start.strip("\ufeff \t\r\n"):
        raise NotCsv("The file is empty.")
    first, _, _ = start.partition("\n")
    if match := _SEP_LINE.fullmatch(first.strip("\r")):
        return Dialect(encoding, match[1], first_line=2)
    return Dialect(encoding, _delimiter(start), first_line=1)


def read(stream: BinaryIO, *, encoding: str | None = None, delimiter: str | None = None) -> Sheet:
    """Open a seekable binary stream as a Sheet; `encoding` and `delimiter` override the guess.

    `sheet.rows` is read once, in order, and keeps the stream in use. Rows with more or fewer
    cells than the header, bytes that do not decode, oversized cells and a repeated header are
    errors of their row; empty lines are passed over. Raises NotCsv when there is no header.
    """
    guess = sniff(stream.read(SAMPLE_BYTES))
    stream.seek(0)
    dialect = Dialect(encoding or guess.encoding, delimiter or guess.delimiter, guess.first_line)
    lines = io.TextIOWrapper(stream, encoding=dialect.encoding, errors="replace", newline="")
    counts = Counts()
    records = _records(lines, dialect, counts)
    first = next(records, None)
    if first is None or first.values is None:
        raise NotCsv(first.error or "" if first else "The file has no header.")
    header = tuple(" ".join(text.clean(name).split()) for name in first.values)
    if len(header) > MAX_COLUMNS:
        raise NotCsv(f"The file has {len(header)} columns; {MAX_COLUMNS} are allowed.")
    return Sheet(dialect, header, header_problems(header), _rows(records, header), counts, lines)


def header_problems(header: Sequence[str]) -> tuple[str, ...]:
    """A sentence for each blank name and each name that occurs twice (case and accents aside)."""
    problems = [f"Column {n} has no name." for n, name in enumerate(header, 1) if not name]
    seen: dict[str, int] = {}
    for n, name in enumerate(header, 1):
        first = seen.setdefault(text.fold(name), n)
        if name and first != n:
            problems.append(f"Columns {first} and {n} have the same name {name!r}.")
    return tuple(problems)


def write(
    stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[str]], *, raw: bool = False
) -> int:
    """Write header and rows, every cell quoted and guarded; returns the number of rows.

    `raw` leaves the guard out: for programs, never for spreadsheets.
    """
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    count = -1
    for count, row in enumerate(itertools.chain([header], rows)):  # noqa: B007  # counts
        cells = (cell.replace("\x00", "") for cell in row)
        writer.writerow(cells if raw else [guard(cell) for cell in cells])
    return count


def guard(cell: str) -> str:
    """The cell with an apostrophe in front when a spreadsheet might run it as a formula."""
    return "'" + cell if _NEEDS_GUARD.match(cell) else cell


def unguard(cell: str) -> str:
    """The inverse of `guard`: takes off exactly the apostrophe that it put there."""
    return cell[1:] if _IS_GUARDED.match(cell) else cell


def _encoding(sample: bytes) -> str:
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) // 5:
        return "utf-16-le" if odd > even else "utf-16-be"
    # In a sample with more good than broken sequences a few lines are broken, not the guess.
    decoded = sample.decode("utf-8", "replace")
    broken = decoded.count("\ufffd")
    good = sum(not char.isascii() for char in decoded) - broken
    return "utf-8" if broken <= good else "cp1252"


def _delimiter(start: str) -> str:
    lines = start.removeprefix("\ufeff").splitlines()[:30]

    def alike(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return 0, 0
        return (widths.count(widths[0]), widths[0]) if widths and widths[0] > 1 else (0, 0)

    return max(DELIMITERS, key=alike)


class _Runaway(Exception):
    """A record grew beyond every reasonable size: its quotation mark is never closed."""


class _LongLine(Exception):
    """One line alone is too long; the rest of it was passed over."""


class _Lines:
    """Feeds the csv module and remembers the lines of the record in hand."""

    def __init__(self, stream: TextIO, counts: Counts) -> None:
        self._stream = stream
        self._counts = counts
        self._size = 0
        self.record: list[str] = []
        self.read_count = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._stream.readline(MAX_RECORD)
        if not line:
            raise StopIteration
        self.read_count += 1
        if len(line) == MAX_RECORD and line[-1] not in "\r\n":
            self._pass_over_line()
            raise _LongLine
        nul = line.count("\x00")
        if nul:
            self._counts.nul += nul
            line = line.replace("\x00", "")
        self.record.append(line)
        self._size += len(line)
        if self._size > MAX_RECORD or len(self.record) > MAX_RECORD_LINES:
            raise _Runaway
        return line

    def begin_record(self) -> None:
        """Forget the lines of the record before."""
        self.record.clear()
        self._size = 0

    def _pass_over_line(self) -> None:
        while (rest := self._stream.readline(MAX_RECORD)) and rest[-1] not in "\r\n":
            pass


def _records(stream: TextIO, dialect: Dialect, counts: Counts) -> Iterator[Row]:
    """Every record of the file, the header included, with cells as written."""
    lines = _Lines(stream, counts)
    for _ in range(dialect.first_line - 1):
        next(lines, None)
    reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
    while True:
        number = lines.read_count + 1
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _Runaway:
            yield _unclosed(number, lines.record)
            return
        except _LongLine:
            reason = f"the line is longer than {MAX_RECORD} characters"
            yield Row(number, None, f"Line {number}: {reason}.", "".join(lines.record))
            continue
        except csv.Error as error:
            if "unexpected end" in str(error):
                yield _unclosed(number, lines.record)
                return
            yield Row(number, None, f"Line {number}: {error}.", "".join(lines.record)[:MAX_CELL])
            continue
        if any(cell.strip() for cell in cells):
            yield Row(number, tuple(cells), None, "".join(lines.record))


def _unclosed(number: int, record: Sequence[str]) -> Row:
    # The mark may stand in a later line of the record; the first line that leaves it open is
    # where an odd number of marks has been seen.
    marks = list(itertools.accumulate(line.count('"') for line in record))
    opened = next((n for n, seen in enumerate(marks) if seen % 2), 0)
    message = (
        f"Line {number + opened}: a quotation mark is opened here and never closed. "
        "Nothing after it was read; close it or double it and import again."
    )
    return Row(number, None, message, "".join(record[:3])[:MAX_CELL])


def _rows(records: Iterator[Row], header: tuple[str, ...]) -> Iterator[Row]:
    for record in records:
        cells = record.values
        if cells is None:
            yield record
            continue
        while len(cells) > len(header) and not cells[-1].strip():
            cells = cells[:-1]
        error = _cell_error(cells, header)
        if error:
            yield Row(record.number, None, f"Line {record.number}: {error}", record.raw)
        else:
            values = tuple(unguard(cell) for cell in cells)
            yield Row(record.number, values, None, record.raw)


def _cell_error(cells: tuple[str, ...], header: tuple[str, ...]) -> str | None:
    if len(cells) != len(header):
        return f"{len(cells)} cells, but the header has {len(header)}."
    if any("\ufffd" in cell for cell in cells):
        return "it holds bytes that are not in the file's encoding."
    if any(len(cell) > MAX_CELL for cell in cells):
        return f"a cell is longer than {MAX_CELL} characters."
    if tuple(" ".join(cell.split()) for cell in cells) == header:
        return "the header again."
    return None
