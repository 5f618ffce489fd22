"""Appending what happened, many at once."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
from django.db import connection

from leadline.capture.submission import Submission
from leadline.lib import clock, rows
from leadline.timeline import touches

EDITED = "Record Edited"

# More than this many events of one binding on one UTC day are counted, not stored.
MOST_PER_DAY = 2_000
LONGEST_NAME = 120

# Machines and what might be one are shown and never score; `system` is what a list tells us.
_COUNTING = frozenset({"human", "system"})

_COLUMNS = [
    "binding_id",
    "kind",
    "name",
    "message_id",
    "properties",
    "raw",
    "actor",
    "counts",
    "flag",
    "is_verified",
    "occurred_at",
    "received_at",
    "known_at",
]


class Placed(msgspec.Struct):
    """A submission and the binding it hangs on."""

    submission: Submission
    binding_id: int


def append(placed: Sequence[Placed], *, now_us: int) -> int:
    """Store the events and the touches they show; returns how many were over the day's limit.

    Four statements, whatever the number of events. A binding's day is full at `MOST_PER_DAY`.
    """
    kept, dropped = _within_limit(placed)
    with connection.cursor() as cursor:
        rows.insert(
            cursor,
            "timeline_event",
            _COLUMNS,
            [_row(p, now_us) for p in kept],
            vendor=connection.vendor,
        )
        touches.append(
            cursor,
            [(p.binding_id, p.submission) for p in kept],
            now_us=now_us,
            vendor=connection.vendor,
        )
    return dropped


def around(binding_ids: Iterable[int], *, at_us: int) -> dict[int, tuple[int | None, int | None]]:
    """Of each binding when something that counts happened last by `at_us`, and when the next such
    thing is dated that lies ahead; None for none, in microseconds. One query.

    Reads every event of the bindings out of the index, properties unseen.
    """
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            "SELECT binding_id, max(CASE WHEN occurred_at <= %s THEN occurred_at END),"
            " min(CASE WHEN occurred_at > %s THEN occurred_at END)"
            " FROM timeline_event WHERE counts AND binding_id {in} GROUP BY binding_id",
            binding_ids,
            vendor=connection.vendor,
            before=[at_us, at_us],
        )
    return {binding_id: (last_us, next_us) for binding_id, last_us, next_us in found}


def _row(placed: Placed, now_us: int) -> tuple[object, ...]:
    said = placed.submission
    return (
        placed.binding_id,
        said.kind,
        said.name[:LONGEST_NAME],
        said.message_id,
        msgspec.json.encode(said.properties).decode(),
        said.raw,
        said.actor,
        not said.flag and said.actor in _COUNTING,
        said.flag,
        said.is_trusted,
        said.occurred_us,
        said.received_us,
        now_us,
    )


def _within_limit(placed: Sequence[Placed]) -> tuple[Sequence[Placed], int]:
    """Those that still fit into their binding's day, and how many do not."""
    days = [(p.binding_id, clock.local_day(p.submission.occurred_us, 0)) for p in placed]
    vendor = connection.vendor
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            "SELECT binding_id, day, count FROM timeline_eventday WHERE (binding_id, day) {in}",
            days,
            vendor=vendor,
        )
        counts = {(binding, day): count for binding, day, count in found}
        before = Counter(counts)
        kept = []
        for each, day in zip(placed, days, strict=True):
            if before[day] < MOST_PER_DAY:
                before[day] += 1
                kept.append(each)
        rows.upsert(
            cursor,
            "timeline_eventday",
            ["binding_id", "day", "count"],
            [(*day, before[day]) for day in set(days) if before[day] != counts.get(day)],
            key=["binding_id", "day"],
            vendor=vendor,
        )
    return kept, len(placed) - len(kept)
