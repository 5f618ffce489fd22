"""Claims on outbox rows, by the time of the database: worker clocks may differ."""

import uuid
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext_noop as _noop

from leadline.lib.clock import MINUTE, SECOND
from leadline.workspace import database_time

LEASE_SECONDS = 50
"""Longer than one connection may take, shorter than the minute in which claims come free."""

# The choice stands in a WITH of its own: written as `id IN (SELECT … LIMIT …)`, PostgreSQL may
# put it on the inner side of a nested loop and choose again for every row. With 2,400 rows due
# and no statistics a claim of 8 took 2.8 s instead of 3 ms (PostgreSQL 15, 2 cores).
_CLAIM = """WITH picked AS MATERIALIZED (
    SELECT id FROM delivery_message WHERE state = 'pending' AND due_at <= {now}
      AND NOT EXISTS (SELECT 1 FROM delivery_sender WHERE held_at IS NOT NULL)
    ORDER BY due_at LIMIT %s{skip})
  UPDATE delivery_message SET state = 'claimed', worker = %s, fence = fence + 1,
    attempts = attempts + 1, lease_until = {now} + %s
  WHERE state = 'pending' AND id IN (SELECT id FROM picked)
  RETURNING id, kind, lead_id, to_address, subject, text, attempts, fence, device_id"""

_BEGIN = """UPDATE delivery_message SET state = 'handing', lease_until = {now} + %s
  WHERE id = %s AND fence = %s AND state = 'claimed'"""

# `unknown` too: the lease may have run out a moment before the server answered.
_FINISH = """UPDATE delivery_message SET state = %s, reason = %s, worker = '', lease_until = NULL,
    due_at = CASE WHEN %s > 0 THEN {now} + %s ELSE due_at END,
    sent_at = CASE WHEN %s IN ('sent', 'folder') THEN {now} END
  WHERE id = %s AND fence = %s AND state IN ('claimed', 'handing', 'unknown')"""

_RELEASE = """UPDATE delivery_message SET state = %s, reason = %s, worker = '', lease_until = NULL
  WHERE state = %s AND lease_until < {now}"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this worker may hand over while its fence is the newest."""

    id: uuid.UUID
    kind: str
    lead_id: uuid.UUID | None
    to_address: str
    subject: str
    text: str
    attempts: int
    fence: int
    device_id: int | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """How many claims of dead workers came free, and how many messages are now unknown."""

    pending_count: int
    unknown_count: int


def claim(worker: str, *, limit: int) -> list[Claimed]:
    """Take up to `limit` due messages for this worker, the longest due first. One statement.

    Nothing while sending is held (see `holding`). Each message goes to one worker: the loser of a
    race gets others or nothing. Claim no more than can be handed over at once: the lease of 50
    seconds runs from now.
    """
    skip = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    sql = _sql(_CLAIM).replace("{skip}", skip)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [limit, worker[:64], LEASE_SECONDS * SECOND])
        found = cursor.fetchall()
    return [
        Claimed(_uuid(key), kind, lead and _uuid(lead), *rest) for key, kind, lead, *rest in found
    ]


def begin(message: Claimed) -> bool:
    """Note that the hand-over starts now; False when the claim is lost: then touch nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(_BEGIN), [LEASE_SECONDS * SECOND, message.id, message.fence])
        return bool(cursor.rowcount == 1)


def finish(message: Claimed, *, state: str, reason: str, delay_minutes: int = 0) -> bool:
    """Write the end of this attempt; `delay_minutes` > 0 makes it due again then.

    False when another worker has claimed the message since.
    """
    delay_us = delay_minutes * MINUTE
    with connection.cursor() as cursor:
        cursor.execute(
            _sql(_FINISH),
            [state, reason[:300], delay_us, delay_us, state, message.id, message.fence],
        )
        return bool(cursor.rowcount == 1)


def release_expired() -> Released:
    """Free what dead workers held: claimed becomes pending, handing becomes unknown.

    Call it every few seconds. Two statements; safe to run twice.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_sql(_RELEASE), ["pending", "", "claimed"])
        pending_count = cursor.rowcount
        reason = _noop("The worker ended while handing over; the mail may have arrived or not.")
        cursor.execute(_sql(_RELEASE), ["unknown", reason, "handing"])
        return Released(pending_count, cursor.rowcount)


def _sql(template: str) -> str:
    return template.replace("{now}", database_time.sql())


def _uuid(value: uuid.UUID | str) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
