"""The personal data of segments: that somebody is in one, came and went, and why."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.lib import personal_data
from leadline.segments.models import Membership, MembershipChange


def register() -> None:
    """Declare who erases and exports memberships; called when the application starts."""
    personal_data.register("segments.Membership", holds=("lead",), eraser=erase, exporter=export)
    personal_data.register(
        "segments.MembershipChange",
        holds=("lead", "because", "event_ids"),
        eraser=erase_changes,
        exporter=export_changes,
    )


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Take the leads off every list. Rows deleted."""
    return Membership.objects.filter(lead__in=lead_ids).delete()[0]


def export(lead_id: UUID) -> Iterable[dict[str, object]]:
    """The lists that the lead is on, by name."""
    mine = Membership.objects.filter(lead=lead_id).order_by("segment__name")
    for name, at in mine.values_list("segment__name", "at"):
        yield {"list": name, "at": at.isoformat()}


def erase_changes(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Forget which segments the leads entered and left. Rows deleted."""
    return MembershipChange.objects.filter(lead__in=lead_ids).delete()[0]


def export_changes(lead_id: UUID) -> Iterable[dict[str, object]]:
    """Which segments the lead entered and left, when and why, in order."""
    mine = MembershipChange.objects.filter(lead=lead_id).order_by("at", "id")
    for name, entered, at, because in mine.values_list("segment__name", "entered", "at", "because"):
        what = "entered" if entered else "left"
        yield {"segment": name, "what": what, "at": at.isoformat(), "because": because}
