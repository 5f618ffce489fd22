"""Whose turn it is to consume the inbox: one process at a time, however many there are.

PostgreSQL: an advisory lock of the session, free in the moment the connection ends. SQLite: a
leased row, free 30 seconds after its holder stopped renewing it. Neither is what keeps an event
from being taken twice (that is the transaction that moves the cursor or deletes the row); they
keep two consumers from doing the same work against each other.
"""

import time
from typing import Protocol

from django.db import connection

from leadline.workspace import database_time, leases

LEASE = "inbox"
# Any constant of our own: the key of the advisory lock.
LOCK_KEY = 7_201_948_112
RENEW_EVERY_SECONDS = leases.SECONDS / 3


class Turn(Protocol):
    """Asked before every portion, on the thread that consumes."""

    def is_mine(self) -> bool:
        """Take or keep the turn; False while another process has it."""

    def end(self) -> None:
        """Give the turn away, so that the next process need not wait."""


class LockedTurn:
    """PostgreSQL: holds as long as the very connection that took the lock."""

    def __init__(self) -> None:
        self._session: object = None

    def is_mine(self) -> bool:
        if self._session is not None and connection.connection is self._session:
            return True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY])
            row = cursor.fetchone()
        self._session = connection.connection if row and row[0] else None
        return self._session is not None

    def end(self) -> None:
        if self._session is not None and connection.connection is self._session:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
        self._session = None


class LeasedTurn:
    """SQLite: a row in the table of leases, renewed every ten seconds."""

    def __init__(self, *, holder: str) -> None:
        self._holder = holder
        self._held: leases.Held | None = None
        self._renewed_at = 0.0

    def is_mine(self) -> bool:
        age = time.monotonic() - self._renewed_at
        if self._held is not None and age < RENEW_EVERY_SECONDS:
            return True
        self._held = leases.take(LEASE, holder=self._holder)
        self._renewed_at = time.monotonic()
        return self._held is not None

    def end(self) -> None:
        if self._held is not None:
            leases.release(self._held)
            self._held = None


def is_taken() -> bool:
    """Does some process consume the inbox now, here or elsewhere? One query."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                " AND ((classid::bigint << 32) | objid::bigint) = %s)",
                [LOCK_KEY],
            )
        else:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM workspace_lease"
                f" WHERE name = %s AND until > {database_time.sql()})",
                [LEASE],
            )
        row = cursor.fetchone()
    return bool(row and row[0])


def of(*, holder: str) -> Turn:
    """The kind of turn that the database in use offers."""
    return LockedTurn() if connection.vendor == "postgresql" else LeasedTurn(holder=holder)
