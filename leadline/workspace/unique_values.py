"""Values that only one company, or one deal, may have: who holds them, read from their JSON.

Leads have a typed table with an index for this. Companies and deals are few, and only fields that
somebody declared unique are asked for: one query reads the column of all of them, 15 ms for 50,000
(decision 20). Whoever writes such a value holds the lock of `leads.locks.passing()`, so that nobody
else takes it meanwhile.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

Rows = QuerySet[Any, Any]  # rows with `traits`, of companies or of deals
Holders = dict[tuple[str, str], UUID]
"""(name of the field, value) → the row that holds it."""


def holders(rows: Rows, wanted: Mapping[str, Collection[str]], *, prefix: str) -> Holders:
    """Which of the rows hold these values, by name of the field. One query for each field."""
    return {
        (name, value): pk
        for name, values in wanted.items()
        if values
        for value, pk in _read(rows, name.removeprefix(prefix))
        .filter(unique_value__in=list(values))
        .values_list("unique_value", "pk")
    }


def duplicates(rows: Rows, name: str, *, prefix: str) -> int:
    """How many values of the field more than one of the rows holds. One query."""
    held = _read(rows, name.removeprefix(prefix)).exclude(unique_value=None)
    twice = held.values("unique_value").annotate(n=Count("pk")).filter(n__gt=1).order_by()
    return int(twice.count())


def _read(rows: Rows, short: str) -> Rows:
    # The cast makes lookups compare texts: those of a key read "7" as JSON on SQLite, a number.
    held = Cast(KeyTextTransform(short, "traits"), TextField())
    found: Rows = rows.annotate(unique_value=held)
    return found
