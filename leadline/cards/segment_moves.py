"""Who entered and left segments lately, among the leads that somebody may see."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db.models import Count, Q, QuerySet

from leadline.cards import visibility
from leadline.cards.models import Card
from leadline.segments.models import MembershipChange
from leadline.workspace.models import Role, User
from leadline.workspace.permissions import SEES

LATELY = timedelta(days=30)
"""What counts as lately."""
MOST = 100
"""So many are shown."""


class Moves(msgspec.Struct, frozen=True):
    """How many entered and left one segment lately."""

    entered: int = 0
    left: int = 0


def lately(user: User, *, now: datetime) -> dict[int, Moves]:
    """By the number of the segment; those in which nobody moved are missing. One query."""
    counted = (
        _seen(user)
        .filter(at__gte=now - LATELY)
        .values("segment")
        .annotate(inward=Count("pk", filter=Q(entered=True)), total=Count("pk"))
        .order_by()
    )
    return {row["segment"]: Moves(row["inward"], row["total"] - row["inward"]) for row in counted}


def newest(
    segment_id: int, user: User, *, now: datetime, entered: bool | None = None
) -> list[MembershipChange]:
    """The last hundred of the last 30 days, newest first, with their leads. Two queries."""
    found = _seen(user).filter(segment=segment_id, at__gte=now - LATELY)
    if entered is not None:
        found = found.filter(entered=entered)
    return list(found.order_by("-at", "-id")[:MOST])


def seen_among(lead_ids: Collection[UUID], user: User) -> set[UUID]:
    """Which of the leads the user may see; whoever sees all also hears of those that are gone.

    One query, none for who sees all.
    """
    if SEES[Role(user.role)] == "all":
        return set(lead_ids)
    seen = Card.objects.filter(visibility.leads_visible_to(user), pk__in=list(lead_ids))
    return set(seen.values_list("pk", flat=True))


def _seen(user: User) -> QuerySet[MembershipChange]:
    seen = Card.objects.filter(visibility.leads_visible_to(user))
    return MembershipChange.objects.filter(lead__in=seen.values("pk"))
