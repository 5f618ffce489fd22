"""The personal data of events: what was sent with them, and where somebody came from."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.capture import personal as capture
from leadline.lib import personal_data
from leadline.timeline.models import Event, Touch


def register() -> None:
    """Declare who erases and exports it; called when the application starts."""
    personal_data.register(
        "timeline.Event",
        holds=("properties", "raw", "message_id"),
        eraser=erase_events,
        exporter=export_events,
    )
    personal_data.register(
        "timeline.Touch",
        holds=("referrer", "landing_page", "click_id"),
        eraser=erase_touches,
        exporter=export_touches,
    )


def erase_events(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty what was sent, also the post of a form as it came; that something of this name happened
    stays. Rows changed."""
    mine = Event.objects.filter(binding__lead_id__in=lead_ids)
    posts = mine.filter(kind=Event.Kind.FORM).exclude(message_id="")
    capture.erase_posts(list(posts.values_list("message_id", flat=True)))
    return mine.update(properties="{}", raw="{}", message_id="")


def erase_touches(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty what can lead back to a person; source and campaign stay. Rows changed."""
    return Touch.objects.filter(binding__lead_id__in=lead_ids).update(
        referrer="", landing_page="", click_id=""
    )


def export_events(lead_id: UUID) -> Iterable[dict[str, object]]:
    """Everything that happened, as it was sent, oldest first."""
    found = Event.objects.filter(binding__lead_id=lead_id).order_by("occurred_at", "pk")
    for name, raw, occurred_at in found.values_list("name", "raw", "occurred_at").iterator():
        yield {"name": name, "sent": raw, "at": occurred_at.isoformat()}


def export_touches(lead_id: UUID) -> Iterable[dict[str, object]]:
    """Where they came from, each time, oldest first."""
    found = Touch.objects.filter(binding__lead_id=lead_id).order_by("occurred_at", "pk")
    columns = ("source", "medium", "campaign", "channel", "referrer", "landing_page", "click_id")
    for *values, occurred_at in found.values_list(*columns, "occurred_at"):
        yield {**dict(zip(columns, values, strict=True)), "at": occurred_at.isoformat()}
