"""The personal data of activities: what people wrote about a lead."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.activities.models import Activity
from leadline.lib import personal_data


def register() -> None:
    """Declare who erases and exports the texts; called when the application starts."""
    personal_data.register("activities.Activity", holds=("text",), eraser=erase, exporter=export)


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty the texts; that and when somebody called stays, for the reports. Rows changed."""
    return Activity.objects.filter(lead_id__in=lead_ids).exclude(text="").update(text="")


def export(lead_id: UUID) -> Iterable[dict[str, object]]:
    """What was done and written, oldest first."""
    found = Activity.objects.filter(lead_id=lead_id).order_by("began_at")
    for kind, outcome, text, began_at in found.values_list("kind", "outcome", "text", "began_at"):
        yield {"kind": kind, "outcome": outcome, "text": text, "at": began_at.isoformat()}
