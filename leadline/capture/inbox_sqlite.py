"""The inbox on SQLite: a file of its own, written only by the one web process.

With a single writer the row ids are the order of commits, so the consumer reads `id > cursor`
and never misses a row. AUTOINCREMENT keeps ids from being used again after rows were removed.
"""

import sqlite3
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

from leadline.capture import inbox

FILE_NAME = "inbox.sqlite3"
BUSY_SECONDS = 2.0
TIDY_ROWS = 500

_TABLE = """
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    route TEXT NOT NULL,
    trust INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    meta TEXT NOT NULL,
    body BLOB NOT NULL
)
"""
# A commit is durable before it returns (FULL); what is removed is overwritten (secure_delete).
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA mmap_size=0",
)
_NAMES = ", ".join(inbox.COLUMNS)
_PLACES = "(" + ", ".join("?" * len(inbox.COLUMNS)) + ")"


class SqliteInbox:
    """`<data>/inbox.sqlite3`. `consumed()` gives the id up to which effects are stored."""

    def __init__(self, path: Path, *, consumed: Callable[[], int]) -> None:
        self._path = path
        self._consumed = consumed
        self._connection: sqlite3.Connection | None = None
        self._must_truncate = False

    def append(self, drafts: Sequence[inbox.Draft]) -> None:
        # One statement is one transaction and lets go of the interpreter lock once; one INSERT
        # per row let go of it per row and waited up to 5 ms each time to get it back.
        try:
            self._open().execute(_insert(len(drafts)), list(chain.from_iterable(drafts)))
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise inbox.InboxUnavailable(f"The inbox cannot be written: {error}") from error

    def probe(self) -> None:
        try:
            # Writes the first page and nothing else: a lock, a full disk or a read-only file show.
            self._open().execute("PRAGMA user_version = 1")
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise inbox.InboxUnavailable(f"The inbox cannot be written: {error}") from error

    def tidy(self) -> bool:
        """Remove at most TIDY_ROWS consumed rows; when none are left, empty the log as well."""
        try:
            connection = self._open()
            gone = connection.execute(
                "DELETE FROM inbox WHERE id IN"
                f" (SELECT id FROM inbox WHERE id <= ? ORDER BY id LIMIT {TIDY_ROWS})",
                (self._consumed(),),
            ).rowcount
            if gone:
                self._must_truncate = True
                return True
            if self._must_truncate:
                # What was removed must not stay readable in the write-ahead log.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._must_truncate = False
        except (sqlite3.Error, OSError):
            self.close()  # tried again with the next call
        return False

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(
                self._path,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=inbox.MAX_GROUP_ROWS + 20,
            )
            try:
                for pragma in _PRAGMAS:
                    connection.execute(pragma)
                connection.execute(_TABLE)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection


_statements: dict[int, str] = {}


def _insert(count: int) -> str:
    statement = _statements.get(count)
    if statement is None:
        statement = f"INSERT INTO inbox ({_NAMES}) VALUES " + ", ".join([_PLACES] * count)
        _statements[count] = statement
    return statement
