"""What may be counted of segments and lists: which there are, who entered and left, and when."""

from collections.abc import Iterable

from leadline.lib import facts
from leadline.lib.facts import Column, Table
from leadline.segments.models import SegmentVersion

SEGMENTS = Table(
    name="segments",
    grain="one segment or list that there is",
    kind="snapshot",
    source="segments_segment s",
    key="s.id",
    columns=(
        Column("segment_key", "string", "s.key", "what rules call it"),
        Column("created_us", "int64", "s.created_at", "since when"),
    ),
)

MEMBERSHIP_CHANGES = Table(
    name="membership_changes",
    grain="one lead entered or left one segment or list",
    kind="append",
    source="segments_membershipchange c JOIN segments_segment s ON s.id = c.segment_id",
    key="c.id",
    month="at_us",
    columns=(
        Column("id", "int64", "c.id", "in the order in which they were stored"),
        Column("segment_key", "string", "s.key", "what rules call the segment"),
        Column("lead_id", "uuid", "c.lead_id", "who"),
        Column("entered", "bool", "c.entered", "entered, or left"),
        Column("at_us", "int64", "c.at", "when"),
    ),
)


def register() -> None:
    """Declare it; called when the application starts."""
    facts.register(SEGMENTS, MEMBERSHIP_CHANGES)
    facts.register_documents("segments", _documents)


def _documents() -> Iterable[object]:
    return SegmentVersion.objects.values_list("document", flat=True)
