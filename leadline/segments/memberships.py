"""Memberships as rows: what a pass reads, and what it writes when leads enter and leave."""

from collections.abc import Collection, Iterable
from uuid import UUID

import msgspec
from django.db import connection

from leadline.lib import rows
from leadline.lib.ids import as_uuid
from leadline.segments.models import Segment, SegmentVersion
from leadline.segments.rules import Decision, Written

_MEMBERSHIP = ["segment_id", "lead_id", "by_id", "at", "came_with_id"]
_CHANGE = ["segment_id", "lead_id", "entered", "at", "because", "event_ids"]


class Moved(msgspec.Struct, frozen=True):
    """What was decided about a lead's segments, and when."""

    lead_id: UUID
    decision: Decision
    at_us: int


def of(lead_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """The keys of all segments, static ones too, that these leads are in. One query."""
    found: dict[UUID, set[str]] = {}
    with connection.cursor() as cursor:
        for lead_id, key in rows.select_in(
            cursor,
            "SELECT m.lead_id, s.key FROM segments_membership m"
            " JOIN segments_segment s ON s.id = m.segment_id WHERE m.lead_id {in}",
            lead_ids,
            vendor=connection.vendor,
        ):
            found.setdefault(as_uuid(lead_id), set()).add(key)
    return {lead_id: frozenset(keys) for lead_id, keys in found.items()}


def write(moved: Collection[Moved]) -> None:
    """Leads enter and leave dynamic segments, with a row for each change. Three statements."""
    entered, left, changes = [], [], []
    for each in moved:
        for change in each.decision.changes:
            key = (change.segment_id, each.lead_id)
            if change.entered:
                entered.append((*key, None, each.at_us, None))
            else:
                left.append(key)
            event_ids = msgspec.json.encode(change.event_ids).decode()
            changes.append((*key, change.entered, each.at_us, change.because, event_ids))
    vendor = connection.vendor
    with connection.cursor() as cursor:
        rows.delete_in(
            cursor, "segments_membership", ("segment_id", "lead_id"), left, vendor=vendor
        )
        rows.insert_ignore(cursor, "segments_membership", _MEMBERSHIP, entered, vendor=vendor)
        rows.insert(cursor, "segments_membershipchange", _CHANGE, changes, vendor=vendor)


def note(moved: Iterable[tuple[int, UUID, bool]], *, because: str, at_us: int) -> None:
    """Leads were put on lists or taken off them: (list, lead, entered). One statement."""
    changes = [(segment, lead, entered, at_us, because, "[]") for segment, lead, entered in moved]
    with connection.cursor() as cursor:
        rows.insert(cursor, "segments_membershipchange", _CHANGE, changes, vendor=connection.vendor)


def written() -> list[Written]:
    """The rules in force: the newest version of each dynamic segment. One query."""
    newest: dict[int, Written] = {}
    dynamic = SegmentVersion.objects.filter(segment__kind=Segment.Kind.DYNAMIC)
    for each in dynamic.select_related("segment").order_by("segment", "number"):
        newest[each.segment_id] = Written(each.segment_id, each.segment.key, each.document)
    return list(newest.values())
