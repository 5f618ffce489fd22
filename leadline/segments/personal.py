"""The personal data of segments: that somebody is on a list."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.lib import personal_data
from leadline.segments.models import Membership


def register() -> None:
    """Declare who erases and exports memberships; called when the application starts."""
    personal_data.register("segments.Membership", holds=("lead",), eraser=erase, exporter=export)


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Take the leads off every list. Rows deleted."""
    return Membership.objects.filter(lead__in=lead_ids).delete()[0]


def export(lead_id: UUID) -> Iterable[dict[str, object]]:
    """The lists that the lead is on, by name."""
    mine = Membership.objects.filter(lead=lead_id).order_by("segment__name")
    for name, at in mine.values_list("segment__name", "at"):
        yield {"list": name, "at": at.isoformat()}
