"""Which verb does which kind of job, and which jobs come round by themselves.

Every verb takes the job's arguments and `now`, and is safe to run twice.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import connection

from leadline.activities import files
from leadline.analytics import client, tombstones
from leadline.flow import (
    bulk_actions,
    bulk_export,
    departures,
    digests,
    fields,
    hushing,
    rescoring,
    score_models,
    segments,
    shadow,
    teams,
    trash,
)
from leadline.keeping import backups
from leadline.routing import rings
from leadline.workspace import jobs

Verb = Callable[[Mapping[str, object], datetime], object]

KEEP_DONE_JOBS = timedelta(days=7)
LAKE_SECONDS = 3_600.0


class UnknownKind(Exception):
    """A job of a kind that this version does not know; trying again cannot help."""

    permanent = True


def forget_done_jobs(_arguments: Mapping[str, object], now: datetime) -> int:
    """Delete the jobs that were done more than a week ago; returns how many."""
    return jobs.forget(before=now - KEEP_DONE_JOBS)


def refresh_statistics(_arguments: Mapping[str, object], _now: datetime) -> None:
    """Let the planner know how large the tables are; PostgreSQL does so by itself.

    Without statistics a list of a hundred thousand leads takes the wrong index (Today: 1.2 s
    against 8 ms, SQLite). `optimize` looks only at tables that have grown a lot.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 1000")
            cursor.execute("PRAGMA optimize = 0x10002")


def back_up(_arguments: Mapping[str, object], now: datetime) -> None:
    """Make the nightly backup; raises BackupFailed, and is tried again."""
    backups.make(cause="nightly", now=now)


def empty_trash(_arguments: Mapping[str, object], now: datetime) -> int:
    """Remove for good what has lain in the trash for 30 days; returns how many leads."""
    return trash.empty(now=now)


def forget_bulk_actions(_arguments: Mapping[str, object], now: datetime) -> int:
    """Delete what bulk actions remember after a month, and files nobody fetched; how many."""
    return bulk_actions.forget(now=now) + bulk_export.clear(now=now)


def forget_rings(_arguments: Mapping[str, object], now: datetime) -> int:
    """Delete what rang more than a day ago; returns how many."""
    return rings.forget(before=now - timedelta(days=1))


def sweep_files(_arguments: Mapping[str, object], now: datetime) -> int:
    """Delete the files that were removed a day ago; returns how many."""
    return files.sweep(now=now)


def forget_in_lake(_arguments: Mapping[str, object], _now: datetime) -> int:
    """Let what was erased stand in no file of the lake; how many erasures were worked off.

    Without one that waits the analyst is not started. Raises client.AnalystError, and is tried
    again.
    """
    if not tombstones.waiting():
        return 0
    done = client.ask("lake_forget", {}, timeout_s=LAKE_SECONDS)
    return int(done["tombstones"])


VERBS: Mapping[str, Verb] = {
    "jobs.forget": forget_done_jobs,
    "database.statistics": refresh_statistics,
    "backup": back_up,
    "trash.empty": empty_trash,
    "files.sweep": sweep_files,
    "lake.forget": forget_in_lake,
    "notifications.tidy": forget_rings,
    digests.SEND: digests.send,
    fields.TAKE_IN: fields.take_in,
    fields.REPLACE_OPTION: fields.replace_option,
    hushing.HUSH: hushing.hush,
    segments.FILL: segments.fill,
    score_models.COME_INTO_FORCE: score_models.come_into_force,
    rescoring.RESCORE: rescoring.rescore,
    shadow.SHADOW: shadow.run,
    departures.HAND_OVER: departures.hand_over,
    departures.TAKE_BACK: departures.take_back,
    teams.HAND_OVER: teams.hand_over,
    bulk_actions.RUN: bulk_actions.run,
    bulk_actions.UNDO: bulk_actions.run_undo,
    "bulk.forget": forget_bulk_actions,
}
PERIODS = (
    jobs.Period("jobs.forget", timedelta(days=1)),
    jobs.Period("database.statistics", timedelta(minutes=10)),
    jobs.Period("backup", timedelta(days=1), after=timedelta(minutes=10)),
    jobs.Period(shadow.SHADOW, timedelta(days=1), after=timedelta(minutes=20)),
    jobs.Period("trash.empty", timedelta(hours=6)),
    jobs.Period("files.sweep", timedelta(hours=6)),
    # Within a day of the erasure, also when it has to be tried again.
    jobs.Period("lake.forget", timedelta(hours=6)),
    jobs.Period("notifications.tidy", timedelta(days=1)),
    jobs.Period(digests.SEND, timedelta(minutes=10)),
    jobs.Period("bulk.forget", timedelta(hours=1)),
)


def verb(kind: str) -> Verb:
    """The verb of a kind; raises UnknownKind."""
    try:
        return VERBS[kind]
    except KeyError:
        raise UnknownKind(f"No job of the kind {kind!r} is known here.") from None
