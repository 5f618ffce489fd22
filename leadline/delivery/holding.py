"""Holding every message back: a restored copy sends nothing until the owner says so."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_noop as _noop

from leadline.delivery.models import Message, Sender
from leadline.lib import clock
from leadline.workspace import audit
from leadline.workspace.audit import Change, Doer

_ALWAYS_US = 2**63 - 1
# Each condition as its partial index has it: the table holds every message there ever was.
_COUNT = """SELECT
    (SELECT count(*) FROM delivery_message WHERE state = 'pending' AND created_at <= %s)
  + (SELECT count(*) FROM delivery_message
     WHERE state IN ('claimed', 'handing') AND state = 'claimed' AND created_at <= %s)"""
# What has been written and has not left.
_WAITING = (Message.State.PENDING, Message.State.CLAIMED)


@dataclass(frozen=True, slots=True)
class Resumed:
    """How many messages go out now, and how many old ones were passed over."""

    waiting_count: int
    skipped_count: int


def hold(now: datetime) -> bool:
    """Let nothing leave from now on; False when sending was held already."""
    with transaction.atomic():
        Sender.objects.get_or_create(id=1)
        return Sender.objects.filter(id=1, held_at=None).update(held_at=now) == 1


def held_at() -> datetime | None:
    """Since when sending is held; None while messages leave. One query."""
    return Sender.objects.filter(id=1).values_list("held_at", flat=True).first()


def waiting_count(*, before: datetime | None = None) -> int:
    """How many messages wait to leave; `before`: only those written until that instant."""
    until_us = _ALWAYS_US if before is None else clock.micros(before)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [until_us, until_us])
        return int(cursor.fetchone()[0])


def resume(*, skips_old: bool, by: Doer, now: datetime) -> Resumed | None:
    """Let messages leave again; None when nothing was held.

    With `skips_old` what was written before the hold began is passed over: whoever was served
    until the backup was made may have got it already.
    """
    with transaction.atomic():
        held = Sender.objects.select_for_update().filter(id=1)
        since = held.values_list("held_at", flat=True).first()
        if since is None:
            return None
        skipped_count = _skip(before=since) if skips_old else 0
        held.update(held_at=None)
        after: dict[str, audit.Value] = {"old": "skip" if skips_old else "send"}
        audit.record(Change("sending.resumed", "sender", 1, "", {}, after), by=by, now=now)
        return Resumed(waiting_count(), skipped_count)


def _skip(*, before: datetime) -> int:
    old = Message.objects.filter(state__in=_WAITING, created_at__lte=before)
    reason = _noop("Passed over after a restore: it may have been sent before.")
    return old.update(state=Message.State.SUPPRESSED, reason=reason)
