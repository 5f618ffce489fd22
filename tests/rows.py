"""The rows of a database, noted and put back: building the same workspace for each test takes
ten times as long as writing its rows again."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

Noted = dict[str, list[tuple[Any, ...]]]  # table → rows, as the database gives them


def added_by(build: Callable[[], object]) -> Noted:
    """Run `build` and note the rows that it adds; it may only fill tables that are empty."""
    before = {table: _rows(table) for table in _tables()}
    build()
    after = {table: _rows(table) for table in before}
    changed = {table for table, rows in before.items() if rows and rows != after[table]}
    assert not changed, f"rows were there before: {sorted(changed)}"
    return {table: rows for table, rows in after.items() if rows and not before[table]}


def put_back(noted: Noted) -> None:
    """Write the rows into their tables, which are empty; foreign keys are looked at on commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in noted.items():
            if connection.vendor == "postgresql":
                texts = [row for (row,) in rows]
                sql = f'INSERT INTO "{table}" SELECT (one::"{table}").* FROM unnest(%s::text[]) one'
                cursor.execute(sql, [texts])
                continue
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)


def _tables() -> list[str]:
    """The tables that Django made; what an index keeps for itself follows them by trigger."""
    return connection.introspection.django_table_names(only_existing=True)


def _rows(table: str) -> list[tuple[Any, ...]]:
    chosen = "*" if connection.vendor == "sqlite" else "one::text"
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {chosen} FROM "{table}" one')
        return cursor.fetchall()
