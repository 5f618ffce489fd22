"""The nightly shadow run: what came of computing all scores again beside the stored ones.

Needs no Arrow: the analyst compares, whoever asked it keeps the outcome here.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from leadline.analytics.models import ShadowRun, Tombstone
from leadline.lib import clock

KEPT = timedelta(days=400)
# A night without a run is no reason to worry, two are.
LATE = timedelta(hours=50)


def keep(found: Mapping[str, Any], *, now: datetime) -> ShadowRun:
    """Keep the answer to `scores_check`; the same instant twice is one row.

    Forgets runs of more than 400 days ago, and names nobody who was erased meanwhile.
    """
    run, _ = ShadowRun.objects.update_or_create(
        as_of=clock.from_micros(found["as_of_us"]),
        defaults={
            "ended_at": now,
            "lead_count": found["compared"],
            "differing_count": found["differing"],
            "left_out_count": sum(found["left_out"].values()),
            "seconds": found["seconds"],
            "engine": found["engine"],
            "lead_ids": list(found.get("lead_ids", ())),
        },
    )
    ShadowRun.objects.filter(ended_at__lt=now - KEPT).delete()
    # Whoever was erased while all were compared is in the answer still.
    erased = Tombstone.objects.filter(kind=Tombstone.Kind.LEAD, lead_id__in=named(run))
    if gone := [each for each in erased.values_list("lead_id", flat=True) if each]:
        forget(gone, now=now)
        run.refresh_from_db(fields=["lead_ids"])
    return run


def forget(lead_ids: Collection[UUID], *, now: datetime) -> int:
    """Take these leads out of every run that names them; the counts stay. Rows changed."""
    gone = {str(each) for each in lead_ids}
    changed = []
    with transaction.atomic():
        for run in ShadowRun.objects.select_for_update().filter(differing_count__gt=0):
            left = [each for each in run.lead_ids if each not in gone]
            if len(left) < len(run.lead_ids):
                run.lead_ids = left
                changed.append(run)
        ShadowRun.objects.bulk_update(changed, ["lead_ids"])
    return len(changed)


def named(run: ShadowRun) -> Sequence[UUID]:
    """The leads whose scores differed, as far as they are kept."""
    return [UUID(each) for each in run.lead_ids]


def latest() -> ShadowRun | None:
    """The newest run; None before the first. One query."""
    return ShadowRun.objects.order_by("-as_of").first()


def is_late(run: ShadowRun, *, now: datetime) -> bool:
    """Has there been no run for two nights?"""
    since: timedelta = now - run.ended_at
    return since > LATE
