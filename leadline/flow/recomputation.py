"""Scores computed again for everyone, to be compared or to be written.

A score is a pure function of what is stored, so computing it again must change nothing but what
time itself has changed; `check` says where that does not hold.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from leadline.flow import evaluation, rulebook, snapshots
from leadline.leads import locks, trash
from leadline.lib import clock

PORTION = 200

Stored = tuple[int, int, int, int, int, int | None, int | None]
"""(version, total, fit, engagement, at, due, day of the next change) of a score."""


class Difference(msgspec.Struct, frozen=True):
    """A score that computing it again would change. Micro-points; `stored` None: there is none."""

    lead_id: UUID
    stored: int | None
    expected: int


def portions() -> Iterator[list[UUID]]:
    """The ids of all leads that are present, PORTION at a time."""
    last = UUID(int=0)
    everyone = trash.present().order_by("id")
    while found := list(everyone.filter(id__gt=last).values_list("id", flat=True)[:PORTION]):
        yield found
        last = found[-1]


def check(lead_ids: Sequence[UUID], *, now: datetime) -> list[Difference]:
    """The scores that differ; those whose next change by time is due are left out.

    One transaction, a fixed number of queries, nothing is written.
    """
    rules = rulebook.current(now)
    at_us = clock.micros(now)
    today = clock.local_day(at_us, rules.day_offset_minutes)
    with transaction.atomic():
        locks.hold(lead_ids)
        found = snapshots.load(lead_ids, reads=rules.reads, at_us=at_us)
    differences = []
    for loaded in found.values():
        before = loaded.score
        looked = evaluation.look(loaded, rulebook=rules, at_us=at_us)
        if looked.weighed.has_changed and not _is_due(before, at_us=at_us, today=today):
            stored = None if before is None else before[1]
            differences.append(Difference(loaded.id, stored, looked.weighed.score.total))
    return differences


def recompute(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Look at these leads again and write what changed; returns how many were looked at."""
    with transaction.atomic():
        locks.hold(lead_ids)
        return len(evaluation.evaluate(lead_ids, rulebook=rulebook.current(now), now=now))


def _is_due(score: Stored | None, *, at_us: int, today: int) -> bool:
    if score is None:
        return False
    *_, due_us, day = score
    return (due_us is not None and due_us <= at_us) or (day is not None and day <= today)
