"""Who wants to hear of what happens to a lead, without answering for it."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection

from leadline.leads import merging
from leadline.lib import clock, rows
from leadline.routing.models import Follow


def follow(lead_id: uuid.UUID, *, user_id: uuid.UUID, now: datetime) -> None:
    """Tell the person of what happens from now on. Safe to run twice."""
    Follow.objects.get_or_create(lead_id=lead_id, user_id=user_id, defaults={"since": now})


def unfollow(lead_id: uuid.UUID, *, user_id: uuid.UUID) -> None:
    """Tell them no more. Safe to run twice."""
    Follow.objects.filter(lead_id=lead_id, user_id=user_id).delete()


def is_following(lead_id: uuid.UUID, *, user_id: uuid.UUID) -> bool:
    return Follow.objects.filter(lead_id=lead_id, user_id=user_id).exists()


def followers(lead_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[uuid.UUID]]:
    """Lead → active people who follow it; leads that nobody follows are missing. One query."""
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    wanted = Follow.objects.filter(lead_id__in=list(lead_ids), user__is_active=True)
    for lead_id, user_id in wanted.order_by("pk").values_list("lead_id", "user_id"):
        found.setdefault(lead_id, []).append(user_id)
    return found


def absorb(pairs: Sequence[tuple[uuid.UUID, uuid.UUID]], *, now: datetime) -> int:
    """After merges of (kept, absorbed) who followed the absorbed follows the kept, and whatever
    that was merged into in the same pass; how many.

    The rows of the absorbed stay: should the merge be undone, both are followed as before.
    """
    became = merging.chains(pairs)
    old = Follow.objects.filter(lead_id__in=list(became)).values_list("lead_id", "user_id")
    new = [
        (kept, user_id, clock.micros(now)) for lead_id, user_id in old for kept in became[lead_id]
    ]
    with connection.cursor() as cursor:
        return rows.insert_ignore(
            cursor, "routing_follow", ("lead_id", "user_id", "since"), new,
            vendor=connection.vendor,
        )  # fmt: skip
