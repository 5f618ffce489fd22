"""What must not be read out of the lake any more: written here, applied by `lake` and `forgetting`.

Needs no Arrow: an erasure writes its tombstone in its own transaction, wherever it runs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from leadline.analytics.models import Tombstone
from leadline.leads.models import Binding
from leadline.leads.stored import as_text
from leadline.lib import clock, rows


@dataclass(frozen=True)
class Gone:
    """Leads (36 characters), bindings and fields of which nothing may be read."""

    lead_ids: frozenset[str] = frozenset()
    binding_ids: frozenset[int] = frozenset()
    fields: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.lead_ids or self.binding_ids or self.fields)


NOBODY = Gone()


def bury(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Let nothing about these leads be read any more; how many are new.

    Joins the caller's transaction. Two statements; a second run adds none.
    """
    bindings: dict[UUID, list[int]] = {lead_id: [] for lead_id in lead_ids}
    mine = Binding.objects.filter(lead_id__in=lead_ids).values_list("lead_id", "pk")
    for lead_id, binding_id in mine.order_by("pk"):
        bindings[lead_id].append(binding_id)
    made = [
        (Tombstone.Kind.LEAD.value, lead_id, as_text(mine), "", clock.micros(now))
        for lead_id, mine in bindings.items()
    ]
    columns = ["kind", "lead_id", "binding_ids", "field", "at"]
    with connection.cursor() as cursor:
        return rows.insert_ignore(
            cursor, "analytics_tombstone", columns, made, vendor=connection.vendor
        )


def hide(field: str, *, now: datetime) -> None:
    """Let no value of this field be read any more, unless a rule asks for it later.

    Joins the caller's transaction.
    """
    Tombstone.objects.create(kind=Tombstone.Kind.FIELD, field=field, at=now)


def pending(generation: int) -> Gone:
    """What the files of this generation of the lake may hold and nobody may read. One query."""
    return _gone(_pending(generation))


def every(generation: int) -> Gone:
    """What this generation must not hold: every lead that was ever erased, and what is pending."""
    return _gone(Q(kind=Tombstone.Kind.LEAD) | _pending(generation))


def leads() -> Gone:
    """Every lead that was ever erased: what is never written again. One query."""
    return _gone(Q(kind=Tombstone.Kind.LEAD))


def forgotten(ids: Iterable[int], *, generation: int) -> int:
    """Note that the files hold nothing of these since `generation`; how many were pending."""
    mine = Tombstone.objects.filter(pk__in=list(ids), forgotten_in=None)
    return mine.update(forgotten_in=generation)


def settle(fields: Iterable[str], *, generation: int) -> int:
    """These fields are read again since `generation`, which was written when a rule asked for them
    or they became facts; how many were hidden."""
    mine = Tombstone.objects.filter(kind=Tombstone.Kind.FIELD, field__in=list(fields))
    return mine.filter(forgotten_in=None).update(forgotten_in=generation)


def waiting() -> list[int]:
    """The tombstones whose subject may still stand in files, by id. One query."""
    return list(Tombstone.objects.filter(forgotten_in=None).values_list("pk", flat=True))


def _pending(generation: int) -> Q:
    return Q(forgotten_in=None) | Q(forgotten_in__gt=generation)


def _gone(which: Q) -> Gone:
    lead_ids: set[str] = set()
    binding_ids: set[int] = set()
    fields: set[str] = set()
    found = Tombstone.objects.filter(which).values_list("lead_id", "binding_ids", "field")
    for lead_id, mine, field in found.iterator(10_000):
        binding_ids.update(mine)
        if lead_id is not None:
            lead_ids.add(str(lead_id))
        if field:
            fields.add(field)
    return Gone(frozenset(lead_ids), frozenset(binding_ids), frozenset(fields))
