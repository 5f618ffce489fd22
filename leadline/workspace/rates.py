"""The dated table of exchange rates, typed or read from a file."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from django.db import connection, transaction

from leadline.lib import exchange_rates, rows
from leadline.lib.exchange_rates import Book, Quote
from leadline.workspace.models import ExchangeRate

OLDEST = timedelta(days=7)
"""How old a rate may be for the day of a closing: banks are shut over long holidays."""
_COLUMNS = ["day", "currency", "against", "rate_parts"]


def put(quotes: Iterable[Quote]) -> int:
    """Store the quotes; one for the same day and pair replaces what stood there. Returns how many
    pairs and days. One statement."""
    found = {
        (each.day.isoformat(), each.currency, each.against): each.rate_parts for each in quotes
    }
    written = [(*key, parts) for key, parts in found.items()]
    with transaction.atomic(), connection.cursor() as cursor:
        rows.upsert(
            cursor, ExchangeRate._meta.db_table, _COLUMNS, written,
            key=["day", "currency", "against"], vendor=connection.vendor,
        )  # fmt: skip
    return len(written)


def remove(number: int) -> Quote | None:
    """Take a quote away; returns it, None when it is gone already."""
    found = ExchangeRate.objects.filter(pk=number).first()
    if found is None:
        return None
    found.delete()
    return _quote(found)


def newest(currencies: Collection[str], *, on: date) -> Book:
    """The newest quotes up to the day of what these currencies are quoted in. One query, none for
    a single currency, which needs no rate."""
    wanted = sorted(set(currencies))
    if len(wanted) < 2:
        return Book(())
    marks = ", ".join(["%s"] * len(wanted))
    # The inner select reads nothing but the index `rate_newest`.
    sql = f"""
        SELECT r.* FROM workspace_exchangerate r JOIN (
            SELECT currency, against, max(day) AS day FROM workspace_exchangerate
            WHERE currency IN ({marks}) AND day <= %s GROUP BY currency, against
        ) AS n ON n.currency = r.currency AND n.against = r.against AND n.day = r.day"""
    return Book(map(_quote, ExchangeRate.objects.raw(sql, [*wanted, on.isoformat()])))


def between(currencies: Collection[str], first: date, last: date) -> Book:
    """The quotes that may count on days from `first` to `last`. One query.

    A quote against a currency helps only where that currency, or one that both are quoted in, is
    asked for, so what the wanted ones are quoted in is all that can count.
    """
    found = ExchangeRate.objects.filter(currency__in=set(currencies))
    return Book(map(_quote, found.filter(day__range=(first - OLDEST, last))))


def listed(*, limit: int) -> Sequence[ExchangeRate]:
    """The newest quotes first."""
    return list(ExchangeRate.objects.order_by("-day", "currency", "against")[:limit])


def _quote(row: ExchangeRate) -> Quote:
    return exchange_rates.Quote(row.day, row.currency, row.against, row.rate_parts)
