"""A ring makes the open pages of a person fetch their bell again: something came, or was read.

Ids only; what there is to see is fetched with the person's rights.
"""

import uuid
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from leadline.lib import clock, rows
from leadline.lib.clock import SECOND
from leadline.lib.ids import as_uuid
from leadline.routing.models import Ring


@dataclass(frozen=True, slots=True)
class Fresh:
    """A ring that the live page has not heard."""

    id: int
    user_id: uuid.UUID


def ring(user_ids: Collection[uuid.UUID], *, now: datetime) -> int:
    """Ring for each of these people once; returns how many. One statement."""
    rung = [(user_id, clock.micros(now)) for user_id in sorted(set(user_ids))]
    with connection.cursor() as cursor:
        return rows.insert(
            cursor, "routing_ring", ("user_id", "at"), rung, vendor=connection.vendor
        )


def forget(*, before: datetime) -> int:
    """Delete old rings: a page that was away fetches its bell anyway. Returns how many."""
    return Ring.objects.filter(at__lt=before).delete()[0]


def newest_after(after_id: int, *, limit: int = 500) -> list[Fresh]:
    """Rings with a higher id, in order, at most `limit`. One query on the primary key."""
    sql = "SELECT id, user_id FROM routing_ring WHERE id > %s ORDER BY id LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [after_id, limit])
        return [Fresh(each_id, as_uuid(user_id)) for each_id, user_id in cursor.fetchall()]


class Tail:
    """Follows the rings for the live watcher; each is returned once.

    On PostgreSQL ids do not follow the order of commits: a long transaction shows an id lower
    than one already seen. So every look starts `overlap_seconds` back and what was seen is
    remembered. A transaction that stays open longer is missed here and shown on the next load.
    """

    def __init__(self, *, overlap_seconds: int = 30) -> None:
        self._overlap_us = overlap_seconds * SECOND
        self._floor_id: int | None = None
        self._seen: set[int] = set()
        self._marks: deque[tuple[int, int]] = deque()

    def fresh(self, *, now: datetime) -> list[Fresh]:
        """What has rung since the last look; the first look only takes its bearings.

        Call it often, from one thread; costs one query on the primary key.
        """
        if self._floor_id is None:
            newest = Ring.objects.order_by("-id").values_list("id", flat=True).first()
            self._floor_id = newest or 0
            return []
        fresh = [f for f in self._after(self._floor_id) if f.id not in self._seen]
        self._seen.update(f.id for f in fresh)
        self._advance(clock.micros(now))
        return fresh

    def _after(self, floor_id: int) -> list[Fresh]:
        found: list[Fresh] = []
        while True:
            page = newest_after(found[-1].id if found else floor_id)
            found += page
            if len(page) < 500:
                return found

    def _advance(self, now_us: int) -> None:
        if self._seen:
            self._marks.append((now_us, max(self._seen)))
        while self._marks and self._marks[0][0] <= now_us - self._overlap_us:
            self._floor_id = max(self._floor_id or 0, self._marks.popleft()[1])
        self._seen = {seen for seen in self._seen if seen > (self._floor_id or 0)}
