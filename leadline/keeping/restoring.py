"""Bringing a backup back to an empty place. What comes back sends nothing until confirmed.

Needs no Django: the copy is opened by a process of its own, and what is half done is never served.
"""

import os
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from leadline.keeping import arrival, elsewhere, manifest, postgres_dump, sqlite_copy
from leadline.keeping.manifest import Manifest
from leadline.keeping.postgres_dump import Server
from leadline.lib import ledger

STAGING = "restoring"
_DATABASES = (sqlite_copy.INBOX, sqlite_copy.DATABASE)
_CUT_OFF = (OSError, sqlite3.Error, psycopg.Error, postgres_dump.ProgramFailed)


class RestoreRefused(Exception):
    """Nothing was restored and nothing was changed; the text says why."""

    permanent = True


@dataclass(frozen=True)
class Restored:
    """What came back: rows as counted again, messages held, and what does not hold together.

    `removed_count`: the leads that were removed for good after the backup and are so again; None
    when neither the backup's shelf nor the folder knows who was.
    """

    manifest: Manifest
    row_count: int
    held_count: int
    removed_count: int | None
    findings: tuple[str, ...]


def restore(backup: Path, *, data: Path, server: Server | None) -> Restored:
    """Bring `backup` to the folder `data` and, on PostgreSQL, to the empty database of `server`.

    The rows of every table are counted and compared with the manifest; then the copy is migrated
    to this version, its outbox is held, who was removed for good since is removed again, and it is
    examined. The database is put in place last, so an interrupted restore is begun anew by running
    it again. The caller holds the folder's lock. Raises RestoreRefused, NotABackup.
    """
    found = manifest.read(backup)
    _refuse_misfit(found, data=data, server=server)
    manifest.check_files(backup, found)
    staging = data / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    shutil.copytree(backup, staging, ignore=shutil.ignore_patterns(manifest.FILE_NAME))
    try:
        rows = _counted(staging, server)
        if rows != found.tables:
            raise RestoreRefused(
                f"The counts differ from the backup's: {_difference(found, rows)}."
            )
        removed = ledger.carry(
            [folder / ledger.REMOVED_LEADS for folder in (backup.parent, data)],
            to=staging / ledger.REMOVED_LEADS,
        )
        answer = _settled(staging, server)
        _put_in_place(staging, data)
    except BaseException as problem:
        if server is not None:
            postgres_dump.clear(server)
        shutil.rmtree(staging, ignore_errors=True)
        if isinstance(problem, _CUT_OFF):
            raise RestoreRefused(f"Nothing was restored: {problem}") from problem
        raise
    findings = answer["findings"]
    again = None if removed is None else int(str(answer["removed_count"]))
    return Restored(
        found, sum(rows.values()), int(str(answer["waiting_count"])), again,
        tuple(map(str, findings)) if isinstance(findings, list) else (),
    )  # fmt: skip


def _refuse_misfit(found: Manifest, *, data: Path, server: Server | None) -> None:
    for name in _DATABASES:
        if (data / name).exists():
            raise RestoreRefused(f"{data} holds a workspace already ({name}). Choose an empty one.")
    wanted = "sqlite" if server is None else "postgresql"
    if found.engine != wanted:
        raise RestoreRefused(
            f"The backup is of {found.engine}, and the database here is {wanted}. "
            + (
                "Set LEADLINE_DATABASE_URL to an empty database."
                if server is None
                else "Unset LEADLINE_DATABASE_URL, restore, then `leadline move`."
            )
        )
    if server is not None and not postgres_dump.is_empty(server):
        raise RestoreRefused(f"The database {server.name} is not empty. Create a new one.")


def _counted(staging: Path, server: Server | None) -> Mapping[str, int]:
    if server is None:
        return sqlite_copy.counts(staging / sqlite_copy.DATABASE)
    postgres_dump.bring(staging / postgres_dump.DUMP, into=server)
    (staging / postgres_dump.DUMP).unlink()
    return postgres_dump.counts(server)


def _settled(staging: Path, server: Server | None) -> Mapping[str, object]:
    try:
        answer = elsewhere.ask(
            arrival.__name__, data=staging, database_url="" if server is None else server.url()
        )
    except elsewhere.ProcessFailed as problem:
        raise RestoreRefused(f"The copy cannot be opened: {problem}") from problem
    if answer["unknown"]:
        raise RestoreRefused(
            f"The backup is of a newer version of Leadline ({answer['unknown']}). Install that one."
        )
    for name in _DATABASES:
        sqlite_copy.settle(staging / name)
    return answer


def _put_in_place(staging: Path, data: Path) -> None:
    names = [path.name for path in staging.iterdir()]
    for name in sorted(names, key=lambda name: (name in _DATABASES, name == sqlite_copy.DATABASE)):
        target = data / name
        if target.is_dir():
            shutil.rmtree(target)
        os.replace(staging / name, target)
    staging.rmdir()


def _difference(found: Manifest, rows: Mapping[str, int]) -> str:
    differing = [
        f"{name} {found.tables.get(name, 0)} → {rows.get(name, 0)}"
        for name in sorted(found.tables.keys() | rows.keys())
        if found.tables.get(name) != rows.get(name)
    ]
    return ", ".join(differing[:5])
