"""What a person should know: one notification per lead within ten minutes, until it is read."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction

from leadline.lib import clock
from leadline.lib.ids import as_uuid
from leadline.routing import notice_choices, notice_kinds, rings
from leadline.routing.models import Notification
from leadline.routing.notice_kinds import URGENT, Channel

TOGETHER = timedelta(minutes=10)
"""What is told about one lead within this time of the first is one notification."""

_LONGEST = 300
_AT_ONCE = 500

# What is urgent and unread keeps its words: a stage change does not hide who asked for you.
_KEEPS = """(routing_notification.read_at IS NULL
    AND routing_notification.kind IN ({urgent}) AND excluded.kind NOT IN ({urgent}))"""
_TELL = """INSERT INTO routing_notification
    (user_id, lead_id, kind, text, at, count, open_until, in_bell, waits_for_digest)
  VALUES {rows}
  ON CONFLICT (user_id, lead_id) WHERE open_until IS NOT NULL DO UPDATE SET
    kind = CASE WHEN {keeps} THEN routing_notification.kind ELSE excluded.kind END,
    text = CASE WHEN {keeps} THEN routing_notification.text ELSE excluded.text END,
    at = excluded.at, read_at = NULL,
    count = routing_notification.count + excluded.count,
    in_bell = routing_notification.in_bell OR excluded.in_bell,
    waits_for_digest = routing_notification.waits_for_digest OR excluded.waits_for_digest
  RETURNING id, user_id, lead_id"""
# In the order of the unique key, so that two who close the same rows wait for one another.
_CLOSE = """UPDATE routing_notification SET open_until = NULL WHERE id IN (
    SELECT id FROM routing_notification
    WHERE open_until <= %s AND lead_id IN ({leads}) ORDER BY user_id, lead_id{lock})"""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one person; `kind` is one of `notice_kinds`.

    `by` is who did it: nobody is told of what they did themselves. `about` names the lead for the
    title of a push, `due_us` is until when the person should answer.
    """

    user_id: uuid.UUID
    lead_id: uuid.UUID | None
    kind: str
    text: str
    by: uuid.UUID | None = None
    about: str = ""
    due_us: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A notification that was written or has grown, and how the person wants to hear of it."""

    id: int
    notice: Notice
    channels: frozenset[Channel]
    count: int = 1


def tell(notices: Sequence[Notice], *, now: datetime) -> list[Told]:
    """Write the notifications; returns those that are new or have grown, one per person and lead.

    At most four statements for up to 500. What the person has switched off everywhere is not
    written. Two who tell the same person about the same lead at once make one notification.
    """
    wanted = _wanted(notices)
    if not wanted:
        return []
    with transaction.atomic(savepoint=False):
        _close({each.notice.lead_id for each in wanted if each.notice.lead_id}, now=now)
        told: list[Told] = []
        for start in range(0, len(wanted), _AT_ONCE):
            told += _write(wanted[start : start + _AT_ONCE], now=now)
        rings.ring({each.notice.user_id for each in told}, now=now)
    return told


def unread(user_id: uuid.UUID, *, limit: int = 50) -> list[Notification]:
    """What the person has not read, newest first, at most `limit`. One query."""
    mine = Notification.objects.filter(user_id=user_id, read_at__isnull=True, in_bell=True)
    return list(mine.order_by("-at", "-id")[:limit])


def read(user_id: uuid.UUID, *, ids: Collection[int] | None = None, now: datetime) -> int:
    """Mark these (None: all) of the person's notifications as read; returns how many were not.

    All open pages of the person hear of it. Other people's ids are passed over.
    """
    mine = Notification.objects.filter(user_id=user_id, read_at__isnull=True)
    if ids is not None:
        mine = mine.filter(id__in=list(ids))
    with transaction.atomic():
        count = mine.update(read_at=now, waits_for_digest=False)
        if count:
            rings.ring([user_id], now=now)
    return count


def read_about(user_id: uuid.UUID, lead_id: uuid.UUID, *, now: datetime) -> int:
    """Mark what the person was told about this lead as read: they are looking at it."""
    mine = Notification.objects.filter(user_id=user_id, lead_id=lead_id, read_at__isnull=True)
    return read(user_id, ids=list(mine.values_list("id", flat=True)), now=now)


def waiting_for_digest() -> list[uuid.UUID]:
    """The people for whom something unread waits for the daily mail. One query on its index."""
    waiting = Notification.objects.filter(waits_for_digest=True, read_at__isnull=True)
    return list(waiting.order_by("user_id").values_list("user_id", flat=True).distinct())


def take_for_digest(user_id: uuid.UUID, *, before: datetime) -> list[Notification]:
    """What waits since before then for the person's daily mail, oldest first; it waits no more.

    Call it in the transaction that writes the mail. Two queries; a second run finds nothing.
    """
    waiting = Notification.objects.filter(user_id=user_id, waits_for_digest=True, at__lt=before)
    found = list(waiting.select_for_update().order_by("at", "id"))
    waiting.filter(pk__in=[each.pk for each in found]).update(waits_for_digest=False)
    return [each for each in found if each.read_at is None]


def _wanted(notices: Sequence[Notice]) -> list[Told]:
    """Without own acts and what is switched off; one per person and lead, urgent words first."""
    of_others = [each for each in notices if each.by != each.user_id]
    if not of_others:
        return []
    choices = notice_choices.of({each.user_id for each in of_others})
    wanted: dict[object, Told] = {}
    for number, each in enumerate(of_others):
        channels = choices[each.user_id, notice_kinds.of(each.kind).key]
        if not channels:
            continue
        key = (each.user_id, each.lead_id, None if each.lead_id else number)
        before = wanted.get(key)
        if before is None:
            wanted[key] = Told(0, each, channels)
            continue
        keeps = before.notice.kind in URGENT and each.kind not in URGENT
        wanted[key] = Told(0, before.notice if keeps else each, before.channels | channels,
                           before.count + 1)  # fmt: skip
    return sorted(wanted.values(), key=_order)


def _order(told: Told) -> tuple[str, str]:
    return told.notice.user_id.hex, told.notice.lead_id.hex if told.notice.lead_id else ""


def _close(lead_ids: Collection[uuid.UUID], *, now: datetime) -> None:
    """End the time in which more about these leads joins what was told."""
    if not lead_ids:
        return
    is_postgres = connection.vendor == "postgresql"
    sql = _CLOSE.format(
        leads=", ".join(["%s"] * len(lead_ids)), lock=" FOR UPDATE" if is_postgres else ""
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [clock.micros(now), *sorted(lead_ids)])


def _write(wanted: Sequence[Told], *, now: datetime) -> list[Told]:
    """Insert or grow; without a lead each stands for itself."""
    values: list[int | str | uuid.UUID | None] = []
    for each in wanted:
        notice, is_about_lead = each.notice, each.notice.lead_id is not None
        values += [
            notice.user_id, notice.lead_id, notice.kind, notice.text[:_LONGEST],
            clock.micros(now), each.count,
            clock.micros(now + TOGETHER) if is_about_lead else None,
            Channel.BELL in each.channels, Channel.DIGEST in each.channels,
        ]  # fmt: skip
    urgent = ", ".join(f"'{key}'" for key in URGENT)
    sql = _TELL.format(
        rows=", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, %s)"] * len(wanted)),
        keeps=_KEEPS.format(urgent=urgent),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = sorted(cursor.fetchall(), key=lambda row: -row[0])
    # Only what is about no lead comes several times for one person.
    ids: dict[object, list[int]] = {}
    for each_id, user_id, lead_id in found:
        ids.setdefault((as_uuid(user_id), lead_id and as_uuid(lead_id)), []).append(each_id)
    return [
        replace(each, id=ids[each.notice.user_id, each.notice.lead_id].pop()) for each in wanted
    ]
