"""A reason is an English sentence that can be taken apart again."""

from collections.abc import Callable

import pytest

from leadline.lib import email_address, exchange_rates, money, phone_number
from leadline.lib.refusal import Phrase, Refused, shown, too_long


def test_a_reason_is_its_english_sentence() -> None:
    assert str(Phrase("the domain “%(domain)s” has no dot", domain="acme")) == (
        "the domain “acme” has no dot"
    )
    assert str(Phrase("a rate of 100 % is none")) == "a rate of 100 % is none"


def test_a_refusal_says_why_in_english_and_keeps_the_parts() -> None:
    refusal = Refused(too_long("abc", limit=2), message="text: too long")
    assert (str(refusal), refusal.reason) == (
        "text: too long",
        "it has 3 characters; 2 are allowed",
    )
    assert refusal.because.values == {"count": 3, "limit": 2}
    assert str(Refused(Phrase("it is empty"))) == "it is empty"


def test_what_is_shown_of_a_refused_text_hides_nothing_and_is_short() -> None:
    assert shown("a\nb\u202ec") == "a\\nb\\u202ec"
    assert len(shown("x" * 500)) == 40


@pytest.mark.parametrize(
    ("refuse", "message"),
    [
        (lambda: email_address.canonical("ada"), "Not an e-mail address: it has no @."),
        (
            lambda: phone_number.canonical("030 1", region=None),
            "Not a phone number: write it with its country code, for example +49 30 901820.",
        ),
        (
            lambda: money.parse("lots", "EUR"),
            "'lots' is not an amount of money: it is not written as a number.",
        ),
        (lambda: exchange_rates.read("", against="EUR"), "the file is empty"),
    ],
)
def test_programs_get_the_whole_message_in_english(
    refuse: Callable[[], object], message: str
) -> None:
    with pytest.raises(Refused) as refused:
        refuse()
    assert str(refused.value) == message
