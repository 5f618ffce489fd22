"""Sums of deals in one currency, with what they are made of and what could not be counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet, Sum

from leadline.deals.models import Deal
from leadline.lib import exchange_rates
from leadline.lib.exchange_rates import Rate
from leadline.lib.money import Money
from leadline.workspace import rates, readers, settings


@dataclass(frozen=True, slots=True)
class Part:
    """What the deals of one currency bring to a sum; `counted` is None where a rate is missing."""

    own: Money
    count: int
    counted: Money | None
    # Of open amounts the rate used; closed ones have many, each of its own day.
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of deals. What has no rate is named in `missing` and not in `amount`."""

    amount: Money
    parts: Sequence[Part]

    @property
    def missing(self) -> list[Part]:
        return [part for part in self.parts if part.counted is None]

    @property
    def is_approximate(self) -> bool:
        """Whether rates were used."""
        return any(
            part.counted is not None and part.own.currency != self.amount.currency
            for part in self.parts
        )


def of_open(deals: QuerySet[Deal], *, now: datetime) -> Total:
    """The open ones of these deals at the newest rates up to today. Two or three queries."""
    workspace = settings.current()
    base, on = workspace.currency, readers.day_of(workspace, now)
    found = _by_currency(deals.filter(state=Deal.State.OPEN))
    book = rates.newest({currency for currency, _, _ in found} | {base}, on=on)
    parts = []
    for currency, minor, count in found:
        own, rate = Money(minor, currency), book.rate(currency, base, on=on)
        counted = None if rate is None else exchange_rates.convert(own, rate, base)
        parts.append(Part(own, count, counted, rate))
    return _total(base, parts)


def of_won(deals: QuerySet[Deal]) -> Total:
    """The won ones of these deals, each at the rate of its closing day. Four queries."""
    base = settings.current().currency
    won = deals.filter(state=Deal.State.WON)
    valued = won.filter(closing_value__currency=base)
    sums = dict(valued.values_list("currency").annotate(Sum("closing_value__amount_minor")))
    own = _by_currency(valued)
    parts = [Part(Money(m, c), n, Money(sums[c], base)) for c, m, n in own]
    unvalued = won.exclude(closing_value__currency=base)
    parts += [Part(Money(m, c), n, None) for c, m, n in _by_currency(unvalued)]
    return _total(base, parts)


def _by_currency(deals: QuerySet[Deal]) -> list[tuple[str, int, int]]:
    """(currency, minor units, how many), the largest first; deals without an amount are none."""
    grouped = deals.filter(amount_minor__isnull=False).values_list("currency")
    return list(grouped.annotate(Sum("amount_minor"), Count("pk")).order_by("currency"))


def _total(base: str, parts: Sequence[Part]) -> Total:
    counted = [part.counted.minor for part in parts if part.counted is not None]
    return Total(Money(sum(counted), base), parts)
