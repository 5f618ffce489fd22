"""An upper bound on how long a query may take, whoever wrote its filter."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from leadline.lib.refusal import Phrase, Refused

SECONDS = 2.0
_STEPS = 20_000
"""Instructions of SQLite's machine between two looks at the time: some 0.3 ms."""


class TooSlow(Refused):
    """The list took longer than its box."""

    def __init__(self) -> None:
        super().__init__(
            Phrase(
                "This list took longer than %(seconds)s seconds. Narrow the filter, or save it as "
                "a segment.",
                seconds=f"{SECONDS:g}",
            )
        )


@contextmanager
def at_most(seconds: float | None = None) -> Iterator[None]:
    """Queries inside are broken off after `seconds` (2 by default); raises TooSlow then.

    PostgreSQL counts each statement, SQLite all of them together.
    """
    box = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    try:
        with box(SECONDS if seconds is None else seconds):
            yield
    except OperationalError as error:
        if not _is_broken_off(error):
            raise
        raise TooSlow from error


@contextmanager
def _on_postgresql(seconds: float) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds:g}s"])
        yield
        cursor.execute("SET LOCAL statement_timeout TO DEFAULT")


@contextmanager
def _on_sqlite(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    # The stopwatch of a query, not the time of anything that happened: no `now=` here.
    end = time.monotonic() + seconds
    connection.connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)


def _is_broken_off(error: OperationalError) -> bool:
    cause = error.__cause__
    # 57014: query_canceled.
    return getattr(cause, "sqlstate", None) == "57014" or str(cause) == "interrupted"
