"""What a person should know at once. Ids travel; the text is fetched with the person's rights."""

import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from leadline.lib import clock, rows
from leadline.lib.clock import SECOND
from leadline.lib.ids import as_uuid
from leadline.routing.models import Notification

_COLUMNS = ("user_id", "lead_id", "kind", "text", "at")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one person. `kind` is a word of at most 24 letters: assigned, breached."""

    user_id: uuid.UUID
    lead_id: uuid.UUID | None
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """A notification that the live page has not seen: ids only."""

    id: int
    user_id: uuid.UUID
    lead_id: uuid.UUID | None


def tell(notices: Sequence[Notice], *, now: datetime) -> int:
    """Write the notifications; returns how many. One statement."""
    at_us = clock.micros(now)
    told = [(n.user_id, n.lead_id, n.kind, n.text[:_LONGEST], at_us) for n in notices]
    with connection.cursor() as cursor:
        return rows.insert(cursor, "routing_notification", _COLUMNS, told, vendor=connection.vendor)


def unread(user_id: uuid.UUID, *, limit: int = 50) -> list[Notification]:
    """What the person has not read, newest first, at most `limit`. One query."""
    mine = Notification.objects.filter(user_id=user_id, read_at__isnull=True)
    return list(mine.order_by("-id")[:limit])


def read(user_id: uuid.UUID, *, ids: Sequence[int] | None = None, now: datetime) -> int:
    """Mark these (None: all) of the person's notifications as read; returns how many were not.

    Other people's ids are passed over.
    """
    mine = Notification.objects.filter(user_id=user_id, read_at__isnull=True)
    if ids is not None:
        mine = mine.filter(id__in=list(ids))
    return mine.update(read_at=now)


def newest_ids_after(after_id: int, *, limit: int = 500) -> list[Fresh]:
    """Notifications with a higher id, in order, at most `limit`. One query on the primary key."""
    sql = "SELECT id, user_id, lead_id FROM routing_notification WHERE id > %s ORDER BY id LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [after_id, limit])
        return [
            Fresh(each_id, as_uuid(user_id), lead_id and as_uuid(lead_id))
            for each_id, user_id, lead_id in cursor.fetchall()
        ]


class Tail:
    """Follows the notifications for the live watcher; each is returned once.

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
        """What has come since the last look; the first look only takes its bearings.

        Call it often, from one thread; costs one query on the primary key.
        """
        if self._floor_id is None:
            newest = Notification.objects.order_by("-id").values_list("id", flat=True).first()
            self._floor_id = newest or 0
            return []
        fresh = [f for f in self._after(self._floor_id) if f.id not in self._seen]
        self._seen.update(f.id for f in fresh)
        self._advance(clock.micros(now))
        return fresh

    def _after(self, floor_id: int) -> list[Fresh]:
        found: list[Fresh] = []
        while True:
            page = newest_ids_after(found[-1].id if found else floor_id)
            found += page
            if len(page) < 500:
                return found

    def _advance(self, now_us: int) -> None:
        if self._seen:
            self._marks.append((now_us, max(self._seen)))
        while self._marks and self._marks[0][0] <= now_us - self._overlap_us:
            self._floor_id = max(self._floor_id or 0, self._marks.popleft()[1])
        self._seen = {seen for seen in self._seen if seen > (self._floor_id or 0)}
