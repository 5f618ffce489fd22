"""What the worker does by itself now and then."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from leadline.flow import intake
from leadline.keeping import backups
from leadline.worker import kinds
from leadline.workspace import jobs
from leadline.workspace.models import Job, Workspace
from tests.world import World, form


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_the_planner_learns_how_large_the_tables_are(world: World) -> None:
    """PostgreSQL analyses by itself."""
    intake.run(
        [form("demo", email=f"a{i}@acme.test", at=world.now) for i in range(60)], now=world.now
    )
    kinds.verb("database.statistics")({}, world.now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'cards_card'")
        assert any(row[0].startswith("60 ") for row in cursor.fetchall())


def test_every_job_that_comes_round_by_itself_has_a_verb() -> None:
    assert {period.kind for period in kinds.PERIODS} <= set(kinds.VERBS)


@pytest.mark.django_db
def test_the_nightly_job_makes_a_backup_of_that_cause(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    causes: list[str] = []
    monkeypatch.setattr(backups, "make", lambda **said: causes.append(said["cause"]))
    kinds.verb("backup")({}, world.now)
    assert causes == ["nightly"]


@pytest.mark.django_db
def test_the_nightly_backup_lets_the_start_be(world: World) -> None:
    jobs.enqueue_due(kinds.PERIODS, now=world.now)
    due = dict(Job.objects.values_list("kind", "due_at"))
    assert due["backup"] - world.now == timedelta(minutes=10)
    assert due["jobs.forget"] == world.now


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "hour"),
    [("UTC", 2), ("Europe/Berlin", 1), ("America/Los_Angeles", 10), ("Asia/Kolkata", 20.5)],
)
def test_what_runs_every_night_runs_in_the_night_of_the_workspace(
    world: World, zone: str, hour: float
) -> None:
    Workspace.objects.update(time_zone=zone)
    begins_at = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(hours=hour)
    nightly = (jobs.Period("backup", timedelta(days=1)),)
    for minutes, count in ((-24 * 60, 1), (-1, 0), (0, 1), (1, 0), (24 * 60 - 1, 0), (24 * 60, 1)):
        now = begins_at + timedelta(minutes=minutes)
        assert jobs.enqueue_due(nightly, now=now) == count, minutes
        Job.objects.all().delete()


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Pacific/Auckland", "America/Los_Angeles"])
def test_no_night_is_left_out_when_the_workspace_moves(world: World, zone: str) -> None:
    Workspace.objects.update(time_zone="UTC")
    nightly = (jobs.Period("backup", timedelta(days=1)),)
    start, ran = datetime(2026, 3, 10, 2, tzinfo=UTC), []
    for hours in range(96):
        if hours == 12:
            Workspace.objects.update(time_zone=zone)
        now = start + timedelta(hours=hours)
        if jobs.enqueue_due(nightly, now=now):
            ran.append(now)
        Job.objects.all().delete()
    gaps = [after - before for before, after in itertools.pairwise(ran)]
    assert max(gaps) <= timedelta(days=1), gaps
    assert len(ran) <= 5
