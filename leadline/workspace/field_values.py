"""What a value of each type of field looks like: arithmetic without rows.

`fit` is the one gate through which every value passes, whoever says it: a form, a file, the API,
a person at the screen. A value comes out in the one spelling that is stored, so that equal values
are equal everywhere, or it is refused with the reason; nothing is bent until it fits.

| type | stored as |
|---|---|
| text, long_text | text |
| number | an integer or a float |
| money | a number in units of the field's currency, with no more decimals than that has |
| date | "2026-03-14" |
| boolean | true or false |
| option | the option's value |
| options | a list of options' values in the order of the field, each once |
| link | a web address with its scheme |
| person | an e-mail address |

Money is one number, not minor units and a currency, because rules compare it with numbers; the
field has the currency, and an amount in another one is refused. Fifteen digits survive every
engine's float.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import msgspec
from django.utils.translation import gettext as _

from leadline.lib import email_address, money, text, web_address
from leadline.workspace import reasons

MAX_TEXT = 2_000
MAX_UNIQUE = 255
"""A unique text is looked up by the side table, which holds so many characters."""
MAX_LIST_BYTES = 1_000
"""Chosen options stand in one indexed column of the side table, written as JSON."""
MAX_NUMBER = 10**15
MAX_DIGITS = 15

Value = str | int | float | bool | list[str]


class NotOfType(ValueError):
    """A value that the field cannot hold; `reason` is a sentence for whoever said it."""

    permanent = True

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Shape:
    """What values of a field must be. `options` maps value to label, `words` what may be written
    for an option (folded) to its value."""

    type: str
    options: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    is_unique: bool = False


def shape(
    type: str,
    *,
    options: Iterable[tuple[str, str]] = (),
    currency: str = "",
    is_unique: bool = False,
) -> Shape:
    """The shape of a field; a label that two options share names neither."""
    pairs = dict(options)
    words: dict[str, str] = {}
    doubtful: set[str] = set()
    for value, label in pairs.items():
        word = text.fold(label)
        if words.setdefault(word, value) != value:
            doubtful.add(word)
    words = {word: value for word, value in words.items() if word not in doubtful}
    words |= {text.fold(value): value for value in pairs}
    return Shape(type, pairs, words, currency, is_unique)


def fit(value: object, of: Shape) -> Value:
    """The value as the field stores it; raises NotOfType. Fitting it again changes nothing."""
    fitted = _READERS[of.type](value, of)
    if of.is_unique and isinstance(fitted, str) and len(fitted) > MAX_UNIQUE:
        raise NotOfType(_("A unique value has at most %(limit)s characters.") % {"limit": 255})
    return fitted


def shown(value: object, of: Shape | None) -> str:
    """A stored value in the words that people read; one of no known type as it stands."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list | tuple):
        return ", ".join(shown(each, of) for each in value)
    if of is not None and isinstance(value, str) and value in of.options:
        return of.options[value]
    if of is not None and of.type == "money" and isinstance(value, int | float):
        try:
            return money.format(money.parse(value, of.currency))
        except money.NotMoney:
            return str(value)
    return str(value)


def _text(value: object, of: Shape) -> str:
    if isinstance(value, bool | dict | list) or value is None:
        raise NotOfType(_("This is no text."))
    written = str(value).strip()[:MAX_TEXT].strip()
    if not written:
        raise NotOfType(_("There is nothing in it."))
    return written


def _number(value: object, of: Shape) -> int | float:
    found = _plain_number(value)
    if found is None or (isinstance(found, float) and not math.isfinite(found)):
        raise NotOfType(_("This is no number."))
    if abs(found) > MAX_NUMBER:
        raise NotOfType(_("This number is too large."))
    return int(found) if isinstance(found, float) and found.is_integer() else found


# 1,234 and 1,234,567 group thousands; 1,5 has a decimal comma.
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")


def _plain_number(value: object) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str) or not value.isascii() or "_" in value or len(value) > 60:
        return None
    written = value.strip()
    if _GROUPED.fullmatch(written):
        written = written.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(written):
        written = written.replace(",", ".")
    try:
        return int(written) if written.removeprefix("-").isdecimal() else float(written)
    except ValueError:
        return None


def _money(value: object, of: Shape) -> int | float:
    if isinstance(value, bool | dict | list) or value is None:
        raise NotOfType(_("This is no amount of money."))
    try:
        amount = money.parse(value if isinstance(value, str | int | float) else "", of.currency)
    except money.NotMoney as error:
        raise NotOfType(
            _("This is no amount in %(currency)s: %(reason)s.")
            % {"currency": of.currency, "reason": reasons.told(error)}
        ) from None
    except ArithmeticError:
        raise NotOfType(_("This amount is too large.")) from None
    if abs(amount.minor) >= 10**MAX_DIGITS:
        raise NotOfType(_("This amount is too large."))
    units = Decimal(amount.minor).scaleb(-money.decimals(of.currency))
    return int(units) if units == units.to_integral_value() else float(units)


_DAY = re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})(?:[T ][0-9:.,+Z -]{4,40})?")
# The same as in imports: month first with slashes (US), day first with points or dashes.
_OTHER_DAYS = (
    re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4})"),
    re.compile(r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<y>[0-9]{4})"),
    re.compile(r"(?P<d>[0-9]{1,2})-(?P<m>[0-9]{1,2})-(?P<y>[0-9]{4})"),
)


def _date(value: object, of: Shape) -> str:
    written = value.strip() if isinstance(value, str) else ""
    for pattern in (_DAY, *_OTHER_DAYS):
        match = pattern.fullmatch(written)
        if match is None:
            continue
        try:
            return date(int(match["y"]), int(match["m"]), int(match["d"])).isoformat()
        except ValueError:
            break
    raise NotOfType(_("This is no date; write it as 2026-03-14."))


_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "y", "1", "on", "ja"), True),
    **dict.fromkeys(("false", "no", "n", "0", "off", "nein"), False),
}


def _boolean(value: object, of: Shape) -> bool:
    if isinstance(value, bool):
        return value
    found = _BOOLEANS.get(str(value).strip().lower())
    if found is None:
        raise NotOfType(_("This is neither yes nor no."))
    return found


def _option(value: object, of: Shape) -> str:
    found = None
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        found = _choice(str(value), of)
    if found is None:
        raise _not_an_option(value, of)
    return found


def _choice(written: str, of: Shape) -> str | None:
    return written if written in of.options else of.words.get(text.fold(written.strip()))


def _options(value: object, of: Shape) -> list[str]:
    chosen = {_option(each, of) for each in _members(value, of)}
    if not chosen:
        raise NotOfType(_("There is nothing in it."))
    found = [each for each in of.options if each in chosen]
    if len(msgspec.json.encode(found)) > MAX_LIST_BYTES:
        raise NotOfType(_("These are too many at once."))
    return found


def _members(value: object, of: Shape) -> Sequence[object]:
    """What was listed: a list, or text with semicolons, lines or commas between."""
    if isinstance(value, list | tuple):
        return value
    if not isinstance(value, str) or _choice(value, of) is not None:
        return [value]
    for mark in (r"[;\n]", ","):
        parts = [part.strip() for part in re.split(mark, value)]
        if len(parts) > 1:
            return [part for part in parts if part]
    return [value]


def _not_an_option(value: object, of: Shape) -> NotOfType:
    known = ", ".join(list(of.options.values())[:12])
    return NotOfType(
        _("“%(value)s” is none of the options: %(options)s.")
        % {"value": str(value)[:40], "options": known}
    )


def _link(value: object, of: Shape) -> str:
    written = value.strip() if isinstance(value, str) else ""
    if re.match(r"[a-z0-9-]+(\.[a-z0-9-]+)+([:/?#]|$)", written, re.IGNORECASE | re.ASCII):
        written = f"https://{written}"
    if len(written) > MAX_TEXT or web_address.parts(written) is None:
        raise NotOfType(_("This is no web address; write it as https://example.com."))
    return written


def _person(value: object, of: Shape) -> str:
    try:
        return email_address.canonical(value if isinstance(value, str) else "")
    except email_address.NotAnAddress as error:
        raise NotOfType(
            _("Name a colleague by e-mail address: %(reason)s.") % {"reason": reasons.told(error)}
        ) from None


_READERS: Mapping[str, Callable[[object, Shape], Value]] = {
    "text": _text,
    "long_text": _text,
    "number": _number,
    "money": _money,
    "date": _date,
    "boolean": _boolean,
    "option": _option,
    "options": _options,
    "link": _link,
    "person": _person,
}
