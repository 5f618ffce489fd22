"""Whose deals are whose: passing all open ones on at once, and giving back what stayed as it was.

Closed deals stay with the person who closed them.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from leadline.deals.models import Deal


def open_count(owner_id: UUID) -> int:
    """How many open deals a person has. One query."""
    return Deal.objects.filter(owner=owner_id, state=Deal.State.OPEN).count()


def pass_on(owner_id: UUID, *, to: UUID | None, limit: int, now: datetime) -> list[UUID]:
    """Give up to `limit` open deals of a person to another, or to nobody; returns their ids.

    Two statements. Joins the caller's transaction; the rest of the deals on the next call.
    """
    mine = Deal.objects.select_for_update().filter(owner=owner_id, state=Deal.State.OPEN)
    found = list(mine.order_by("id").values_list("id", flat=True)[:limit])
    Deal.objects.filter(id__in=found).update(owner=to, known_at=now)
    return found


def give_back(
    deal_ids: Collection[UUID], *, to: UUID, taken_by: UUID | None, now: datetime
) -> list[UUID]:
    """Return the deals that still belong to `taken_by`; the ids of those. Two statements."""
    same = Deal.objects.select_for_update().filter(id__in=deal_ids, owner=taken_by)
    found = list(same.order_by("id").values_list("id", flat=True))
    Deal.objects.filter(id__in=found).update(owner=to, known_at=now)
    return found
