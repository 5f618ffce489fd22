"""Putting a lead off until later; each person for themselves."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from leadline.activities.models import Snooze
from leadline.lib.refusal import Phrase, Refused

LONGEST = timedelta(days=366)


class NotASnooze(Refused):
    """A snooze that ends in the past or in more than a year."""


def snooze(lead_id: uuid.UUID, *, user_id: uuid.UUID, until: datetime, now: datetime) -> Snooze:
    """Keep the lead out of this person's Today until then; a second snooze replaces the first.

    It stops no clock: a late answer stays late. Raises NotASnooze.
    """
    if not now < until <= now + LONGEST:
        raise NotASnooze(
            Phrase("%(when)s is not within a year from now", when=f"{until:%F %R} UTC")
        )
    row, _ = Snooze.objects.update_or_create(
        lead_id=lead_id, user_id=user_id, defaults={"until": until}
    )
    return row


def until(lead_id: uuid.UUID, *, user_id: uuid.UUID) -> datetime | None:
    """Until when the person has put the lead off. One query."""
    mine = Snooze.objects.filter(lead=lead_id, user=user_id)
    return mine.values_list("until", flat=True).first()


def wake(lead_ids: Sequence[uuid.UUID], *, user_id: uuid.UUID | None = None) -> int:
    """End the snoozes of these leads (of one person, or of everybody); returns how many.

    Something new happened, or the person pressed Undo.
    """
    snoozes = Snooze.objects.filter(lead_id__in=list(lead_ids))
    if user_id is not None:
        snoozes = snoozes.filter(user_id=user_id)
    return snoozes.delete()[0]
