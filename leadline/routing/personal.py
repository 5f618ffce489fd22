"""The personal data of routing: notifications name the lead, reasons are what people wrote."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.lib import personal_data
from leadline.routing.models import Assignment, Clock, Follow, Notification


def register() -> None:
    """Declare who erases and exports it; called when the application starts.

    What colleagues were told, and who follows, is not the lead's to have.
    """
    personal_data.register("routing.Notification", holds=("text",), eraser=erase, exporter=None)
    personal_data.register(
        "routing.Assignment", holds=("because",), eraser=erase_reasons, exporter=export_owners
    )
    personal_data.register(
        "routing.Clock", holds=("because", "cancelled_because"), eraser=erase_clocks,
        exporter=export_clocks,
    )  # fmt: skip
    personal_data.register("routing.Follow", holds=("lead",), eraser=erase_follows, exporter=None)


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Delete the notifications about these leads. Rows deleted."""
    return Notification.objects.filter(lead_id__in=lead_ids).delete()[0]


def erase_follows(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Nobody follows who is gone. Rows deleted."""
    return Follow.objects.filter(lead_id__in=lead_ids).delete()[0]


def erase_reasons(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty why somebody gave the leads to whom; what a rule says stays. Rows changed."""
    given = Assignment.objects.filter(lead__in=lead_ids, by__isnull=False)
    return given.exclude(because="").update(because="")


def erase_clocks(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty why clocks ran or were stopped; their times stay. Rows changed."""
    said = Clock.objects.filter(lead__in=lead_ids).exclude(because="", cancelled_because="")
    return said.update(because="", cancelled_because="")


def export_owners(lead_id: UUID) -> Iterable[dict[str, object]]:
    """Who took care of the lead, from when on and why, oldest first."""
    found = Assignment.objects.filter(lead=lead_id).select_related("owner").order_by("at", "pk")
    for row in found:
        owner = str(row.owner) if row.owner else None
        yield {"owner": owner, "because": row.because, "at": row.at.isoformat()}


def export_clocks(lead_id: UUID) -> Iterable[dict[str, object]]:
    """How long the lead waited for an answer and why, oldest first."""
    for row in Clock.objects.filter(lead=lead_id).order_by("started_at", "pk"):
        yield {
            "because": row.because, "cancelled_because": row.cancelled_because,
            "state": row.state, "at": row.started_at.isoformat(),
        }  # fmt: skip
