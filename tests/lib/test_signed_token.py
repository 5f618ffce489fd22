"""Signed values hold their purpose, their time and every bit (B06, E05)."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import signed_token
from leadline.lib.signed_token import InvalidToken

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
KEY, OLD_KEY = "k" * 32, b"o" * 32
PAYLOAD = {"lead": "01995", "list": 7, "ok": True, "none": None}


def _token(**changes: object) -> str:
    settings = {"purpose": "unsubscribe", "key": KEY, "expires_at": NOW + timedelta(hours=1)}
    return signed_token.sign(PAYLOAD, **(settings | changes))  # type: ignore[arg-type]


def _read(token: str, **changes: object) -> dict[str, object]:
    settings = {"purpose": "unsubscribe", "keys": [KEY], "now": NOW}
    return signed_token.read(token, **(settings | changes))  # type: ignore[arg-type]


def test_a_token_carries_its_payload() -> None:
    assert _read(_token()) == PAYLOAD
    assert _token() == _token()
    assert _token().replace("-", "").replace("_", "").replace(".", "").isalnum()


def test_a_token_ends_exactly_when_it_says() -> None:
    token = _token(expires_at=NOW)
    assert _read(token, now=NOW - timedelta(microseconds=1)) == PAYLOAD
    with pytest.raises(InvalidToken):
        _read(token, now=NOW)


def test_a_token_without_an_end_is_valid_for_ever() -> None:
    assert _read(_token(expires_at=None), now=NOW + timedelta(days=36_500)) == PAYLOAD


def test_a_token_of_another_purpose_is_worthless() -> None:
    with pytest.raises(InvalidToken):
        _read(_token(purpose="preferences"))


def test_the_old_key_reads_until_it_is_taken_away() -> None:
    token = _token(key=OLD_KEY)
    assert _read(token, keys=[KEY, OLD_KEY]) == PAYLOAD
    with pytest.raises(InvalidToken):
        _read(token, keys=[KEY])
    with pytest.raises(InvalidToken):
        _read(token, keys=[])


def test_an_empty_key_signs_nothing() -> None:
    with pytest.raises(ValueError, match="empty"):
        _token(key="")


def test_every_flipped_bit_and_every_cut_is_noticed() -> None:
    token = _token()
    for place, char in enumerate(token):
        for other in {chr(ord(char) ^ 1), chr(ord(char) ^ 2), "A", "."} - {char}:
            with pytest.raises(InvalidToken):
                _read(token[:place] + other + token[place + 1 :])
        with pytest.raises(InvalidToken):
            _read(token[:place])


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "ü.x",
        "eyJhbGciOiJub25lIn0.e30.",
        "x" * 5000,
        None,
        5,
        base64.b64encode(b"{}").decode() + ".",
    ],
)
def test_what_is_no_token_is_refused_with_one_neutral_sentence(token: str) -> None:
    with pytest.raises(InvalidToken, match=r"^The link is not valid\.$"):
        _read(token)


@given(st.text(max_size=5), st.text(max_size=5))
def test_purposes_do_not_run_into_the_payload(one: str, other: str) -> None:
    token = _token(purpose=one)
    if one == other:
        assert _read(token, purpose=other) == PAYLOAD
    else:
        with pytest.raises(InvalidToken):
            _read(token, purpose=other)
