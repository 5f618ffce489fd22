"""The personal data of messages: to whom, about what, which text."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.delivery.models import Message
from leadline.lib import personal_data

WAITING = (Message.State.PENDING, Message.State.CLAIMED, Message.State.HELD)


def register() -> None:
    """Declare who erases and exports it; called when the application starts."""
    personal_data.register(
        "delivery.Message",
        holds=("to_address", "subject", "text", "reason"),
        eraser=erase,
        exporter=export,
    )
    # A device is known to the colleague who uses it, and says nothing of a lead.
    personal_data.register("delivery.Device", holds=("endpoint",), eraser=None, exporter=None)


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty the messages about these leads; what waits is never sent. Rows changed.

    That something was sent, and when, stays: the audience of a send must still add up.
    """
    about = Message.objects.filter(lead_id__in=lead_ids)
    # A mail server repeats the address when it refuses it.
    changed = about.update(to_address="", subject="", text="", reason="")
    about.filter(state__in=WAITING).update(state=Message.State.SUPPRESSED, reason="erased")
    return changed


def export(lead_id: UUID) -> Iterable[dict[str, object]]:
    """What was sent to the lead or is waiting; messages to our own people are not theirs."""
    found = Message.objects.filter(lead_id=lead_id, kind=Message.Kind.ACKNOWLEDGEMENT)
    for row in found.order_by("created_at"):
        yield {
            "to": row.to_address,
            "subject": row.subject,
            "text": row.text,
            "state": row.state,
            "at": row.created_at.isoformat(),
        }
