"""Segments with a rule: what it said from when on, and how far each version is filled."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery

from leadline.criteria import canonical
from leadline.criteria.nodes import Node
from leadline.leads import trash
from leadline.segments import lists
from leadline.segments.models import Segment, SegmentVersion
from leadline.workspace import jobs

FILL = "segments.fill"
"""The job that looks at every lead under a new version."""


def make(name: str, *, by: UUID | None, now: datetime, key: str = "") -> Segment:
    """A segment without a rule yet. Raises NotAList for a name that cannot be or is taken."""
    clean = lists.cleaned(name)
    if lists.called(clean) is not None or not lists.make(
        clean, Segment.Kind.DYNAMIC, by=by, now=now, key=key
    ):
        raise lists.taken()
    return Segment.objects.get(name=clean)


def write(segment: Segment, node: Node, *, by: UUID | None, now: datetime) -> SegmentVersion | None:
    """The next version, with the job that fills it; None when the rule says what it said.

    The caller holds the segment, and tells every process to read the rules again.
    """
    digest = canonical.digest(node)
    newest = SegmentVersion.objects.filter(segment=segment).order_by("-number").first()
    if newest is not None and newest.digest == digest:
        return None
    Segment.objects.filter(pk=segment.pk).update(changed_at=now)
    lead_count = trash.present().count()
    made = SegmentVersion.objects.create(
        segment=segment,
        number=1 if newest is None else newest.number + 1,
        document=canonical.canonical(node),
        digest=digest,
        by_id=by,
        effective_at=now,
        lead_count=lead_count,
        filled_at=None if lead_count else now,
    )
    if lead_count:
        jobs.enqueue(FILL, {"version": made.pk}, now=now, unique_key=f"{FILL}:{made.pk}")
    return made


def newest(segment_ids: Collection[int] | None = None) -> dict[int, SegmentVersion]:
    """The version in force of each dynamic segment, by its number. One query."""
    found = SegmentVersion.objects.filter(pk=_newest_ids())
    if segment_ids is not None:
        found = found.filter(segment__in=segment_ids)
    return {each.segment_id: each for each in found}


def is_being_filled() -> bool:
    """Is there a segment for which not every lead was looked at yet? One query."""
    return SegmentVersion.objects.filter(filled_at=None, pk=_newest_ids()).exists()


def documents() -> Mapping[str, object]:
    """The rules in force by the keys of their segments. One query."""
    found = SegmentVersion.objects.order_by("number").values_list("segment__key", "document")
    return dict(found)


def to_fill(version_id: int) -> SegmentVersion | None:
    """The version unless it is filled, or a newer one has taken its place."""
    found = SegmentVersion.objects.filter(pk=version_id, filled_at=None).first()
    if found is None or newest([found.segment_id])[found.segment_id].pk != found.pk:
        return None
    return found


def advance(version_id: int, *, to: UUID, by: int) -> None:
    """So many leads more were looked at, the last of which is `to`."""
    found = SegmentVersion.objects.get(pk=version_id)
    SegmentVersion.objects.filter(pk=version_id).update(cursor=to, done_count=found.done_count + by)


def finish(version_id: int, *, now: datetime) -> None:
    """All leads were looked at."""
    SegmentVersion.objects.filter(pk=version_id, filled_at=None).update(filled_at=now)


def _newest_ids() -> Subquery:
    """Of each version, which one of its segment is in force."""
    of_segment = SegmentVersion.objects.filter(segment=OuterRef("segment")).order_by("-number")
    return Subquery(of_segment.values("pk")[:1])
