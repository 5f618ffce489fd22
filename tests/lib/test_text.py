"""Free text keeps what is visible and loses what lies (G04)."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadline.lib import text

FAMILY = "👨\u200d👩\u200d👧"
PERSIAN = "می\u200cخواهم"
KSHA = "क्\u200dष"

CLEANED = {
    "Ada": "Ada",
    "O'Brien": "O'Brien",
    "<b>x</b>": "<b>x</b>",
    "a\tb\nc": "a\tb\nc",
    "a\r\nb\rc\u2028d": "a\nb\nc\nd",
    "a\x00b\x07c\x1b[31m\x85\x9f": "abc[31m",
    "a\ud800b": "ab",
    "\u202eevil\u202c": "evil",
    "\u2066x\u2069\u200e\u200f\u061c": "x",
    "a\u200bb\u2060c\ufeffd\u00ade": "abcde",
    "\u200b\u200b": "",
    "\u3164": "",
    "x\U000e0041\U000e007f": "x",
    "Zoe\u0308": "Zoë",
    "\u1112\u1161\u11ab": "한",
    "Straße": "Straße",
    "İstanbul": "İstanbul",
    "สวัสดี": "สวัสดี",
    "مرحبا": "مرحبا",
    FAMILY: FAMILY,
    "👍🏽": "👍🏽",
    "❤️": "❤️",
    PERSIAN: PERSIAN,
    KSHA: KSHA,
    "pay\u200dpal\u200c": "paypal",
    "\u200dx": "x",
    "👨\u200d": "👨",
    "Z" + "\u0300\u0301" * 50: unicodedata.normalize("NFC", "Z" + "\u0300\u0301" * 4),
    "{{7*7}}": "{{7*7}}",
}


@pytest.mark.parametrize(("written", "expected"), CLEANED.items())
def test_a_text_keeps_what_is_visible(written: str, expected: str) -> None:
    assert text.clean(written) == expected


@given(st.text(st.characters()))
@example("a\u200d\u0301b")
@example("\u0915\u200d\u200b\u200d\u0937")
@example("e\u200b\u0301")
def test_cleaning_twice_changes_nothing_and_both_databases_take_it(written: str) -> None:
    cleaned = text.clean(written)
    assert text.clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")


@given(st.text("a\u0301\u200d\u200cक\u094d👨\u0344\u1161\u1112\u11ab\u200bى\u0654", max_size=40))
def test_joiners_and_marks_in_any_order_settle(written: str) -> None:
    cleaned = text.clean(written)
    assert text.clean(cleaned) == cleaned


@given(st.text(), st.integers(0, 20))
def test_a_bounded_text_is_never_longer_and_stays_clean(written: str, bound: int) -> None:
    cleaned = text.clean(written, max_length=bound)
    assert len(cleaned) <= bound
    assert text.clean(cleaned, max_length=bound) == cleaned


def test_a_hundred_thousand_characters_are_cut_not_refused() -> None:
    assert text.clean("ä" * 100_000, max_length=10_000) == "ä" * 10_000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoë", "ZOE"),
        ("İSTANBUL", "istanbul"),
        ("ISPARTA", "ısparta"),
        ("Straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("Ørsted", "orsted"),
        ("ﬁne", "FINE"),
        ("ＡＤＡ", "ada"),
        ("한", "\u1112\u1161\u11ab"),
        ("é", "e\u0301"),
        ("مُحَمَّد", "محمد"),
    ],
)
def test_search_finds_both_forms(one: str, other: str) -> None:
    assert text.fold(one) == text.fold(other)


@pytest.mark.parametrize(("one", "other"), [("か", "が"), ("कि", "क"), ("น้ำ", "นำ้x"), ("a", "b")])
def test_search_keeps_other_letters_apart(one: str, other: str) -> None:
    assert text.fold(one) != text.fold(other)


@given(st.text(st.characters()))
def test_folding_twice_changes_nothing(written: str) -> None:
    assert text.fold(text.fold(written)) == text.fold(written)


@pytest.mark.parametrize("cell", ["", "  ", "NULL", "null", "undefined", "n/a", "N/A", "-", "—"])
def test_a_placeholder_says_nothing(cell: str) -> None:
    assert text.is_placeholder(cell)


@pytest.mark.parametrize("cell", ["Null", "Na", "Nan", "0", "No", "X", "O", "李"])
def test_a_short_or_unlucky_name_is_no_placeholder(cell: str) -> None:
    assert not text.is_placeholder(cell)
