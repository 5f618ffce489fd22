"""Phone numbers in the one spelling under which they are compared: E.164.

| written                                | becomes                                          |
|----------------------------------------|--------------------------------------------------|
| `+49 (0)30 901820`, `0049 30 901820`   | `+4930901820`                                    |
| `030 901820` with region DE            | `+4930901820`; without a region refused          |
| `1-800-FLOWERS` with region US         | `+18003569377`: letters are keys                 |
| Arabic, fullwidth digits               | their ASCII digits                               |
| `+1 212 555 0123 ext. 7`, `x7`         | the extension is dropped (see `extension`)       |
| two numbers, an e-mail, a word         | refused                                          |
| too short, too long, no such plan      | refused                                          |

A number must be possible in its numbering plan (length, country code), not assigned: plans
change faster than lists. The caller keeps the raw text of a refused number; nothing is lost.
"""

import re
import unicodedata
from functools import cache

import phonenumbers
from phonenumbers import NumberParseException

from leadline.lib.refusal import Phrase, Refused, shown, too_long

MAX_WRITTEN = 60
MAX_E164 = 16

_SEPARATORS = re.compile(r"[/,;|&\n\t]|\b(?:or|oder|ou|and|und|et|y|e)\b", re.IGNORECASE)
_EXTENSION = re.compile(
    r"[\s,;]*(?:;?ext(?:ension)?\.?|x|#|dw\.?|durchwahl|poste|anexo|int\.?)[\s:=.]*[0-9]{1,8}\s*$",
    re.IGNORECASE,
)
_ENOUGH_FOR_A_NUMBER = 6


class NotAPhone(Refused):
    """A text that is not one phone number."""

    def __init__(self, because: Phrase) -> None:
        super().__init__(because, message=f"Not a phone number: {because}.")


def canonical(text: str, *, region: str | None) -> str:
    """The number in E.164, `+` and at most 15 digits. Idempotent.

    `region` is the ISO 3166 country in which a number without `+` or `00` is meant, or None.
    Raises NotAPhone; see the table above.
    """
    plain = _plain(text)
    bare = _EXTENSION.sub("", plain)
    if not bare:
        raise NotAPhone(Phrase("it is empty"))
    _refuse_several(bare)
    if bare.startswith("00") and not bare.startswith("000"):
        bare = "+" + bare[2:]
    elif not bare.startswith("+") and not region:
        raise NotAPhone(Phrase("write it with its country code, for example +49 30 901820"))
    try:
        number = phonenumbers.parse(bare, region.upper() if region else None)
    except NumberParseException as error:
        raise _unreadable(text, error) from error
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise _wrong_length(text)
    number.extension = None
    found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # `+49 0 0000` loses one zero each time it is read; no real number does.
    if len(found) > MAX_E164 or phonenumbers.parse(found, None) != number:
        raise _wrong_length(text)
    return found


@cache
def countries() -> dict[str, int]:
    """The countries that have a numbering plan (ISO 3166) and what their numbers begin with."""
    codes = sorted(phonenumbers.SUPPORTED_REGIONS)
    return {code: phonenumbers.country_code_for_region(code) for code in codes}


def extension(text: str) -> str | None:
    """The digits of an extension at the end, which `canonical` drops; None without one."""
    found = _EXTENSION.search(_plain(text))
    return re.sub(r"[^0-9]", "", found[0]) if found else None


def _plain(text: str) -> str:
    if not isinstance(text, str):
        raise NotAPhone(Phrase("it is not a text"))
    if len(text) > MAX_WRITTEN:
        raise NotAPhone(too_long(text, limit=MAX_WRITTEN))
    visible = "".join(c for c in text if unicodedata.category(c)[0] != "C" or c in "\n\t")
    plain = unicodedata.normalize("NFKC", visible).strip()
    plain = "".join(
        str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in plain
    )
    return plain[4:].strip() if plain[:4].lower() == "tel:" else plain


def _refuse_several(text: str) -> None:
    parts = [part for part in _SEPARATORS.split(text) if part]
    numbers = [part for part in parts if sum(c.isdigit() for c in part) >= _ENOUGH_FOR_A_NUMBER]
    if len(numbers) > 1 or text.count("+") > 1:
        raise NotAPhone(
            Phrase("“%(written)s” holds more than one number; give one", written=shown(text))
        )
    if "@" in text:
        raise NotAPhone(Phrase("“%(written)s” looks like an e-mail address", written=shown(text)))


def _unreadable(text: str, error: NumberParseException) -> NotAPhone:
    """The library's own words are English and know only of the written number."""
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return NotAPhone(
            Phrase(
                "“%(written)s” cannot be read: there is no such country code", written=shown(text)
            )
        )
    if error.error_type == NumberParseException.NOT_A_NUMBER:
        return NotAPhone(
            Phrase("“%(written)s” cannot be read as a phone number", written=shown(text))
        )
    return _wrong_length(text)


def _wrong_length(text: str) -> NotAPhone:
    return NotAPhone(
        Phrase("“%(written)s” has the wrong length for its country", written=shown(text))
    )
