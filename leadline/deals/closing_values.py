"""What closed deals are worth in the workspace's currency, at the rate of their closing day."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F, Q

from leadline.deals.models import ClosingValue, Deal
from leadline.lib import exchange_rates, rows
from leadline.lib.money import Money
from leadline.workspace import rates, readers, settings

_COLUMNS = [
    "deal_id", "amount_minor", "currency", "of_minor", "of_currency", "of_day", "rate_day",
]  # fmt: skip
_PORTION = 5_000


def freeze(deal_ids: Sequence[UUID]) -> None:
    """Bring the values of these deals up to date with their state: closed ones get one unless
    they have it, a corrected amount or day gets a new one, reopened ones lose theirs.

    Call in the transaction of the change. Five statements for any number.
    """
    if deal_ids:
        _freeze(Q(pk__in=deal_ids))


def freeze_missing() -> int:
    """Value the closed deals that had no rate so far, or stand in another currency than sums are
    counted in; returns how many got their first value. In portions."""
    before = ClosingValue.objects.count()
    base = settings.current().currency
    _in_portions(Q(closing_value__isnull=True) | ~Q(closing_value__currency=base))
    return ClosingValue.objects.count() - before


def value_again() -> None:
    """Forget all values and make them again: the workspace has another currency."""
    ClosingValue.objects.all().delete()
    _in_portions(Q())


def _in_portions(which: Q) -> None:
    closed = Deal.objects.filter(which, amount_minor__isnull=False).exclude(state=Deal.State.OPEN)
    # By their day, so that a portion asks for the rates of few days.
    keys = list(closed.order_by("closed_at").values_list("pk", flat=True))
    for start in range(0, len(keys), _PORTION):
        freeze(keys[start : start + _PORTION])


def _freeze(which: Q) -> None:
    workspace = settings.current()
    zone = readers.zone(workspace.time_zone)
    with transaction.atomic():
        gone = ClosingValue.objects.filter(deal__in=Deal.objects.filter(which))
        gone.filter(
            Q(deal__state=Deal.State.OPEN)
            | ~Q(of_minor=F("deal__amount_minor"))
            | ~Q(of_currency=F("deal__currency"))
            | Q(deal__amount_minor__isnull=True)
            | ~Q(currency=workspace.currency)
        ).delete()
        found = _closed(which, zone)
        written = list(_values(found, workspace.currency))
        moved = {row[0] for row in found if row[4] not in (None, row[3])}
        ClosingValue.objects.filter(deal__in=moved).delete()
        with connection.cursor() as cursor:
            rows.upsert(
                cursor, ClosingValue._meta.db_table, _COLUMNS, written,
                key=["deal_id"], vendor=connection.vendor,
            )  # fmt: skip


_Closed = tuple[UUID, int, str, date, date | None]
"""(deal, its minor units, currency, closing day, the day that was valued or None)"""


def _closed(which: Q, zone: ZoneInfo) -> list[_Closed]:
    deals = Deal.objects.filter(which, amount_minor__isnull=False).exclude(state=Deal.State.OPEN)
    columns = ("pk", "amount_minor", "currency", "closed_at", "closing_value__of_day")
    found = [
        (key, minor, currency, closed_at.astimezone(zone).date(), valued)
        for key, minor, currency, closed_at, valued in deals.values_list(*columns)
    ]
    return [row for row in found if row[4] != row[3]]


def _values(closed: Sequence[_Closed], base: str) -> Iterator[tuple[object, ...]]:
    if not closed:
        return
    days = [row[3] for row in closed]
    book = rates.between({row[2] for row in closed} | {base}, min(days), max(days))
    for key, minor, currency, day, _ in closed:
        rate = book.rate(currency, base, on=day, oldest=rates.OLDEST)
        if rate is not None:
            value = exchange_rates.convert(Money(minor, currency), rate, base)
            rate_day = rate.day.isoformat() if rate.day else None
            yield (key, value.minor, base, minor, currency, day.isoformat(), rate_day)
