"""Static lists: making one, putting leads on it and taking them off, what a lead is on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from leadline.lib import clock, rows, text
from leadline.segments.models import Membership, Segment

LONGEST_NAME = 80
_COLUMNS = ["segment_id", "lead_id", "by_id", "at", "came_with_id"]


class NotAList(ValueError):
    """The list cannot be, or there is none; `reason` is a sentence for people."""

    permanent = True

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def everything() -> list[Segment]:
    """Every list, by name. One query."""
    return sorted(Segment.objects.all(), key=lambda each: each.name.casefold())


def names() -> frozenset[str]:
    """What rules may name. One query."""
    return frozenset(Segment.objects.values_list("name", flat=True))


def get(segment_id: int) -> Segment:
    """The list of this number. Raises NotAList."""
    found = Segment.objects.filter(pk=segment_id).first()
    if found is None:
        raise NotAList(_("This list is not there any more."))
    return found


def named(name: str, *, by: UUID, now: datetime) -> Segment:
    """The list of this name, made when there is none; a second run finds the first. NotAList."""
    clean = " ".join(text.clean(name).split())
    if not 0 < len(clean) <= LONGEST_NAME:
        raise NotAList(_("A list has a name of at most %(n)d characters.") % {"n": LONGEST_NAME})
    with transaction.atomic():
        known = Segment.objects.filter(name__iexact=clean).first()
        if known is not None:
            return known
        with connection.cursor() as cursor:
            # Two people may make it at once; the second finds the row of the first.
            rows.insert_ignore(
                cursor, "segments_segment", ["name", "by_id", "created_at"],
                [(clean, by, clock.micros(now))], vendor=connection.vendor,
            )  # fmt: skip
        return Segment.objects.get(name__iexact=clean)


def add(
    segment_id: int, lead_ids: Collection[UUID], *, by: UUID | None, now: datetime
) -> dict[UUID, int]:
    """Put leads on the list; the number of the membership of each that was not on it.

    Three statements. The caller holds the leads' locks. A second run adds none.
    """
    known = _on(segment_id, lead_ids)
    fresh = [lead_id for lead_id in lead_ids if lead_id not in known]
    at_us = clock.micros(now)
    with connection.cursor() as cursor:
        rows.insert_ignore(
            cursor, "segments_membership", _COLUMNS,
            [(segment_id, lead_id, by, at_us, None) for lead_id in fresh],
            vendor=connection.vendor,
        )  # fmt: skip
    return _on(segment_id, fresh)


def take_off(segment_id: int, lead_ids: Collection[UUID]) -> list[UUID]:
    """Take leads off the list; those that were on it. Two statements."""
    known = _on(segment_id, lead_ids)
    Membership.objects.filter(pk__in=list(known.values())).delete()
    return sorted(known)


def forget(memberships: Mapping[UUID, int]) -> set[UUID]:
    """End exactly these memberships, by lead; the leads of which it still stood. Two statements."""
    standing = Membership.objects.filter(pk__in=list(memberships.values()))
    found = set(standing.values_list("lead", flat=True))
    standing.delete()
    return found


def of_lead(lead_id: UUID) -> list[Membership]:
    """The lists that a lead is on, by name, with who put it there. One query."""
    mine = Membership.objects.filter(lead=lead_id).select_related("segment", "by")
    return list(mine.order_by("segment__name"))


def members(name: str) -> QuerySet[Membership]:
    """The memberships of the list of this name; none for an unknown one."""
    return Membership.objects.filter(segment__name=name)


def sizes() -> dict[int, int]:
    """How many leads each list has, by its number; empty ones are missing. One query."""
    counted = Membership.objects.values("segment").annotate(count=Count("id")).order_by()
    return {row["segment"]: row["count"] for row in counted}


def absorb(pairs: Sequence[tuple[UUID, UUID]]) -> int:
    """After merges of (kept, absorbed): the kept lead is on both's lists; rows added.

    What the absorbed lead was on stays noted, for `part`. Two statements; safe to run twice.
    """
    into = {absorbed: kept for kept, absorbed in pairs}
    theirs = Membership.objects.filter(lead__in=list(into))
    found = []
    for segment, absorbed, by, at in theirs.values_list("segment", "lead", "by", "at"):
        moving = absorbed
        while moving in into:
            found.append((segment, into[moving], by, clock.micros(at), moving))
            moving = into[moving]
    with connection.cursor() as cursor:
        return rows.insert_ignore(
            cursor, "segments_membership", _COLUMNS, found, vendor=connection.vendor
        )


def part(lead_ids: Collection[UUID]) -> int:
    """After a merge of these leads was undone: each is on its own lists again; rows deleted."""
    came = Membership.objects.filter(lead__in=lead_ids, came_with__in=lead_ids)
    return came.delete()[0]


def _on(segment_id: int, lead_ids: Collection[UUID]) -> dict[UUID, int]:
    on_it = Membership.objects.filter(segment=segment_id, lead__in=list(lead_ids))
    return dict(on_it.values_list("lead", "pk"))
