"""How much waits in each lane, what failed, and how late the timers are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.capture.models import Import, ImportRow, Parked
from leadline.delivery.models import Message
from leadline.flow import backlog, intake
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


def test_a_timer_is_late_by_what_is_due_longest(world: World) -> None:
    intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    due = Clock.objects.get().due_at
    assert backlog.current(due - timedelta(seconds=1)).late_seconds["clock"] == 0.0
    assert backlog.current(due + timedelta(seconds=90)).late_seconds["clock"] == 90.0
    Checkup.objects.update(due_at=clock.micros(world.now))
    later = world.now + timedelta(seconds=7)
    assert backlog.current(later).late_seconds["checkup"] == 7.0


def test_however_much_waits_seven_questions_are_asked(world: World) -> None:
    for number in range(20):
        message(number, "pending", world)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        backlog.current(world.now)
    assert len(asked) == 7
