"""Inbox rows that failed again and again: set aside whole, so that the others go on.

The worker counts each lone try of the next row before it makes it, in a transaction of its own:
a row that kills the process is counted like one that raises, and a database that cannot be
written counts nothing (the fault is not the row's).
"""

import json
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from leadline.capture import inbox, reader
from leadline.capture.inbox_sqlite import FILE_NAME
from leadline.capture.models import InboxCursor, Parked
from leadline.lib import clock

MAX_TRIES = 5
ERROR_LENGTH = 4_000


class NotParked(Exception):
    """There is no such parked row, or somebody has retried it already."""

    permanent = True


def count_try() -> int:
    """Note that the next inbox row is about to be tried alone; returns which try it is.

    0 when the inbox is empty.
    """
    row = _next()
    if row is None:
        return 0
    with connection.cursor() as cursor:
        # On SQLite `position` is the cursor and stays; PostgreSQL has no cursor and keeps here
        # which row the tries belong to, since a row with a lower id may still turn up.
        position = "capture_inboxcursor.position" if _is_sqlite() else "excluded.position"
        cursor.execute(
            f"""
            INSERT INTO capture_inboxcursor (id, position, failures) VALUES (1, %s, 1)
            ON CONFLICT (id) DO UPDATE SET position = {position}, failures =
                CASE WHEN capture_inboxcursor.position = {position}
                     THEN capture_inboxcursor.failures ELSE 0 END + 1
            RETURNING failures
            """,
            [0 if _is_sqlite() else row.id],
        )
        return int(cursor.fetchone()[0])


def forget_tries() -> None:
    """The row that was tried alone went through."""
    InboxCursor.objects.filter(failures__gt=0).update(failures=0)


def park_next(*, error: str, tries: int, now: datetime) -> Parked | None:
    """Move the next inbox row among the parked ones, in one transaction; None if there is none."""
    with transaction.atomic():
        if _is_sqlite():
            row = _next()
        else:
            with connection.cursor() as cursor:
                row = next(iter(reader.take_postgres(cursor, 1)), None)
        if row is None:
            return None
        InboxCursor.objects.filter(id=1).update(
            failures=0, **({"position": row.id} if _is_sqlite() else {})
        )
        return _stored(row, error=error, tries=tries, now=now)


def retry(number: int, *, take: Callable[[inbox.Row], object], now: datetime) -> None:
    """Give a parked row to `take` once more, in one transaction; it stays parked when that raises.

    Raises NotParked when the row is not there or has been retried.
    """
    with transaction.atomic():
        mine = Parked.objects.filter(pk=number, state=Parked.State.PARKED)
        if mine.update(state=Parked.State.RETRIED) == 0:
            raise NotParked(f"Row {number} is not parked (any more).")
        take(_restored(Parked.objects.get(pk=number)))


def _stored(row: inbox.Row, *, error: str, tries: int, now: datetime) -> Parked:
    meta = {
        "route": row.route,
        "is_trusted": row.is_trusted,
        "is_history": row.is_history,
        "meta": row.meta,
    }
    return Parked.objects.create(
        source=row.source,
        received_at=clock.from_micros(row.received_us),
        body=row.body,
        meta=json.dumps(meta),
        error=error.replace("\0", "")[:ERROR_LENGTH],
        tries=tries,
        parked_at=now,
    )


def _restored(parked: Parked) -> inbox.Row:
    meta = json.loads(parked.meta)
    return inbox.Row(
        id=0,
        received_us=clock.micros(parked.received_at),
        source=parked.source,
        route=meta["route"],
        is_trusted=meta["is_trusted"],
        is_history=meta["is_history"],
        meta=meta["meta"],
        body=bytes(parked.body),
    )


def _next() -> inbox.Row | None:
    """The row that `flow.intake.consume(limit=1)` would take."""
    if not _is_sqlite():
        with transaction.atomic(), connection.cursor() as cursor:
            rows = reader.take_postgres(cursor, 1)
            transaction.set_rollback(True)
            return rows[0] if rows else None
    position = InboxCursor.objects.values_list("position", flat=True).first() or 0
    file = reader.SqliteReader(settings.ENVIRONMENT.data / FILE_NAME)
    try:
        return next(iter(file.after(position, 1)), None)
    finally:
        file.close()


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"
