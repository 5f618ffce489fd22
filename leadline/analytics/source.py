"""Reading the database for the lake: portions of rows, and how far may be read.

No query of a fact reads more than a span of ids, so that no reader keeps an old state of the
database for long: on SQLite that would keep its log from being folded back into the file.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from leadline.lib import facts
from leadline.lib.facts import Table

PORTION = 20_000
"""Rows at a time: 20,000 events are some 20 MB as Python sees them."""

Rows = list[tuple[Any, ...]]  # what the drivers give


@dataclass(frozen=True)
class Span:
    """What is to be read of an `append` table: from `low` up to, not with, `high`.

    Ids on SQLite, transactions on PostgreSQL, whose rows lie among `first_id` … `last_id`.
    """

    low: int
    high: int
    first_id: int
    last_id: int


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything read in the block is of one instant; writers are not kept waiting.

    Inside of a transaction of the caller it is that one.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN"
    if connection.vendor == "postgresql":
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        # Not `atomic`, which takes SQLite's lock for writing.
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def horizon(*, is_alone: bool) -> int:
    """On PostgreSQL the oldest transaction that still runs: all below are over, seen or undone.

    `is_alone`: nobody else writes, so what the caller's own transaction wrote until now counts as
    well, and nothing that it writes later. 0 on SQLite, where ids follow the order of commits.
    """
    if connection.vendor != "postgresql":
        return 0
    oldest = "pg_current_xact_id()" if is_alone else "pg_snapshot_xmin(pg_current_snapshot())"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {oldest}::text::bigint")
        found: int = cursor.fetchone()[0]
    return found + is_alone


def ahead(table: Table, *, low: int, horizon: int) -> Span:
    """What an `append` table has from `low` on. One query along the key or the stamp."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute(f"SELECT max(id) FROM {table.rows}")
            last = cursor.fetchone()[0] or 0
            return Span(low, max(low, last + 1), low, last)
        # `+ 0`: a bare min(id) is looked for along the key, past every older row.
        cursor.execute(
            f"SELECT min(id + 0), max(id + 0) FROM {table.rows}"
            f" WHERE {facts.STAMP} >= %s AND {facts.STAMP} < %s",
            [low, horizon],
        )
        first, last = cursor.fetchone()
    return Span(low, horizon, first or 0, -1 if last is None else last)


def portions(table: Table, span: Span, *, after: int) -> Iterator[tuple[int, Rows]]:
    """The rows of a span behind the id `after`, by id: (the last id looked at, rows)."""
    selected, params = _selected(table), []
    if connection.vendor == "postgresql":
        alias = table.key.partition(".")[0]
        selected += f" AND {alias}.{facts.STAMP} >= %s AND {alias}.{facts.STAMP} < %s"
        params = [span.low, span.high]
    looked_at = max(after, span.first_id - 1)
    while looked_at < span.last_id:
        upto = min(looked_at + PORTION, span.last_id)
        with connection.cursor() as cursor:
            cursor.execute(selected, [looked_at, upto, *params])
            found: Rows = cursor.fetchall()
        looked_at = upto
        yield upto, found


def whole(table: Table) -> Iterator[Rows]:
    """All rows of a snapshot table in the order of its key, within `snapshot`."""
    sql = f"SELECT {_listed(table)} FROM {table.source} ORDER BY {table.key}"
    if connection.vendor == "postgresql":
        yield from _streamed(sql)
        return
    with connection.cursor() as cursor:
        cursor.execute(sql)
        while found := cursor.fetchmany(PORTION):
            yield found


def _streamed(sql: str) -> Iterator[Rows]:
    """By a cursor of the server, else the driver would fetch everything at once."""
    with connection.cursor() as plain:
        plain.execute(f"DECLARE lake NO SCROLL CURSOR FOR {sql}")
        try:
            while True:
                plain.execute(f"FETCH {PORTION} FROM lake")
                found: Rows = plain.fetchall()
                if not found:
                    return
                yield found
        finally:
            plain.execute("CLOSE lake")


def counted(tables: Sequence[str]) -> list[int]:
    """Count and greatest id of each of these tables, in a row. A query each."""
    found: list[int] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*), coalesce(max(id), 0) FROM {table}")
            found += cursor.fetchone()
    return found


def _selected(table: Table) -> str:
    return (
        f"SELECT {_listed(table)} FROM {table.source} WHERE {table.key} > %s AND {table.key} <= %s"
    )


def _listed(table: Table) -> str:
    return ", ".join(
        f"CAST({column.sql} AS text)" if column.type in ("uuid", "value") else column.sql
        for column in table.columns
    )
