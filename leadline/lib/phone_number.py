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

MAX_WRITTEN = 60
MAX_E164 = 16

_SEPARATORS = re.compile(r"[/,;|&\n\t]|\b(?:or|oder|ou|and|und|et|y|e)\b", re.IGNORECASE)
_EXTENSION = re.compile(
    r"[\s,;]*(?:;?ext(?:ension)?\.?|x|#|dw\.?|durchwahl|poste|anexo|int\.?)[\s:=.]*[0-9]{1,8}\s*$",
    re.IGNORECASE,
)
_ENOUGH_FOR_A_NUMBER = 6


class NotAPhone(ValueError):
    """A text that is not one phone number. `reason` is a sentence for people."""

    permanent = True

    def __init__(self, reason: str) -> None:
        super().__init__(f"Not a phone number: {reason}")
        self.reason = reason


def canonical(text: str, *, region: str | None) -> str:
    """The number in E.164, `+` and at most 15 digits. Idempotent.

    `region` is the ISO 3166 country in which a number without `+` or `00` is meant, or None.
    Raises NotAPhone; see the table above.
    """
    plain = _plain(text)
    bare = _EXTENSION.sub("", plain)
    if not bare:
        raise NotAPhone("it is empty.")
    _refuse_several(bare)
    if bare.startswith("00") and not bare.startswith("000"):
        bare = "+" + bare[2:]
    elif not bare.startswith("+") and not region:
        raise NotAPhone("write it with its country code, for example +49 30 901820.")
    try:
        number = phonenumbers.parse(bare, region.upper() if region else None)
    except phonenumbers.NumberParseException as error:
        raise NotAPhone(f"{_shown(text)} cannot be read ({error}).") from None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise NotAPhone(f"{_shown(text)} has the wrong length for its country.")
    number.extension = None
    found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # `+49 0 0000` loses one zero each time it is read; no real number does.
    if len(found) > MAX_E164 or phonenumbers.parse(found, None) != number:
        raise NotAPhone(f"{_shown(text)} has the wrong length for its country.")
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
        raise NotAPhone("it is not a text.")
    if len(text) > MAX_WRITTEN:
        raise NotAPhone(f"it has {len(text)} characters; {MAX_WRITTEN} are allowed.")
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
        raise NotAPhone(f"{_shown(text)} holds more than one number; give one.")
    if "@" in text:
        raise NotAPhone(f"{_shown(text)} looks like an e-mail address.")


def _shown(text: str) -> str:
    return repr(text[:40])
