"""Copies of the two SQLite files while they are written to, and putting one back.

Order matters. The inbox is copied first: what was acknowledged until then is either in that copy
or, worked off, in the copy of the database made after it. The other way round, a row that is
worked off and removed between the two copies would be in neither.
"""

import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

DATABASE = "leadline.sqlite3"
INBOX = "inbox.sqlite3"
_BUSY_SECONDS = 20.0


def take(*, database: Path, inbox: Path, to: Path) -> None:
    """Copy both files into the folder `to`, the inbox first; writers are not held up.

    Raises sqlite3.Error or OSError; what is in `to` is then worth nothing.
    """
    if inbox.exists():
        _copy(inbox, to / INBOX)
    _copy(database, to / DATABASE)
    if inbox.exists():
        never_reuse_ids(to)


def never_reuse_ids(folder: Path) -> None:
    """Let the inbox go on above the cursor of the database.

    The database is the younger copy: its cursor may stand at a row that arrived after the inbox
    was copied. Left alone, the copied inbox would give the same id to a new row, which the
    consumer would take for one that it has had.
    """
    with closing(_open(folder / DATABASE)) as file:
        row = file.execute("SELECT position FROM capture_inboxcursor WHERE id = 1").fetchone()
    position = int(row[0]) if row else 0
    with closing(_open(folder / INBOX)) as file, file:
        file.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name='inbox'", (position,))
        file.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'inbox', ?"
            " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'inbox')",
            (position,),
        )


def settle(path: Path) -> None:
    """Make the file whole by itself: no log beside it, everything on disk."""
    if not path.exists():
        return
    with closing(_open(path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file.execute("PRAGMA journal_mode=DELETE")
    _sync(path)


def put_back(copy: Path, *, over: Path) -> None:
    """Replace the file `over` by a copy. Nobody may have it open.

    Its log is worked into it first: a log that outlived its database would be applied to the
    copy and damage it. A crash leaves the one or the other whole.
    """
    settle(over)
    beside = over.with_name(over.name + ".returning")
    shutil.copyfile(copy, beside)
    _sync(beside)
    os.replace(beside, over)
    _sync(over.parent)


def damage(path: Path) -> str | None:
    """What SQLite finds wrong in the file, its pages and its references; None when nothing."""
    with closing(_open(path)) as file:
        (answer,) = file.execute("PRAGMA integrity_check(1)").fetchone()
        if answer != "ok":
            return str(answer).splitlines()[-1]  # above it stands only which file
        dangling = file.execute("PRAGMA foreign_key_check").fetchone()
    return None if dangling is None else f"a row of {dangling[0]} points to nothing"


def counts(path: Path) -> dict[str, int]:
    """Rows of every table of ours; search indexes and the like are left out."""
    with closing(_open(path)) as file:
        listed = file.execute("SELECT name FROM pragma_table_list WHERE type = 'table'")
        names = sorted(name for (name,) in listed if not name.startswith("sqlite_"))
        return {
            name: int(file.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
            for name in names
        }


def migrations(path: Path) -> dict[str, list[str]]:
    """App → names of the migrations that were applied to the file."""
    with closing(_open(path)) as file:
        return by_app(file.execute("SELECT app, name FROM django_migrations").fetchall())


def by_app(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for app, name in sorted(pairs):
        found.setdefault(app, []).append(name)
    return found


def size_bytes(*paths: Path) -> int:
    """The files together with their logs."""
    sizes: Mapping[Path, int] = {
        each: each.stat().st_size
        for path in paths
        for each in (path, path.with_name(path.name + "-wal"))
        if each.exists()
    }
    return sum(sizes.values())


def _copy(source: Path, target: Path) -> None:
    # In one step: SQLite starts over whenever somebody writes between two steps, and under load
    # somebody always does. One step is one read transaction, which in WAL holds up nobody.
    with closing(_open(source)) as live, closing(_open(target)) as copy:
        live.backup(copy)
    settle(target)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_SECONDS)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
