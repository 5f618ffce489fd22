"""One spelling for each phone number (G03)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import phone_number
from leadline.lib.phone_number import NotAPhone, canonical

CANONICAL = [
    ("+49 30 901820", None, "+4930901820"),
    ("+49 (0)30 901820", None, "+4930901820"),
    ("0049 30 901820", None, "+4930901820"),
    ("0049 30 901820", "US", "+4930901820"),
    ("030 901820", "DE", "+4930901820"),
    ("030/901820", "de", "+4930901820"),
    ("tel:+49-30-901820", None, "+4930901820"),
    ("(212) 555-0123", "US", "+12125550123"),
    ("1-800-FLOWERS", "US", "+18003569377"),
    ("+٤٩ ٣٠ ٩٠١٨٢٠", None, "+4930901820"),
    ("＋４９３０９０１８２０", None, "+4930901820"),
    ("\u202a+49 30 901820\u202c", None, "+4930901820"),
    ("+1 212 555 0123 ext. 7", None, "+12125550123"),
    ("+1 212 555 0123 x789", None, "+12125550123"),
    ("+49 30 901820 Durchwahl 12", None, "+4930901820"),
    ("+1 900 555 0123", None, "+19005550123"),  # premium: a matter for the dialler, not for us
    ("+8816 31000000", None, "+881631000000"),  # satellite
    ("+39 06 1234 5678", None, "+390612345678"),  # Italy keeps its zero
]
REFUSED = [
    ("", "DE", "empty"),
    ("030 901820", None, "country code"),
    ("call me", "US", "cannot be read"),
    ("n/a", "US", "cannot be read"),
    ("030 901820 / 030 901821", "DE", "more than one"),
    ("030 901820, 0170 1234567", "DE", "more than one"),
    ("+4930901820 oder +4930901821", None, "more than one"),
    ("030 901820\n030 901821", "DE", "more than one"),
    ("ada@example.com", "DE", "e-mail"),
    ("+" + "1" * 40, None, "length"),
    ("+" + "1" * 400, None, "60 are allowed"),
    ("+999 1234567", None, "cannot be read"),
    ("12", "DE", "length"),
    ("+1 212 555", None, "length"),
    ("+49 0 00000", None, "length"),  # would lose a zero each time it is read
    ("+49 1000 0000 0000 00", None, "length"),  # E.164 ends at 15 digits
    ("030 901820", "XX", "cannot be read"),
    ("<script>", "DE", "cannot be read"),
]


@pytest.mark.parametrize(("written", "region", "expected"), CANONICAL)
def test_every_spelling_becomes_e164(written: str, region: str | None, expected: str) -> None:
    assert canonical(written, region=region) == expected
    assert canonical(expected, region=None) == expected


@pytest.mark.parametrize(("written", "region", "reason"), REFUSED)
def test_what_is_no_single_number_is_refused(written: str, region: str | None, reason: str) -> None:
    with pytest.raises(NotAPhone) as refusal:
        canonical(written, region=region)
    assert reason in refusal.value.reason


@pytest.mark.parametrize(
    ("written", "extension"),
    [("+1 212 555 0123 ext. 7", "7"), ("+1 212 555 0123x789", "789"), ("+4930901820", None)],
)
def test_the_extension_is_told_apart(written: str, extension: str | None) -> None:
    assert phone_number.extension(written) == extension


@given(st.text("+0123456789 ()-/x٤４", max_size=25), st.sampled_from([None, "DE", "US", "IT"]))
def test_canonical_is_idempotent(written: str, region: str | None) -> None:
    try:
        once = canonical(written, region=region)
    except NotAPhone:
        return
    assert canonical(once, region=None) == once
    assert once[0] == "+"
    assert once[1:].isascii()
    assert once[1:].isdigit()
    assert len(once) <= 16


@given(st.text(max_size=80))
def test_no_text_does_worse_than_be_refused(written: str) -> None:
    try:
        assert canonical(written, region="DE").startswith("+")
    except NotAPhone as refusal:
        assert refusal.reason  # noqa: PT017  # either outcome is right, nothing else is
