"""Money as whole minor units (cents) and an ISO 4217 currency; never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal

from leadline.lib.refusal import Phrase, Refused

MAX_MINOR = 2**53

_ZERO = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
_THREE = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_SIGNS = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "₽": "RUB",
    "₺": "TRY",
    "₪": "ILS",
    "₫": "VND",
    "₴": "UAH",
    "zł": "PLN",
    "R$": "BRL",
    "CHF": "CHF",
    "Fr.": "CHF",
    "kr": "SEK",
}
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
_KRONER = frozenset({"SEK", "NOK", "DKK", "ISK"})

_CODE = re.compile(r"[A-Z]{3}")
_SIGN = re.compile("|".join(re.escape(s) for s in sorted(_SIGNS, key=len, reverse=True)))
_AMOUNT = re.compile(r"[0-9]+(?:[.,' \u00a0\u202f][0-9]+)*")


class NotMoney(Refused):
    """A text or number that names no amount."""

    def __init__(self, found: object, because: Phrase) -> None:
        message = f"{str(found)[:40]!r} is not an amount of money: {because}."
        super().__init__(because, message=message)


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units of `currency`: Money(1999, "EUR") is 19.99 euros, Money(500, "JPY") 500 yen."""

    minor: int
    currency: str


def decimals(currency: str) -> int:
    """Digits of the minor unit: 2, but none for the yen and 3 for the Kuwaiti dinar."""
    return 0 if currency in _ZERO else 3 if currency in _THREE else 2


def parse(written: str | int | float | Decimal, currency: str) -> Money:
    """The amount in `currency`, rounded half up to its minor unit.

    Text may carry a sign of that currency, a minus or brackets for negatives, and grouping. The
    last of two different marks is the decimal one (`1.234,56`, `1,234.56`). A mark that occurs
    once with exactly three digits behind groups thousands (`1.234` is 1234), except for a
    leading zero (`0.125`) or a currency with three decimals. Raises NotMoney for anything else,
    also for another currency's sign and for more than 2⁵³ minor units.
    """
    code = currency.strip().upper() if isinstance(currency, str) else ""
    if _CODE.fullmatch(code) is None:
        raise NotMoney(currency, Phrase("the currency must be three letters, for example EUR"))
    if isinstance(written, bool) or not isinstance(written, str | int | float | Decimal):
        raise NotMoney(written, Phrase("it is neither a text nor a number"))
    amount = _amount(written, code) if isinstance(written, str) else Decimal(str(written))
    if not amount.is_finite():
        raise NotMoney(written, Phrase("it is not finite"))
    if abs(amount.adjusted()) > 20:
        if amount.adjusted() > 20:
            raise NotMoney(written, Phrase("it is too large"))
        return Money(0, code)
    minor = int((amount.scaleb(decimals(code))).to_integral_value("ROUND_HALF_UP"))
    if abs(minor) > MAX_MINOR:
        raise NotMoney(written, Phrase("it is too large"))
    return Money(minor, code)


def format(money: Money) -> str:
    """`EUR 1,234.50`: the code, grouped thousands, the currency's own number of decimals."""
    places = decimals(money.currency)
    amount = Decimal(money.minor).scaleb(-places)
    return f"{money.currency} {amount:,.{places}f}"


def _amount(written: str, currency: str) -> Decimal:
    rest = written.strip().replace("−", "-")
    if len(rest) > 60:
        raise NotMoney(written, Phrase("it is too long"))
    in_brackets = rest.startswith("(") and rest.endswith(")")
    rest = _without_sign(rest[1:-1] if in_brackets else rest, currency, written).strip()
    number = rest.removeprefix("-").strip()
    if _AMOUNT.fullmatch(number) is None:
        raise NotMoney(written, Phrase("it is not written as a number"))
    amount = Decimal(_plain(number, currency, written))
    return -amount if in_brackets or rest.startswith("-") else amount


def _without_sign(rest: str, currency: str, written: str) -> str:
    without_code = re.sub(currency, "", rest, count=1, flags=re.IGNORECASE)
    match = _SIGN.search(without_code)
    if match is None or without_code != rest:
        return without_code
    meant = {_SIGNS[match[0]]}
    meant |= _DOLLARS if match[0] == "$" else _KRONER if match[0] == "kr" else set()
    meant |= {"CNY"} if match[0] == "¥" else set()
    if currency not in meant:
        raise NotMoney(written, Phrase("its sign is not that of %(currency)s", currency=currency))
    return rest[: match.start()] + rest[match.end() :]


def _plain(number: str, currency: str, written: str) -> str:
    """The number with a point for its decimals and nothing for its groups."""
    marks = re.findall(r"[^0-9]", number)
    if not marks:
        return number
    last = marks[-1]
    whole, _, tail = number.rpartition(last)
    is_decimal = last in ".," and marks.count(last) == 1
    if is_decimal and len(tail) == 3 and len(set(marks)) == 1:
        is_decimal = whole in ("0", "") or decimals(currency) == 3
    if not is_decimal:
        whole, tail = number, ""
    groups = re.split(r"[^0-9]", whole)
    if any(len(group) != 3 for group in groups[1:]) or (len(groups) > 1 and len(groups[0]) > 3):
        raise NotMoney(written, Phrase("its groups of digits are not thousands"))
    return "".join(groups) + (f".{tail}" if tail else "")
