"""The personal data of stages: why a person put a lead there, in their own words."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.lib import personal_data
from leadline.lifecycle.models import StageChange, Standing


def register() -> None:
    """Declare who erases and exports it; called when the application starts."""
    personal_data.register(
        "lifecycle.StageChange", holds=("because",), eraser=erase, exporter=export
    )


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty what people wrote; the stages, and what a rule says, stay. Rows changed."""
    written = StageChange.objects.filter(lead__in=lead_ids, set_by=Standing.SetBy.PERSON)
    return written.exclude(because="").update(because="")


def export(lead_id: UUID) -> Iterable[dict[str, object]]:
    """The stages the lead went through, oldest first."""
    found = StageChange.objects.filter(lead=lead_id).order_by("at", "pk")
    for stage, because, at in found.values_list("stage", "because", "at"):
        yield {"stage": stage, "because": because, "at": at.isoformat()}
