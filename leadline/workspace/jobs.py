"""Work for later: enqueued in the transaction of its cause, claimed by a lease, tried again.

States: ready → running → done, or back to ready after a failure until the attempts are used up,
then failed, with the last error, for a person to look at. Nothing is exactly once: whoever dies
after the work and before `finish` has its job run again, so every kind of job is safe to repeat.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from leadline.lib import clock, rows
from leadline.workspace import database_time, day_offset, leases
from leadline.workspace.models import Job, Workspace

LEASE_SECONDS = 45
"""A worker that dies frees its jobs after this long; it renews every third of it."""
BACK_OFF_SECONDS = (10, 60, 300, 1_800, 7_200)
ERROR_LENGTH = 4_000


@dataclass(frozen=True)
class Claim:
    """A job that is ours to run until the lease ends; the fence proves it."""

    id: int
    kind: str
    arguments: Mapping[str, object]
    attempts: int
    fence: int
    worker: str


@dataclass(frozen=True)
class Period:
    """A job that runs once per `every`; days begin at two at night in the workspace's zone.

    Shorter slots count from 1970 UTC.
    """

    kind: str
    every: timedelta
    # How long after its slot has begun, or after a start: heavy work lets the start be.
    after: timedelta = timedelta()


def enqueue(
    kind: str,
    arguments: Mapping[str, object] | None = None,
    *,
    now: datetime,
    due_at: datetime | None = None,
    unique_key: str | None = None,
) -> bool:
    """Put a job on the table; it exists if and only if the surrounding transaction commits.

    Two jobs with one `unique_key` cannot wait or run at once: the second call returns False and
    changes nothing. Once the first has ended the key is free again.
    """
    columns = ("kind", "arguments", "unique_key", "state", "due_at", "attempts", "max_attempts",
               "worker", "fence", "error", "created_at")  # fmt: skip
    text = json.dumps(dict(arguments or {}))
    due = clock.micros(due_at or now)
    row = (kind, text, unique_key, Job.State.READY, due, 0, 5, "", 0, "", clock.micros(now))
    with connection.cursor() as cursor:
        return (
            rows.insert_ignore(cursor, "workspace_job", columns, [row], vendor=connection.vendor)
            == 1
        )


def enqueue_due(periods: Sequence[Period], *, now: datetime) -> int:
    """Enqueue the periodic jobs whose slot has begun; returns how many.

    Any number of processes may call this at any time: each slot is enqueued once.
    """
    count = 0
    nights_from = clock.EPOCH + _night(now)
    for period in periods:
        first = nights_from if period.every >= timedelta(days=1) else clock.EPOCH
        starts_at = now - ((now - first) % period.every)
        with transaction.atomic():
            mine = leases.take_slot(f"period:{period.kind}", ends_at=starts_at + period.every)
            count += mine and enqueue(
                period.kind,
                now=now,
                due_at=now + period.after,
                unique_key=f"period:{period.kind}",
            )
    return count


def _night(now: datetime) -> timedelta:
    """Two at night in the workspace's standard time, so that no slot is cut short in spring."""
    zone = Workspace.objects.values_list("time_zone", flat=True).first() or "UTC"
    return timedelta(hours=2, minutes=-day_offset.standard(zone, at=now))


def is_waiting() -> bool:
    """Is there a job that could be claimed now? One query on a partial index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM workspace_job"
            f" WHERE state = 'ready' AND due_at <= {database_time.sql()} LIMIT 1"
        )
        return cursor.fetchone() is not None


def claim(*, worker: str, limit: int, now: datetime | None = None) -> list[Claim]:
    """Claim up to `limit` due jobs, oldest first, each for one worker only.

    The claim itself counts as an attempt, so a job that kills its process every time is given up
    in the end like any other.
    """
    instant, given = (
        (database_time.sql(), []) if now is None else ("CAST(%s AS bigint)", [clock.micros(now)])
    )
    skip = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH picked AS MATERIALIZED (
                SELECT id FROM workspace_job WHERE state = 'ready' AND due_at <= {instant}
                ORDER BY due_at, id LIMIT %s {skip})
            UPDATE workspace_job SET state = 'running', attempts = attempts + 1,
                fence = fence + 1, worker = %s, lease_until = {instant} + %s
            WHERE state = 'ready' AND id IN (SELECT id FROM picked)
            RETURNING id, kind, arguments, attempts, fence
            """,
            [*given, limit, worker, *given, LEASE_SECONDS * clock.SECOND],
        )
        found = sorted(cursor.fetchall())
    return [
        Claim(id, kind, _mapping(arguments), attempts, fence, worker)
        for id, kind, arguments, attempts, fence in found
    ]


def renew(claimed: Claim) -> bool:
    """Extend the lease; False when the job is no longer ours, and the work must stop."""
    return _if_ours(
        claimed,
        f"lease_until = {database_time.sql()} + %s",
        [LEASE_SECONDS * clock.SECOND],
    )


def finish(claimed: Claim, *, now: datetime) -> bool:
    """Mark the job done; False when it had been taken away and somebody else answers for it."""
    return _if_ours(
        claimed,
        "state = 'done', lease_until = NULL, error = '', finished_at = %s",
        [clock.micros(now)],
    )


def fail(claimed: Claim, *, error: str, now: datetime) -> bool:
    """Note the error; the job becomes ready again later, or failed when its attempts are used up.

    Returns False when the job was no longer ours.
    """
    wait = BACK_OFF_SECONDS[min(claimed.attempts, len(BACK_OFF_SECONDS)) - 1]
    text = error.replace("\0", "")[-ERROR_LENGTH:]
    return _if_ours(
        claimed,
        """state = CASE WHEN attempts >= max_attempts THEN 'failed' ELSE 'ready' END,
           finished_at = CASE WHEN attempts >= max_attempts THEN CAST(%s AS bigint) END,
           lease_until = NULL, error = %s, due_at = %s""",
        [clock.micros(now), text, clock.micros(now + timedelta(seconds=wait))],
    )


def release(*, worker: str) -> int:
    """Give back everything this worker holds, as if it had not been tried; returns how many.

    For an orderly end: what could not be finished is ready at once for the next worker.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workspace_job SET state = 'ready', attempts = attempts - 1,"
            " worker = '', lease_until = NULL WHERE state = 'running' AND worker = %s",
            [worker],
        )
        return int(cursor.rowcount)


def reap(*, now: datetime | None = None) -> int:
    """Free the jobs whose worker has stopped renewing; returns how many.

    A job that was lost on its last attempt has failed: it may be what kills the workers.
    """
    instant, given = (
        (database_time.sql(), []) if now is None else ("CAST(%s AS bigint)", [clock.micros(now)])
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE workspace_job SET
                state = CASE WHEN attempts >= max_attempts THEN 'failed' ELSE 'ready' END,
                finished_at = CASE WHEN attempts >= max_attempts THEN lease_until END,
                error = 'the worker stopped in the middle of this job',
                worker = '', lease_until = NULL
            WHERE state = 'running' AND lease_until <= {instant}
            """,
            given,
        )
        return int(cursor.rowcount)


def forget(*, before: datetime) -> int:
    """Delete the jobs that were done before an instant; failed ones stay. Returns how many."""
    deleted, _ = Job.objects.filter(state=Job.State.DONE, finished_at__lt=before).delete()
    return deleted


def _if_ours(claimed: Claim, sets: str, values: Sequence[int | str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE workspace_job SET {sets}"
            " WHERE id = %s AND state = 'running' AND fence = %s AND worker = %s",
            [*values, claimed.id, claimed.fence, claimed.worker],
        )
        return bool(cursor.rowcount == 1)


def _mapping(arguments: object) -> Mapping[str, object]:
    # SQLite gives the JSON column as text, PostgreSQL as parsed by the driver.
    found = json.loads(arguments) if isinstance(arguments, str) else arguments
    if not isinstance(found, dict):
        raise TypeError(f"a job's arguments are an object, not {type(found).__name__}")
    return found
