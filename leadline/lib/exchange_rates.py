"""Exchange rates as others write them, and what an amount is worth in another currency.

A quote says: on `day` one unit of `against` cost `rate` units of `currency` (the European Central
Bank's way: 1 EUR = 1.0567 USD). Amounts are converted with fractions and rounded once, half up.
"""

import csv
import io
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from xml.etree import ElementTree

from leadline.lib import money
from leadline.lib.money import Money
from leadline.lib.refusal import Phrase, Refused, shown

SCALE = 10**12
"""Rates are kept as whole 10⁻¹² parts."""
MAX_RATE = 9_000_000
_MOST = 400_000
_CODE = re.compile(r"[A-Z]{3}")
_Reader = Callable[[Sequence[str]], list["Quote"]]
_DAYS = ("%Y-%m-%d", "%d %B %Y", "%d.%m.%Y")


class NotRates(Refused):
    """A text that holds no rates; `line` counts from 1, 0 for the whole. Says what was found."""

    def __init__(self, line: int, because: Phrase) -> None:
        super().__init__(because)
        self.line = line


@dataclass(frozen=True, slots=True)
class Quote:
    """One unit of `against` costs `rate_parts` / 10¹² units of `currency` on the day."""

    day: date
    currency: str
    against: str
    rate_parts: int

    @property
    def rate(self) -> Fraction:
        return Fraction(self.rate_parts, SCALE)


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency is worth in another, and the day of the oldest quote used."""

    value: Fraction
    day: date | None

    @property
    def shown(self) -> str:
        """The value with six significant digits."""
        return f"{Decimal(f'{float(self.value):.6g}'):f}"


SAME = Rate(Fraction(1), None)


class Book:
    """Quotes to look things up in; the newest on or before a day counts."""

    def __init__(self, quotes: Iterable[Quote]) -> None:
        self._of: dict[tuple[str, str], list[Quote]] = {}
        for quote in sorted(quotes, key=lambda each: each.day):
            self._of.setdefault((quote.currency, quote.against), []).append(quote)

    def rate(
        self, currency: str, to: str, *, on: date, oldest: timedelta | None = None
    ) -> Rate | None:
        """What a unit of `currency` is worth in `to` on the day; None where nobody said.

        A quote of the two, either way round, else through the currency that both are quoted
        against. Of several ways the one with the freshest quotes. Older than `oldest` is nothing.
        """
        if currency == to:
            return SAME
        found = [rate for rate in self._ways(currency, to, on) if rate is not None]
        if oldest is not None:
            found = [rate for rate in found if rate.day and on - rate.day <= oldest]
        return max(found, key=lambda rate: rate.day or on, default=None)

    def _ways(self, currency: str, to: str, on: date) -> Iterator[Rate | None]:
        if quote := self._last((currency, to), on):
            yield Rate(1 / quote.rate, quote.day)
        if quote := self._last((to, currency), on):
            yield Rate(quote.rate, quote.day)
        for each, between in self._of:
            if each == currency and (to, between) in self._of:
                ours, theirs = self._last((currency, between), on), self._last((to, between), on)
                if ours and theirs:
                    yield Rate(theirs.rate / ours.rate, min(ours.day, theirs.day))

    def _last(self, pair: tuple[str, str], on: date) -> Quote | None:
        quotes = self._of.get(pair, [])
        position = bisect_right(quotes, on, key=lambda each: each.day)
        return quotes[position - 1] if position else None


def convert(amount: Money, rate: Rate, to: str) -> Money:
    """The amount in `to`, rounded half up to its minor unit (away from zero)."""
    shift = Fraction(10) ** (money.decimals(to) - money.decimals(amount.currency))
    exact = abs(amount.minor) * rate.value * shift
    minor = (exact.numerator * 2 + exact.denominator) // (exact.denominator * 2)
    return Money(-minor if amount.minor < 0 else minor, to)


# Reading


def quote(day: date, currency: str, against: str, rate: Decimal) -> Quote:
    """A checked quote. Raises NotRates."""
    for code in (currency, against):
        if _CODE.fullmatch(code) is None:
            raise NotRates(
                0,
                Phrase(
                    "“%(written)s” is not a currency: write three letters, such as USD",
                    written=shown(code),
                ),
            )
    if currency == against:
        raise NotRates(
            0, Phrase("a rate of %(currency)s against itself is always 1", currency=currency)
        )
    if not rate.is_finite() or not 0 < rate <= MAX_RATE or round(rate * SCALE) == 0:
        raise NotRates(
            0, Phrase("%(rate)s is not a rate: write a number above 0", rate=str(rate)[:20])
        )
    return Quote(day, currency, against, round(rate * SCALE))


def read(written: str, *, against: str) -> list[Quote]:
    """Quotes from a file of the European Central Bank (CSV or XML; against the euro) or from a
    table with the columns day, currency, rate (against `against`). Raises NotRates."""
    head = written.lstrip("\ufeff \r\n\t")
    if head.startswith("<"):
        return _read_xml(head)
    lines = [
        line for line in csv.reader(io.StringIO(head), delimiter=_delimiter(head)) if any(line)
    ]
    if not lines:
        raise NotRates(0, Phrase("the file is empty"))
    names = [cell.strip().casefold() for cell in lines[0]]
    if names[:3] == ["day", "currency", "rate"]:
        return _any(_numbered(lines[1:], lambda line: [_of_table(line, against)]))
    if names[0] == "date" and all(
        _CODE.fullmatch(cell.strip()) for cell in lines[0][1:] if cell.strip()
    ):
        codes = [cell.strip() for cell in lines[0][1:]]
        return _any(_numbered(lines[1:], lambda line: _of_bank(line, codes)))
    raise NotRates(
        1,
        Phrase(
            "the first line names no columns that are known: write day, currency, rate, or take a"
            " file of the European Central Bank"
        ),
    )


def _any(found: Iterable[Quote]) -> list[Quote]:
    quotes = list(found)
    if not quotes:
        raise NotRates(0, Phrase("the file holds no rates"))
    return quotes


def _delimiter(head: str) -> str:
    return max(",;\t", key=head.partition("\n")[0].count)


def _numbered(lines: Sequence[Sequence[str]], each: _Reader) -> Iterator[Quote]:
    if len(lines) > _MOST:
        raise NotRates(0, Phrase("the file has more than %(limit)s lines", limit=_MOST))
    for number, line in enumerate(lines, start=2):
        try:
            yield from each(line)
        except NotRates as refusal:
            raise NotRates(number, refusal.because) from None


def _of_table(line: Sequence[str], against: str) -> Quote:
    if len(line) < 3:
        raise NotRates(0, Phrase("a line needs a day, a currency and a rate"))
    return quote(_day(line[0]), line[1].strip().upper(), against, _number(line[2]))


def _of_bank(line: Sequence[str], codes: Sequence[str]) -> list[Quote]:
    day = _day(line[0])
    pairs = zip(codes, (cell.strip() for cell in line[1:]), strict=False)
    return [quote(day, code, "EUR", _number(cell)) for code, cell in pairs if code and _said(cell)]


def _read_xml(written: str) -> list[Quote]:
    if "<!DOCTYPE" in written or "<!ENTITY" in written:
        raise NotRates(0, Phrase("the file declares a document type, which no file of rates needs"))
    try:
        root = ElementTree.fromstring(written)  # noqa: S314  # without entities, see above
    except ElementTree.ParseError as error:
        raise NotRates(error.position[0], Phrase("the file is not well-formed XML")) from None
    found = [
        quote(_day(by_day.get("time", "")), each.get("currency", ""), "EUR",
              _number(each.get("rate", "")))
        for by_day in root.iter()
        if by_day.get("time")
        for each in by_day
    ]  # fmt: skip
    return _any(found)


def _said(cell: str) -> bool:
    return cell not in ("", "N/A")


def _day(written: str) -> date:
    for pattern in _DAYS:
        try:
            return datetime.strptime(written.strip(), pattern).date()  # noqa: DTZ007  # a day
        except ValueError:
            continue
    raise NotRates(
        0,
        Phrase(
            "“%(written)s” is not a day: write it as 2026-03-31", written=shown(written.strip())
        ),
    )


def _number(written: str) -> Decimal:
    plain = written.strip().replace("\u202f", "").replace(" ", "")
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        return Decimal(plain)
    except InvalidOperation:
        raise NotRates(
            0, Phrase("“%(written)s” is not a number", written=shown(written.strip()))
        ) from None
