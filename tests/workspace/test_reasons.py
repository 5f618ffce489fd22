"""Why something was refused, in the reader's language; in English where nobody reads."""

import pytest
from django.utils import translation

from leadline.lib import email_address, money, phone_number
from leadline.lib.refusal import Refused
from leadline.workspace import field_values, reasons
from leadline.workspace.field_values import NotOfType


@pytest.mark.parametrize(
    ("written", "german"),
    [
        ("ada.example.com", "Das ist keine E-Mail-Adresse: das @ fehlt."),
        ("ada@example", "Das ist keine E-Mail-Adresse: die Domain „example“ hat keinen Punkt."),
        (
            "a" * 65 + "@b.co",
            "Das ist keine E-Mail-Adresse: der Teil vor dem @ ist länger als 64 Zeichen.",
        ),
        (
            "Ada <ada@b.co>",
            "Das ist keine E-Mail-Adresse: bitte genau eine Adresse angeben, ohne Namen, "
            "Leerzeichen, Kommas oder Klammern.",
        ),
    ],
)
def test_an_address_is_refused_in_german(written: str, german: str) -> None:
    with pytest.raises(email_address.NotAnAddress) as refused:
        email_address.canonical(written)
    with translation.override("de"):
        assert reasons.not_an_address(refused.value) == german
    english = reasons.not_an_address(refused.value)
    assert english == f"This is not an e-mail address: {refused.value.reason}."


@pytest.mark.parametrize(
    ("written", "german"),
    [
        (
            "030 901820",
            "Das ist keine Telefonnummer: bitte mit Landesvorwahl schreiben, zum Beispiel "
            "+49 30 901820.",
        ),
        (
            "+999 1234567",
            "Das ist keine Telefonnummer: „+999 1234567“ ist nicht lesbar: diese Landesvorwahl "
            "gibt es nicht.",
        ),
        (
            "+1 212",
            "Das ist keine Telefonnummer: „+1 212“ hat für das Land die falsche Länge.",
        ),
    ],
)
def test_a_number_is_refused_in_german(written: str, german: str) -> None:
    with pytest.raises(phone_number.NotAPhone) as refused:
        phone_number.canonical(written, region=None)
    with translation.override("de"):
        assert reasons.not_a_phone(refused.value) == german


def test_an_amount_is_refused_in_one_language() -> None:
    shape = field_values.shape("money", currency="EUR")
    with translation.override("de"), pytest.raises(NotOfType) as refused:
        field_values.fit("$ 5", shape)
    assert refused.value.reason == (
        "Das ist kein Betrag in EUR: das Währungszeichen gehört nicht zu EUR."
    )


def test_a_reason_that_stands_alone_is_a_sentence() -> None:
    with pytest.raises(Refused) as refused:
        money.parse("lots", "EUR")
    assert reasons.sentence(refused.value) == "It is not written as a number."
