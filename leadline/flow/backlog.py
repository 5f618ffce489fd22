"""How much waits in each lane of the worker, what failed there, and how late its timers are.

The inbox's own count is asked at its door, which knows where it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from leadline.analytics import shadow
from leadline.analytics.models import ShadowRun
from leadline.capture.models import ImportRow, Parked
from leadline.delivery import holding, queries
from leadline.delivery.models import Message
from leadline.flow.models import Checkup
from leadline.leads import trash
from leadline.lib import clock
from leadline.routing.models import Clock
from leadline.workspace.models import Job


@dataclass(frozen=True)
class Backlog:
    """Counts by lane (inbox, outbox, jobs, imports); seconds by kind of timer, 0 when in time; the
    newest shadow run."""

    waiting: Mapping[str, int]
    failed: Mapping[str, int]
    late_seconds: Mapping[str, float]
    shadow: ShadowRun | None


def current(now: datetime) -> Backlog:
    """As of `now`. Eight queries, each on an index or a table that stays small."""
    at_us = clock.micros(now)
    attention = queries.needing_attention()
    jobs = _jobs(now)
    checkup = Checkup.objects.filter(due_at__isnull=False).aggregate(oldest=Min("due_at"))
    running = Clock.objects.filter(state=Clock.State.RUNNING, breached_at__isnull=True)
    running = running.exclude(trash.absent("lead"))
    return Backlog(
        waiting={
            "outbox": holding.waiting_count(),
            "jobs": jobs.get(Job.State.READY, 0),
            "imports": ImportRow.objects.filter(state=ImportRow.State.WAITING).count(),
        },
        failed={
            "inbox": Parked.objects.filter(state=Parked.State.PARKED).count(),
            "outbox": sum(
                attention.get(state, 0) for state in (Message.State.FAILED, Message.State.UNKNOWN)
            ),
            "jobs": jobs.get(Job.State.FAILED, 0),
        },
        late_seconds={
            "checkup": _late_seconds(checkup["oldest"], at_us),
            "clock": _late_seconds(running.aggregate(oldest=Min("due_at"))["oldest"], at_us),
        },
        shadow=shadow.latest(),
    )


def _jobs(now: datetime) -> dict[str, int]:
    """How many jobs could be claimed and how many have failed, by state."""
    looked_at = Job.objects.filter(state=Job.State.FAILED) | Job.objects.filter(
        state=Job.State.READY, due_at__lte=now
    )
    counted = looked_at.values("state").order_by("state").annotate(count=Count("id"))
    return {row["state"]: row["count"] for row in counted}


def _late_seconds(due: datetime | None, at_us: int) -> float:
    return 0.0 if due is None else max(0, at_us - clock.micros(due)) / clock.SECOND
