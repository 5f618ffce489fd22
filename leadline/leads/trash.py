"""The trash: leads that somebody deleted, for 30 days. Rows stay, so everything can come back.

What is in it is absent everywhere because every reader asks `ABSENT` (in SQL) or `absent()`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from leadline.capture import personal as capture
from leadline.leads.models import Binding, Lead, Removal
from leadline.lib import clock, personal_data, rows

KEPT = timedelta(days=30)
MOST_ROWS = 200
_AT_ONCE = 1_000
OPEN = (Removal.State.TRASHED, Removal.State.REMOVED)

ABSENT = (
    "EXISTS (SELECT 1 FROM leads_removal gone WHERE gone.lead_id = {lead}"
    " AND gone.state IN ('trashed', 'removed'))"
)
"""Whether the lead in the column `{lead}` is in the trash or removed; the index answers alone."""


def absent(lead: str = "pk") -> Exists:
    """The same as a condition on rows whose column `lead` names a lead."""
    return Exists(Removal.objects.filter(lead=OuterRef(lead), state__in=OPEN))


def put(lead_ids: Collection[UUID], *, by: UUID | None, now: datetime) -> list[UUID]:
    """Move these leads to the trash; those that were not in it. Merged ones stay where they are.

    The caller holds their locks. Three statements; a second run moves none.
    """
    there = Lead.objects.filter(pk__in=lead_ids, merged_into=None).exclude(absent())
    moved = sorted(there.values_list("pk", flat=True))
    at_us = clock.micros(now)
    with connection.cursor() as cursor:
        rows.insert_ignore(
            cursor,
            "leads_removal",
            ["lead_id", "state", "by_id", "at"],
            [(lead_id, Removal.State.TRASHED.value, by, at_us) for lead_id in moved],
            vendor=connection.vendor,
        )
    _grow(moved, now=now)
    return moved


def take_out(lead_ids: Collection[UUID], *, now: datetime) -> list[UUID]:
    """Restore those of the leads that are in the trash; a second run restores none."""
    found = Removal.objects.filter(lead__in=lead_ids, state=Removal.State.TRASHED)
    restored = sorted(found.values_list("lead", flat=True))
    found.update(state=Removal.State.RESTORED, ended_at=now)
    _grow(restored, now=now)
    return restored


def absorb(pairs: Sequence[tuple[UUID, UUID]], *, now: datetime) -> list[UUID]:
    """After merges of (kept, absorbed): a person who is here by either lead is not in the trash.

    Both in the trash: one lead is, the kept one. Returns the kept leads that came out.
    """
    named = [lead_id for pair in pairs for lead_id in pair]
    found = Removal.objects.filter(lead__in=named, state=Removal.State.TRASHED)
    trashed = set(found.values_list("lead", flat=True))
    if not trashed:
        return []
    back = [kept for kept, absorbed in pairs if kept in trashed and absorbed not in trashed]
    take_out([*back, *(absorbed for _, absorbed in pairs)], now=now)
    return back


def newest(*, before: int | None = None, limit: int = 50) -> list[Removal]:
    """What lies in the trash with who put it there, the newest first. One query."""
    found = Removal.objects.filter(state=Removal.State.TRASHED).select_related("lead", "by")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-id")[:limit])


def expired(*, now: datetime, limit: int = MOST_ROWS) -> list[UUID]:
    """Leads that have lain in the trash for 30 days, the longest first. One query."""
    old = Removal.objects.filter(state=Removal.State.TRASHED, at__lte=now - KEPT)
    return list(old.order_by("at", "id").values_list("lead", flat=True)[:limit])


def remove(lead_ids: Collection[UUID], *, now: datetime) -> int:
    """Empty what these leads of the trash say about a person, for good; how many were removed.

    Distinct from an erasure: consents and refusals stay under their address, so that somebody who
    said no is not written to again, and nothing keeps the person from becoming a lead anew. Rows
    stay without a word about anybody, so that history adds up. A second run removes none.
    """
    mine = Removal.objects.filter(lead__in=lead_ids, state=Removal.State.TRASHED)
    everyone = with_absorbed(list(mine.values_list("lead", flat=True)))
    if not everyone:
        return 0
    for holder in personal_data.registered():
        if holder.eraser is not None and holder.model_label != "leads.Binding":
            holder.eraser(everyone, now=now)
    _let_go(everyone, now=now)
    return mine.update(state=Removal.State.REMOVED, ended_at=now)


def names(lead_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The addresses and numbers of each lead, as screens name who has no name. One query."""
    mine = Binding.objects.filter(lead__in=lead_ids, closed_at=None, kind__in=["email", "phone"])
    found: dict[UUID, list[str]] = {}
    for lead_id, value in mine.order_by("kind", "id").values_list("lead", "value"):
        found.setdefault(lead_id, []).append(value)
    return found


def returned(gone_us: Mapping[UUID, int]) -> list[UUID]:
    """Which of the leads that were removed for good at these instants are here all the same.

    Those that were taken out of the trash since stay: they never went. One query for 1,000.
    """
    found: list[UUID] = []
    asked = sorted(gone_us)
    for start in range(0, len(asked), _AT_ONCE):
        there = Lead.objects.filter(pk__in=asked[start : start + _AT_ONCE], merged_into=None)
        removed = Removal.objects.filter(lead=OuterRef("pk"), state=Removal.State.REMOVED)
        back = Removal.objects.filter(lead=OuterRef("pk"), state=Removal.State.RESTORED)
        last = back.order_by("-ended_at").values("ended_at")[:1]
        here = there.exclude(Exists(removed)).annotate(back_at=Subquery(last))
        for lead_id, back_at in here.order_by("pk").values_list("pk", "back_at"):
            if back_at is None or clock.micros(back_at) <= gone_us[lead_id]:
                found.append(lead_id)
    return found


def with_absorbed(lead_ids: list[UUID]) -> list[UUID]:
    """These leads and all that became part of them, one merge after another."""
    found, newest_ids = list(lead_ids), lead_ids
    while newest_ids:
        inner = Lead.objects.filter(merged_into__in=newest_ids)
        newest_ids = list(inner.values_list("pk", flat=True))
        found += newest_ids
    return found


def _let_go(lead_ids: list[UUID], *, now: datetime) -> None:
    """Close and empty the identifiers: whoever has one of them is somebody new."""
    mine = Binding.objects.filter(lead__in=lead_ids)
    written = mine.filter(kind__in=["email", "phone"]).values_list("value", flat=True)
    capture.erase_mentions(list(written))
    mine.filter(closed_at__isnull=True).update(closed_at=now)
    nameless = Concat(Value("removed:"), Cast("pk", CharField()), output_field=CharField())
    mine.update(value=nameless, said=[])


def _grow(lead_ids: Collection[UUID], *, now: datetime) -> None:
    """A change like any other: who holds an older version is told."""
    Lead.objects.filter(pk__in=lead_ids).update(version=F("version") + 1, updated_at=now)


def present() -> QuerySet[Lead]:
    """The leads that are neither merged away nor absent."""
    return Lead.objects.filter(merged_into=None).exclude(absent())
