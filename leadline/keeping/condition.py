"""How the installation is: last backup, what waits, how large everything is."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min

import leadline
from leadline.analytics import freshness, shadow
from leadline.analytics.freshness import Freshness
from leadline.analytics.models import ShadowRun
from leadline.capture import reader
from leadline.capture.inbox_sqlite import FILE_NAME as INBOX
from leadline.capture.models import InboxCursor, Parked
from leadline.delivery import holding, queries
from leadline.keeping import backups, shelf
from leadline.keeping.shelf import Backup
from leadline.lib import clock
from leadline.workspace.models import Job, Workspace

BACKUP_OLD_AFTER = timedelta(hours=48)


@dataclass(frozen=True)
class Waiting:
    """What has not been worked off: arrivals, jobs, and what a person should look at."""

    arrival_count: int
    lag_seconds: float
    job_count: int
    late_job_seconds: float
    failed_job_count: int
    parked_count: int
    attention_count: int


@dataclass(frozen=True)
class Storage:
    """Room taken and left, in bytes; the lake with how fresh it is, None before there is one."""

    database_bytes: int
    backups_bytes: int
    free_bytes: int
    lake: Freshness | None


@dataclass(frozen=True)
class Condition:
    """Everything that Settings, System shows."""

    version: str
    engine: str
    last_backup: Backup | None
    backup_count: int
    shelf: Path
    is_backup_late: bool
    held_at: datetime | None
    held_count: int
    waiting: Waiting
    storage: Storage
    shadow: ShadowRun | None


def current(now: datetime) -> Condition:
    """As of `now`. A handful of queries, whatever the size; reads the manifests of the backups."""
    place = Path(settings.ENVIRONMENT.backups)
    found = shelf.listing(place)
    held_at = holding.held_at()
    return Condition(
        version=leadline.__version__,
        engine=connection.vendor,
        last_backup=found[0] if found else None,
        backup_count=len(found),
        shelf=place,
        is_backup_late=is_backup_late(found[0] if found else None, now=now),
        held_at=held_at,
        held_count=0 if held_at is None else holding.waiting_count(before=held_at),
        waiting=_waiting(now),
        storage=Storage(
            database_bytes=backups.live_size_bytes(),
            backups_bytes=sum(each.manifest.size_bytes for each in found),
            free_bytes=shutil.disk_usage(settings.ENVIRONMENT.data).free,
            lake=freshness.current(),
        ),
        shadow=shadow.latest(),
    )


def is_backup_late(last: Backup | None, *, now: datetime) -> bool:
    """Is the last good backup older than 48 hours? A new workspace has as long for its first."""
    since = Workspace.objects.values_list("created_at", flat=True).first()
    newest = last.manifest.made_at if last else since
    return newest is not None and now - newest > BACKUP_OLD_AFTER


def _waiting(now: datetime) -> Waiting:
    count, oldest_us = _arrivals()
    jobs = Job.objects.filter(state=Job.State.READY, due_at__lte=now).aggregate(
        count=Count("id"), oldest=Min("due_at")
    )
    late = now - jobs["oldest"] if jobs["oldest"] else timedelta()
    lag_us = max(0, clock.micros(now) - oldest_us) if oldest_us else 0
    return Waiting(
        arrival_count=count,
        lag_seconds=lag_us / clock.SECOND,
        job_count=jobs["count"],
        late_job_seconds=late.total_seconds(),
        failed_job_count=Job.objects.filter(state=Job.State.FAILED).count(),
        parked_count=Parked.objects.filter(state=Parked.State.PARKED).count(),
        attention_count=sum(queries.needing_attention().values()),
    )


def _arrivals() -> tuple[int, int | None]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            return reader.pending_postgres(cursor)
    position = InboxCursor.objects.filter(id=1).values_list("position", flat=True).first() or 0
    source = reader.SqliteReader(Path(settings.ENVIRONMENT.data) / INBOX)
    try:
        return source.pending(position)
    finally:
        source.close()
