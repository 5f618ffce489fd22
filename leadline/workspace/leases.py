"""What only one process may do at a time, by database time.

A lease is a row: who holds it, until when, and a fence that grows with every new holder. A holder
that stops renewing (killed, frozen) loses it when the time is up; nobody has to clean up.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from leadline.lib import clock
from leadline.workspace import database_time

SECONDS = 30
"""How long a lease lasts without being renewed: what a process killed with -9 held is free again
well within the promised 60 seconds."""


@dataclass(frozen=True)
class Held:
    """A lease that was ours when it was taken."""

    name: str
    holder: str
    fence: int


def take(
    name: str, *, holder: str, seconds: float = SECONDS, now: datetime | None = None
) -> Held | None:
    """Take the lease if it is free, has run out or is ours; None when somebody else holds it.

    Taking a lease that one holds already extends it and keeps its fence. Without `now` the time
    is the database's, read in the same statement (tests pass one).
    """
    instant, given = _instant(now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO workspace_lease (name, holder, fence, until)
            VALUES (%s, %s, 1, {instant} + %s)
            ON CONFLICT (name) DO UPDATE SET
                fence = workspace_lease.fence
                    + CASE WHEN workspace_lease.holder = excluded.holder THEN 0 ELSE 1 END,
                holder = excluded.holder,
                until = excluded.until
            WHERE workspace_lease.holder = excluded.holder OR workspace_lease.until <= {instant}
            RETURNING fence
            """,
            [name, holder, *given, int(seconds * clock.SECOND), *given],
        )
        row = cursor.fetchone()
    return None if row is None else Held(name, holder, row[0])


def renew(held: Held, *, seconds: float = SECONDS, now: datetime | None = None) -> bool:
    """Extend a lease; False when it has been lost, and the holder must stop at once."""
    instant, given = _instant(now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE workspace_lease SET until = {instant} + %s"
            f" WHERE name = %s AND holder = %s AND fence = %s AND until > {instant}",
            [*given, int(seconds * clock.SECOND), held.name, held.holder, held.fence, *given],
        )
        return bool(cursor.rowcount == 1)


def release(held: Held) -> None:
    """Give the lease back, so that the next one need not wait; harmless when it was lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workspace_lease SET until = 0 WHERE name = %s AND holder = %s AND fence = %s",
            [held.name, held.holder, held.fence],
        )


def release_all() -> int:
    """Free what anybody holds, in a copy to which no holder came along; returns how many.

    Slots of periodic jobs stay taken: they are nobody's. A second run frees nothing more.
    """
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workspace_lease SET until = 0 WHERE holder <> '' AND until > 0")
        return int(cursor.rowcount)


def take_slot(name: str, *, ends_at: datetime) -> bool:
    """True for exactly one caller per slot, however many ask and however fast the first is done.

    A periodic job is enqueued by whoever gets the slot, in the same transaction. Slots of one
    name are equally long; where they have moved (the workspace's zone did), the first that ends
    after the last one taken is a slot, and the job runs a little early instead of a day late.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO workspace_lease (name, holder, fence, until) VALUES (%s, '', 1, %s)
            ON CONFLICT (name) DO UPDATE SET
                fence = workspace_lease.fence + 1, until = excluded.until
            WHERE workspace_lease.until < excluded.until
            RETURNING fence
            """,
            [name, clock.micros(ends_at)],
        )
        return cursor.fetchone() is not None


def _instant(now: datetime | None) -> tuple[str, list[int]]:
    if now is None:
        return database_time.sql(), []
    return "CAST(%s AS bigint)", [clock.micros(now)]
