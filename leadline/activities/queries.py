"""What screens ask about activities and snoozes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from leadline.activities.logs import ATTEMPTS
from leadline.activities.models import Activity, Snooze


@dataclass(frozen=True, slots=True)
class Touches:
    """How often somebody has tried to reach a lead, and when the last try began."""

    count: int
    last_at: datetime


def activities_of(
    lead_ids: Sequence[uuid.UUID], *, before: datetime | None = None, limit: int = 50
) -> list[Activity]:
    """Activities of these leads with who did them, the latest first. One query."""
    mine = Activity.objects.filter(lead_id__in=list(lead_ids)).select_related("by")
    if before is not None:
        mine = mine.filter(began_at__lt=before)
    return list(mine.order_by("-began_at", "-id")[:limit])


def touches_of(lead_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Touches]:
    """Calls, mails and meetings per lead, answered or not; leads without are missing. One query."""
    tried = Activity.objects.filter(lead_id__in=list(lead_ids), kind__in=ATTEMPTS)
    counted = tried.values("lead_id").annotate(count=Count("id"), last=Max("began_at"))
    return {row["lead_id"]: Touches(row["count"], row["last"]) for row in counted.order_by()}


def snoozed_by(user_id: uuid.UUID, *, now: datetime) -> dict[uuid.UUID, datetime]:
    """What this person has put off, and until when. One query."""
    mine = Snooze.objects.filter(user_id=user_id, until__gt=now)
    return dict(mine.values_list("lead_id", "until"))
