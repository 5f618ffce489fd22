"""Deleting and restoring leads, and what becomes of them in between."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _noop

from leadline.delivery import outbox
from leadline.flow import reactions, removals, story
from leadline.leads import locks, trash
from leadline.lib import clock
from leadline.workspace.models import User

MOVED = "Moved To Trash"
RESTORED = "Restored From Trash"


def move(lead_ids: Collection[UUID], *, by: User, now: datetime) -> list[UUID]:
    """Move leads to the trash; those that were not in it. They leave every list at once.

    Messages about them that still wait are dropped; their clocks run on unseen, so that a lead
    that is restored has waited as long as it has.
    """
    with transaction.atomic():
        locks.passing()
        locks.hold(lead_ids)
        moved = trash.put(lead_ids, by=by.pk, now=now)
        outbox.drop(moved, because=_noop("The lead was moved to the trash."))
        story.tell(moved, MOVED, {}, by=by, now_us=clock.micros(now))
        reactions.look_again(moved, now=now)
    return moved


def restore(lead_ids: Collection[UUID], *, by: User, now: datetime) -> list[UUID]:
    """Bring leads back as they were, with their whole story; those that were in the trash."""
    with transaction.atomic():
        locks.passing()
        locks.hold(lead_ids)
        restored = trash.take_out(lead_ids, now=now)
        reactions.leave_the_gone(restored, now=now)
        story.tell(restored, RESTORED, {}, by=by, now_us=clock.micros(now))
        reactions.look_again(restored, now=now)
    return restored


def empty(*, now: datetime) -> int:
    """Remove for good what has lain in the trash for 30 days; how many. Safe to run twice.

    Raises OSError when it cannot be noted for a restore; then nothing more is removed.
    """
    count = 0
    while lead_ids := trash.expired(now=now):
        with transaction.atomic():
            locks.passing()
            locks.hold(lead_ids)
            count += removals.remove(lead_ids, now=now)
    return count
