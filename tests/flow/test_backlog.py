"""How much waits in each lane, what failed, and how late the timers are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.capture.models import Import, ImportRow, Parked
from leadline.delivery import holding
from leadline.delivery.models import Message
from leadline.flow import backlog, intake, trash
from leadline.flow.models import Checkup
from leadline.lib import clock
from leadline.routing.models import Clock
from leadline.workspace import jobs
from leadline.workspace.models import Job
from tests.world import World, form

pytestmark = pytest.mark.django_db


def test_an_idle_worker_has_nothing_behind_it(world: World) -> None:
    found = backlog.current(world.now)
    assert found.waiting == {"outbox": 0, "jobs": 0, "imports": 0}
    assert found.failed == {"inbox": 0, "outbox": 0, "jobs": 0}
    assert found.late_seconds == {"checkup": 0.0, "clock": 0.0}


def message(number: int, state: str, world: World) -> None:
    Message.objects.create(
        kind=Message.Kind.TEST, cause=f"test:{number}", to_address="a@example.com",
        state=state, due_at=world.now, created_at=world.now,
    )  # fmt: skip


def test_each_lane_says_what_waits_and_what_failed(world: World) -> None:
    for number, state in enumerate(("pending", "sent", "failed", "unknown", "unknown")):
        message(number, state, world)
    jobs.enqueue("backup", now=world.now)
    jobs.enqueue("backup", now=world.now, due_at=world.now + timedelta(hours=1))
    jobs.enqueue("backup", now=world.now)
    Job.objects.filter(id=Job.objects.latest("id").id).update(state=Job.State.FAILED)
    batch = Import.objects.create(file_name="a.csv", file_hash="0", created_at=world.now)
    for number, state in enumerate(("waiting", "waiting", "done")):
        ImportRow.objects.create(batch=batch, number=number, raw="{}", state=state)
    for state in ("parked", "retried"):
        Parked.objects.create(
            source="key:1", received_at=world.now, body=b"", meta="", error="", tries=5,
            state=state, parked_at=world.now,
        )  # fmt: skip
    found = backlog.current(world.now)
    assert found.waiting == {"outbox": 1, "jobs": 1, "imports": 2}
    assert found.failed == {"inbox": 1, "outbox": 3, "jobs": 1}


@pytest.mark.sqlite_only
def test_the_outbox_is_counted_by_its_small_indexes(world: World) -> None:
    """PostgreSQL reads a table of a few rows whole."""
    with CaptureQueriesContext(connection) as captured:
        assert holding.waiting_count() == 0
    (asked,) = captured
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # not what a test before has left behind
        cursor.execute("EXPLAIN QUERY PLAN " + asked["sql"])
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert ("message_due" in plan, "message_leased" in plan) == (True, True)


def test_what_lies_in_the_trash_is_late_for_nobody(world: World) -> None:
    came = intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    late = Clock.objects.get().due_at + timedelta(hours=1)
    assert backlog.current(late).late_seconds["clock"] == 3_600.0
    trash.move([each for each in came.lead_ids if each], by=world.ada, now=world.now)
    assert backlog.current(late).late_seconds["clock"] == 0.0


def test_a_timer_is_late_by_what_is_due_longest(world: World) -> None:
    intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    due = Clock.objects.get().due_at
    assert backlog.current(due - timedelta(seconds=1)).late_seconds["clock"] == 0.0
    assert backlog.current(due + timedelta(seconds=90)).late_seconds["clock"] == 90.0
    Checkup.objects.update(due_at=clock.micros(world.now))
    later = world.now + timedelta(seconds=7)
    assert backlog.current(later).late_seconds["checkup"] == 7.0


def test_however_much_waits_eight_questions_are_asked(world: World) -> None:
    for number in range(20):
        message(number, "pending", world)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        backlog.current(world.now)
    assert len(asked) == 8
