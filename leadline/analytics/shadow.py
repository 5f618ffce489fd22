"""The nightly shadow run: what came of computing all scores again beside the stored ones.

Needs no Arrow: the analyst compares, whoever asked it keeps the outcome here.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from leadline.analytics.models import ShadowRun
from leadline.lib import clock

KEPT = timedelta(days=400)
# A night without a run is no reason to worry, two are.
LATE = timedelta(hours=50)


def keep(found: Mapping[str, Any], *, now: datetime) -> ShadowRun:
    """Keep the answer to `scores_check`; the same instant twice is one row. Forgets runs of more
    than 400 days ago. Two statements."""
    run, _ = ShadowRun.objects.update_or_create(
        as_of=clock.from_micros(found["as_of_us"]),
        defaults={
            "ended_at": now,
            "lead_count": found["compared"],
            "differing_count": found["differing"],
            "left_out_count": sum(found["left_out"].values()),
            "seconds": found["seconds"],
            "engine": found["engine"],
        },
    )
    ShadowRun.objects.filter(ended_at__lt=now - KEPT).delete()
    return run


def latest() -> ShadowRun | None:
    """The newest run; None before the first. One query."""
    return ShadowRun.objects.order_by("-as_of").first()


def is_late(run: ShadowRun, *, now: datetime) -> bool:
    """Has there been no run for two nights?"""
    since: timedelta = now - run.ended_at
    return since > LATE
