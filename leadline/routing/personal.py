"""The personal data of routing: notifications name the lead they are about."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadline.lib import personal_data
from leadline.routing.models import Follow, Notification


def register() -> None:
    """Declare who erases it; called when the application starts. Their export is the timeline."""
    personal_data.register("routing.Notification", holds=("text",), eraser=erase, exporter=None)
    personal_data.register("routing.Follow", holds=("lead",), eraser=erase_follows, exporter=None)


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Delete the notifications about these leads. Rows deleted."""
    return Notification.objects.filter(lead_id__in=lead_ids).delete()[0]


def erase_follows(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Nobody follows who is gone. Rows deleted."""
    return Follow.objects.filter(lead_id__in=lead_ids).delete()[0]
