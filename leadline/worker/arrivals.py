"""Waiting for something to arrive, at almost no cost.

SQLite: `PRAGMA data_version` on the inbox file changes with every commit of another process; a
look costs some microseconds, so it is taken every 20 ms. PostgreSQL: one query on the primary
key every 50 ms. Timers want to be looked at as well, so nobody waits longer than 200 ms.
"""

import sqlite3
import time
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import connection

from leadline.capture.inbox_sqlite import FILE_NAME
from leadline.worker.stop import Stop

LONGEST_SECONDS = 0.2
SQLITE_LOOK_SECONDS = 0.02
POSTGRES_LOOK_SECONDS = 0.05


class Arrivals(Protocol):
    def wait(self, stop: Stop) -> None:
        """Return when something has arrived, after 200 ms, or when it is time to end."""


class FileArrivals:
    """Watches the inbox file. `wait` returns at once when a commit came since the last call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._version = 0

    def wait(self, stop: Stop) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        while not stop.is_set and not self._has_changed() and time.monotonic() < deadline:
            stop.wait(SQLITE_LOOK_SECONDS)

    def _has_changed(self) -> bool:
        if self._connection is None:
            if not self._path.exists():
                return False  # the web process has not started yet
            self._connection = sqlite3.connect(
                f"{self._path.as_uri()}?mode=ro", uri=True, isolation_level=None
            )
        try:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.OperationalError:
            self._connection.close()
            self._connection = None
            return False
        before, self._version = self._version, version
        return before != self._version


class TableArrivals:
    """Asks the inbox table whether it holds anything."""

    def wait(self, stop: Stop) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        while not stop.wait(POSTGRES_LOOK_SECONDS) and time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute("SELECT EXISTS (SELECT 1 FROM capture_inbox)")
                row = cursor.fetchone()
            if row and row[0]:
                return


def here() -> Arrivals:
    """The way to wait on the database in use."""
    if connection.vendor == "postgresql":
        return TableArrivals()
    return FileArrivals(settings.ENVIRONMENT.data / FILE_NAME)
