"""A connection to SQLite that can only read is let go of when its request ends.

SQLite opens a file that cannot be written for reading, without a word, and stays so: on a disk that
was read-only for a minute every thread would refuse to write until its process ends. The worker
begins anew after each failure (`worker.step`); in the web process connections live on, so it asks
for this.
"""

import os
import sqlite3
import time
from collections.abc import Callable

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

_READ_ONLY = 8  # SQLITE_READONLY; what more is known stands above the low byte


def watch() -> None:
    """From now on, for each connection of this process. A second call changes nothing."""
    connection_created.connect(_opened, dispatch_uid="leadline.reopening")


def _opened(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    if connection.vendor != "sqlite":
        return
    if _refuses not in connection.execute_wrappers:
        connection.execute_wrappers.append(_refuses)
    # Not by a write of ours: that would wait for whoever holds the lock.
    if not os.access(connection.settings_dict["NAME"], os.W_OK):
        _let_go_soon(connection)


def _refuses(
    execute: Callable[..., object], sql: str, params: object, many: bool, context: dict[str, object]
) -> object:
    """The file may have become writable between the opening and the look at it."""
    try:
        return execute(sql, params, many, context)
    except OperationalError as error:
        if _is_read_only(error):
            _let_go_soon(context["connection"])  # type: ignore[arg-type]  # Django's own entry
        raise


def _is_read_only(error: OperationalError) -> bool:
    cause = error.__cause__
    return isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode & 0xFF == _READ_ONLY


def _let_go_soon(connection: BaseDatabaseWrapper) -> None:
    """Django closes what is too old before and after each request."""
    connection.close_at = time.monotonic()
