"""Bringing the database to the state that this version expects, with a way back."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection, connections

from leadline.keeping import backups, examination, postgres_dump, schema, sqlite_copy, way_back
from leadline.keeping.postgres_dump import Server
from leadline.keeping.shelf import Backup


class UpgradeFailed(Exception):
    """The upgrade did not happen; the text says why and what state the database is in."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The backup that was made before (by the run that began, when that was interrupted); None for
    a new database, which had nothing to keep."""

    backup: Backup | None


def run(*, now: datetime, is_thorough: bool) -> Upgraded | None:
    """Back up, migrate, check; None when there is nothing to do.

    When a migration or the check fails, the state of before returns and UpgradeFailed says so.
    What was killed in between goes on where it stopped, with the same way back. `is_thorough`
    examines every lead afterwards (minutes for a million) and refuses while other
    processes use the database; a start of the server does neither. Raises BackupFailed before
    anything is changed. Nobody else may have the SQLite file open.
    """
    with schema.alone():
        return _run(now=now, is_thorough=is_thorough)


def _run(*, now: datetime, is_thorough: bool) -> Upgraded | None:
    if schema.is_new():
        schema.migrate()
        return Upgraded(None)
    if newer := schema.unknown():
        raise UpgradeFailed(
            f"The database was used by a newer version ({', '.join(newer[:3])}). "
            "Install that version, or restore a backup made before it."
        )
    begun = way_back.begun(applied=schema.applied())
    if schema.is_migrated() and begun is None:
        way_back.forget()
        return None
    others_count = _others_count()
    if others_count and is_thorough:
        raise UpgradeFailed(
            f"{others_count} other connections of Leadline use the database. End them first."
        )
    backup = begun or backups.make(cause="upgrade", now=now)
    way_back.note(backup)
    try:
        schema.migrate()
        _check(now=now, is_thorough=is_thorough)
    except Exception as problem:
        reason = f"The upgrade failed: {type(problem).__name__}: {problem}".rstrip(".")
        if others_count:
            # What they have written since the backup would be lost.
            way_back.forget()
            raise UpgradeFailed(
                f"{reason}. Others use the database; it stays as it is."
            ) from problem
        put_back(backup.folder)
        way_back.forget()
        raise UpgradeFailed(
            f"{reason}. The state of before is back; the backup stays in {backup.folder}."
        ) from problem
    way_back.forget()
    return Upgraded(backup)


def put_back(folder: Path) -> None:
    """Replace the database by the one in a backup. The inbox is left: nothing arrived meanwhile."""
    server = Server.of(connection.settings_dict)
    vendor, name = connection.vendor, connection.settings_dict["NAME"]
    connections.close_all()
    if vendor == "postgresql":
        postgres_dump.put_back(folder / postgres_dump.DUMP, over=server)
    else:
        sqlite_copy.put_back(folder / sqlite_copy.DATABASE, over=Path(name))


def _check(*, now: datetime, is_thorough: bool) -> None:
    found = examination.findings(now=now) if is_thorough else examination.damage()
    if found:
        raise UpgradeFailed("; ".join(found))


def _others_count() -> int:
    if connection.vendor != "postgresql":
        return 0  # the lock of the data folder keeps others out
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'leadline' AND pid <> pg_backend_pid()"
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
