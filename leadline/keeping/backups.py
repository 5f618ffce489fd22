"""Making a backup: copied while everything runs, opened, examined, and only then put in place."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import psycopg
from django.conf import settings
from django.db import connection

import leadline
from leadline.keeping import (
    elsewhere,
    examination,
    manifest,
    postgres_dump,
    shelf,
    sqlite_copy,
    way_back,
)
from leadline.keeping.manifest import Manifest
from leadline.keeping.postgres_dump import Server
from leadline.keeping.shelf import Backup
from leadline.lib import ledger

Cause = Literal["asked", "nightly", "upgrade"]

# What of the data folder belongs to the workspace besides its database.
ALONGSIDE = ("secret_key", "set_up.json", "media")
_LOCK = "lock"
_MARGIN_BYTES = 64 * 1024 * 1024


class BackupFailed(Exception):
    """There is no new backup; the text says why. What was there before is untouched."""

    permanent = False


@dataclass(frozen=True)
class _Copied:
    """What a copy holds, and the findings of its examination; None: it was not examined."""

    tables: Mapping[str, int]
    migrations: Mapping[str, list[str]]
    findings: list[str] | None
    note: str = ""


def make(*, cause: Cause, now: datetime, to: Path | None = None) -> Backup:
    """Make a backup of the running workspace on the shelf `to` (default: the configured one).

    The copy is opened by another process and examined like the live database; only a copy in
    which every invariant holds becomes a backup, and only then old ones are deleted. A copy of an
    older schema (before an upgrade) cannot be examined by this version and is read through.
    Raises BackupFailed. A second run makes a second backup.
    """
    place = to or settings.ENVIRONMENT.backups
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(place):
            _refuse_without_room(place)
            made = _make(place, cause=cause, now=now)
            _leave_the_removed(place)
            shelf.tidy(place, now=now, spared=way_back.folder())
            return made
    except (
        OSError, sqlite3.Error, psycopg.Error, postgres_dump.ProgramFailed, elsewhere.ProcessFailed,
    ) as problem:  # fmt: skip
        raise BackupFailed(f"There is no new backup: {_sentence(problem)}") from problem


def live_size_bytes() -> int:
    """How much room the database and the files beside it take now."""
    if connection.vendor == "postgresql":
        database = postgres_dump.size_bytes(Server.of(connection.settings_dict))
    else:
        database = sqlite_copy.size_bytes(_database(), _inbox())
    media = Path(settings.ENVIRONMENT.data) / "media"
    return database + sum(_size_bytes(each) for each in media.rglob("*"))


def _size_bytes(path: Path) -> int:
    """0 for a folder, and for a file that was deleted since it was listed."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0


def _make(place: Path, *, cause: Cause, now: datetime) -> Backup:
    partial = place / f"{shelf.PARTIAL}{manifest.folder_name(now)}-{os.getpid()}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    try:
        copied = _dump(partial) if connection.vendor == "postgresql" else _copy(partial)
        if copied.findings:
            raise BackupFailed(f"The copy does not hold together: {'; '.join(copied.findings)}.")
        made = Manifest(
            format=manifest.FORMAT, made_at=now, version=leadline.__version__,
            engine=connection.vendor, cause=cause, tables=dict(copied.tables),
            migrations=dict(copied.migrations), files=dict(manifest.files_in(partial)),
            is_proven=copied.findings is not None, note=copied.note,
        )  # fmt: skip
        manifest.write(partial, made)
        folder = _free(place / manifest.folder_name(now))
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Backup(folder, made)


def _copy(partial: Path) -> _Copied:
    sqlite_copy.take(database=_database(), inbox=_inbox(), to=partial)
    _copy_alongside(partial)
    database = partial / sqlite_copy.DATABASE
    os.chmod(database, 0o600)
    answer = elsewhere.ask(examination.__name__, data=partial, database_url="")
    if found := _texts(answer["findings"]):
        return _Copied({}, {}, found)
    for name in (sqlite_copy.DATABASE, sqlite_copy.INBOX):
        sqlite_copy.settle(partial / name)
    tables, applied = sqlite_copy.counts(database), sqlite_copy.migrations(database)
    if not answer["is_current"]:
        return _Copied(tables, applied, None, "Made before an upgrade: read through.")
    return _Copied(tables, applied, [])


def _dump(partial: Path) -> _Copied:
    server = Server.of(connection.settings_dict)
    applied = postgres_dump.migrations(server)
    tables = postgres_dump.take(server, to=partial)
    _copy_alongside(partial)
    dump = partial / postgres_dump.DUMP
    os.chmod(dump, 0o600)
    try:
        with postgres_dump.scratch(server, name=f"leadline_check_{os.urandom(6).hex()}") as copy:
            postgres_dump.bring(dump, into=copy)
            found = postgres_dump.counts(copy)
            answer = elsewhere.ask(examination.__name__, data=partial, database_url=copy.url())
    except postgres_dump.MayNotCreate as refusal:
        postgres_dump.read_through(dump, server)
        note = f"Read through, not opened: {refusal} ALTER ROLE … CREATEDB allows the proof."
        return _Copied(tables, applied, None, note)
    if found != tables:
        return _Copied(tables, applied, ["the dump does not hold as many rows as the database"])
    if not answer["is_current"]:
        return _Copied(tables, applied, None, "Made before an upgrade: read through.")
    return _Copied(tables, applied, _texts(answer["findings"]))


def _copy_alongside(partial: Path) -> None:
    """After the database: a file is written before its row, and stays a day after its row says that
    it is gone, so every row of the copy finds its file."""
    for name in ALONGSIDE:
        source = settings.ENVIRONMENT.data / name
        if source.is_dir():
            shutil.copytree(source, partial / name)
        elif source.exists():
            shutil.copy2(source, partial / name)


def _leave_the_removed(place: Path) -> None:
    """Beside the backups stands who was removed for good: a restore asks for it there."""
    mine = Path(settings.ENVIRONMENT.data) / ledger.REMOVED_LEADS
    ledger.append(mine, [], at_us=0)
    ledger.carry([mine], to=place / ledger.REMOVED_LEADS)


def _refuse_without_room(place: Path) -> None:
    needed = live_size_bytes() + _MARGIN_BYTES
    free = shutil.disk_usage(place).free
    if free < needed:
        raise BackupFailed(
            f"There is no new backup: it needs {needed // 2**20} MB in {place},"
            f" and {free // 2**20} MB are free. Free some, or choose LEADLINE_BACKUPS elsewhere."
        )


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    with (place / _LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise BackupFailed("Another backup is being made right now.") from problem
        yield


def _free(folder: Path) -> Path:
    """The name, or the next one: two backups may be made within a second."""
    number, found = 2, folder
    while found.exists():
        found, number = folder.with_name(f"{folder.name}-{number}"), number + 1
    return found


def _texts(found: object) -> list[str]:
    return [str(each) for each in found] if isinstance(found, list) else []


def _database() -> Path:
    return Path(connection.settings_dict["NAME"])


def _inbox() -> Path:
    return Path(settings.ENVIRONMENT.data) / sqlite_copy.INBOX


def _sentence(problem: Exception) -> str:
    text = " ".join(str(problem).split())
    return text if text.endswith(".") else f"{text}."
