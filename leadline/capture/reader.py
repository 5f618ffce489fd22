"""The consumer's side of the inbox.

SQLite: rows behind a cursor that lives in the main database, in the transaction with the
effects. PostgreSQL: rows are taken by deleting them, in that same transaction.
"""

import sqlite3
from pathlib import Path

from leadline.capture import inbox
from leadline.lib import rows

_COLUMNS = ", ".join(("id", *inbox.COLUMNS))
# What /readyz shows at most; counting a longer queue exactly is not worth a table scan.
MAX_PENDING = 100_000

# A WITH, so that PostgreSQL chooses once and not once per row: as `id IN (SELECT … LIMIT 1)` over
# a table analysed while it held one row, it took all 41 that were there. By place and not by id,
# because a join has a plan that depends on statistics: after an ANALYZE of a queue that was empty
# just then, each of 10,000 waiting rows was compared with each of 500 chosen ones (600 ms, now 2).
# A row of the inbox is never updated, so its place stays its own while it is locked.
TAKE = f"""WITH picked AS MATERIALIZED (
    SELECT ctid FROM capture_inbox ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
  DELETE FROM capture_inbox WHERE ctid = ANY(ARRAY(SELECT ctid FROM picked))
  RETURNING {_COLUMNS}"""


class SqliteReader:
    """Reads the inbox file without ever writing to it. One per thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def after(self, position: int, limit: int) -> list[inbox.Row]:
        """At most `limit` rows with an id above `position`, in the order they were stored."""
        found = self._ask(
            f"SELECT {_COLUMNS} FROM inbox WHERE id > ? ORDER BY id LIMIT ?", (position, limit)
        )
        return [inbox.row_from(record) for record in found]

    def pending(self, position: int) -> tuple[int, int | None]:
        """(rows above `position`, when the oldest of them was received in microseconds).

        The count is exact up to MAX_PENDING and stays there beyond.
        """
        count = self._ask(
            "SELECT count(*) FROM (SELECT 1 FROM inbox WHERE id > ? LIMIT ?)",
            (position, MAX_PENDING),
        )
        oldest = self._ask(
            "SELECT received_at FROM inbox WHERE id > ? ORDER BY id LIMIT 1", (position,)
        )
        return (_integer(count) or 0, _integer(oldest))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, sql: str, parameters: tuple[int, ...]) -> list[tuple[object, ...]]:
        if self._connection is None:
            if not self._path.exists():
                return []  # the web process has not started yet
            self._connection = sqlite3.connect(
                f"{self._path.as_uri()}?mode=ro",
                uri=True,
                timeout=5,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            self.close()
            if "no such table" in str(error):
                return []  # the file is there, its first commit is not
            raise


def take_postgres(cursor: rows.Cursor, limit: int) -> list[inbox.Row]:
    """Take at most `limit` rows, oldest first; they are gone when the transaction commits.

    Must run in the transaction that writes their effects. Rows of transactions still open are
    left for the next call, whatever their id.
    """
    cursor.execute(TAKE, (limit,))
    return sorted((inbox.row_from(record) for record in cursor.fetchall()), key=_by_id)


def pending_postgres(cursor: rows.Cursor) -> tuple[int, int | None]:
    """(rows waiting, when the oldest was received); counted up to MAX_PENDING."""
    cursor.execute(
        "SELECT count(*) FROM (SELECT 1 FROM capture_inbox LIMIT %s) AS few", (MAX_PENDING,)
    )
    count = _integer(cursor.fetchall())
    cursor.execute("SELECT received_at FROM capture_inbox ORDER BY id LIMIT 1")
    return (count or 0, _integer(cursor.fetchall()))


def _by_id(row: inbox.Row) -> int:
    return row.id


def _integer(records: list[tuple[object, ...]]) -> int | None:
    return int(records[0][0]) if records else None  # type: ignore[call-overload]  # a bigint
