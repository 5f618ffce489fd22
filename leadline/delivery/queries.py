"""What screens ask about messages."""

import uuid
from collections.abc import Sequence

from django.db.models import Count

from leadline.delivery.models import Message

ATTENTION = (Message.State.FAILED, Message.State.UNKNOWN, Message.State.HELD)


def newest(
    *, state: str | None = None, before: uuid.UUID | None = None, limit: int = 50
) -> list[Message]:
    """Messages, newest first, at most `limit`; `before` is the last id of the page above."""
    messages = Message.objects.all() if state is None else Message.objects.filter(state=state)
    if before is not None:
        messages = messages.filter(id__lt=before)
    return list(messages.order_by("-id")[:limit])


def needing_attention() -> dict[str, int]:
    """How many messages failed, are unknown or held, by state; states without any are missing."""
    # What a push would have said stands in the bell as well.
    looked_at = Message.objects.filter(state__in=ATTENTION).exclude(kind=Message.Kind.PUSH)
    found = looked_at.values("state").order_by("state")
    return {row["state"]: row["count"] for row in found.annotate(count=Count("id"))}


def messages_of(lead_ids: Sequence[uuid.UUID]) -> list[Message]:
    """What was or will be sent about these leads, newest first. One query."""
    return list(Message.objects.filter(lead_id__in=list(lead_ids)).order_by("-id"))
