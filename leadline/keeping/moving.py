"""Moving a workspace from the embedded SQLite to PostgreSQL, table by table, by COPY."""

import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from leadline.capture import inbox
from leadline.keeping import elsewhere, examination, ground, postgres_dump, sqlite_copy
from leadline.keeping.postgres_dump import Server
from leadline.lib import facts

# Each side has its own: what has been applied, and the inbox, which is a file on SQLite.
_NOT_COPIED = frozenset({"django_migrations", "capture_inbox"})
_PORTION = 5_000


class MoveFailed(Exception):
    """Nothing was moved: SQLite is as it was and the target is empty. The text says why."""

    permanent = True


@dataclass(frozen=True)
class Moved:
    """Rows of each table on both sides, which are equal, and arrivals still to be worked off."""

    tables: Mapping[str, int]
    waiting_count: int


@dataclass(frozen=True)
class _Table:
    """A table of the target: its columns with their types there."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]


def move(*, data: Path, to: Server) -> Moved:
    """Copy everything in `data` into the empty database `to`, count both sides, examine.

    One transaction; sequences go on above every id that was ever given. The source is only read.
    The caller holds the folder's lock. Raises MoveFailed.
    """
    source = data / sqlite_copy.DATABASE
    try:
        if not source.exists():
            raise MoveFailed(f"There is no workspace on SQLite in {data}.")
        if not postgres_dump.is_empty(to):
            raise MoveFailed(f"The database {to.name} is not empty. Create a new one.")
    except psycopg.Error as problem:
        raise MoveFailed(f"The database cannot be reached: {problem}") from problem
    try:
        elsewhere.ask(ground.__name__, data=data, database_url=to.url())
        moved = _fill(source, to)
        _examine(data, to)
    except BaseException as problem:
        postgres_dump.clear(to)
        if isinstance(problem, psycopg.Error | sqlite3.Error | elsewhere.ProcessFailed):
            raise MoveFailed(f"Nothing was moved: {problem}") from problem
        raise
    return moved


def _fill(source: Path, to: Server) -> Moved:
    if sqlite_copy.migrations(source) != postgres_dump.migrations(to):
        raise MoveFailed("The data is not at this version's state. Run: leadline upgrade")
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as file,
        postgres_dump.connected(to) as connection,
        connection.transaction(),
    ):
        tables = _tables(connection)
        names = sql.SQL(", ").join(sql.Identifier(table.name) for table in tables)
        connection.execute(sql.SQL("TRUNCATE {}").format(names))
        for table in tables:
            _copy(file, connection, table)
        waiting_count = _copy_inbox(source, file, connection)
        _set_sequences(file, connection, tables)
    with postgres_dump.connected(to) as connection:
        connection.execute("ANALYZE")
    return Moved(_compared(source, to), waiting_count)


def _tables(connection: psycopg.Connection) -> list[_Table]:
    found = connection.execute(
        "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position),"
        " array_agg(data_type::text ORDER BY ordinal_position) FROM information_schema.columns"
        " WHERE table_schema = current_schema() GROUP BY table_name ORDER BY table_name"
    ).fetchall()
    return [
        _Table(str(name), tuple(columns), tuple(types))
        for name, columns, types in found
        if name not in _NOT_COPIED
    ]


def _copy(file: sqlite3.Connection, connection: psycopg.Connection, table: _Table) -> None:
    there = {str(row[1]) for row in file.execute(f'PRAGMA table_info("{table.name}")')}
    # PostgreSQL notes by itself which transaction wrote a row; SQLite mostly has no such column.
    pairs = zip(table.columns, table.types, strict=True)
    chosen = [(column, kind) for column, kind in pairs if column in there or column != facts.STAMP]
    columns = [column for column, _ in chosen]
    listed = ", ".join(f'"{column}"' for column in columns)
    rows = file.execute(f'SELECT {listed} FROM "{table.name}"')
    convert = [_CONVERTERS.get(kind) for _, kind in chosen]
    _write(connection, table.name, columns, _converted(rows, convert))


def _converted(
    rows: sqlite3.Cursor, convert: Sequence[Callable[[object], object] | None]
) -> Iterator[Sequence[object]]:
    while portion := rows.fetchmany(_PORTION):
        for row in portion:
            yield [
                value if value is None or change is None else change(value)
                for value, change in zip(row, convert, strict=True)
            ]


def _write(
    connection: psycopg.Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterator[Sequence[object]],
) -> int:
    count = 0
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _copy_inbox(source: Path, file: sqlite3.Connection, connection: psycopg.Connection) -> int:
    """Bring over what was acknowledged and not yet worked off; returns how many rows."""
    path = source.with_name(sqlite_copy.INBOX)
    row = file.execute("SELECT position FROM capture_inboxcursor WHERE id = 1").fetchone()
    if not path.exists():
        return 0
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as waiting:
        rows = waiting.execute(
            f"SELECT {', '.join(inbox.COLUMNS)} FROM inbox WHERE id > ? ORDER BY id",
            (row[0] if row else 0,),
        )
        convert = [None] * len(inbox.COLUMNS)
        return _write(connection, "capture_inbox", inbox.COLUMNS, _converted(rows, convert))


def _set_sequences(
    file: sqlite3.Connection, connection: psycopg.Connection, tables: Sequence[_Table]
) -> None:
    given = {str(name): int(seq) for name, seq in file.execute("SELECT * FROM sqlite_sequence")}
    for table in tables:
        for column in table.columns:
            found = connection.execute(
                "SELECT pg_get_serial_sequence(%s, %s)", [f'"{table.name}"', column]
            ).fetchone()
            if found and found[0] and given.get(table.name):
                connection.execute("SELECT setval(%s, %s)", [found[0], given[table.name]])


def _compared(source: Path, to: Server) -> Mapping[str, int]:
    before, after = sqlite_copy.counts(source), postgres_dump.counts(to)
    differing = [
        f"{name} {before.get(name, 0)} → {after.get(name, 0)}"
        for name in sorted((before.keys() | after.keys()) - _NOT_COPIED)
        if before.get(name, 0) != after.get(name, 0)
    ]
    if differing:
        raise MoveFailed(f"The counts differ: {', '.join(differing[:5])}.")
    return {name: count for name, count in after.items() if name not in _NOT_COPIED}


def _examine(data: Path, to: Server) -> None:
    answer = elsewhere.ask(examination.__name__, data=data, database_url=to.url())
    findings = answer["findings"]
    if findings or not answer["is_current"]:
        raise MoveFailed(f"What arrived does not hold together: {findings}.")


# SQLite has no types of its own for these; what Django wrote there, as PostgreSQL takes it.
_CONVERTERS: Mapping[str, Callable[[object], object]] = {
    "boolean": bool,
    "uuid": lambda value: uuid.UUID(str(value)),
    "timestamp with time zone": lambda value: f"{value}+00",
}
