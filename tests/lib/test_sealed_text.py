"""Secrets at rest."""

import pytest

from leadline.lib import sealed_text

OLD, NEW = "o" * 40, "n" * 40


def test_what_is_sealed_is_read_again_and_shows_nothing() -> None:
    sealed = sealed_text.seal("JBSWY3DP", purpose="totp", keys=[OLD])
    assert "JBSWY3DP" not in sealed
    assert sealed != sealed_text.seal("JBSWY3DP", purpose="totp", keys=[OLD])
    assert sealed_text.unseal(sealed, purpose="totp", keys=[OLD]) == "JBSWY3DP"
    assert sealed_text.unseal(sealed, purpose="totp", keys=[NEW, OLD]) == "JBSWY3DP"


@pytest.mark.parametrize(
    ("purpose", "key", "change"),
    [("codes", OLD, ""), ("totp", NEW, ""), ("totp", OLD, "x")],
)
def test_another_purpose_another_key_or_another_letter_opens_nothing(
    purpose: str, key: str, change: str
) -> None:
    sealed = sealed_text.seal("JBSWY3DP", purpose="totp", keys=[OLD])
    with pytest.raises(sealed_text.CannotOpen):
        sealed_text.unseal(sealed[: len(sealed) - len(change)], purpose=purpose, keys=[key])


def test_a_plain_text_is_not_taken_for_a_sealed_one() -> None:
    with pytest.raises(sealed_text.CannotOpen):
        sealed_text.unseal("JBSWY3DP", purpose="totp", keys=[OLD])
