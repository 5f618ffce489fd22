"""Programs that each say a part of the same thing at once: each part stays, nobody waits."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from leadline.activities import tasks as rows
from leadline.activities.due import Due
from leadline.activities.models import Task, TaskChange
from leadline.activities.tasks import Plan
from leadline.api.limits import LIMITS
from leadline.cards import deals as seen_deals
from leadline.cards import tasks as seen_tasks
from leadline.deals.models import Deal
from leadline.flow import intake, tasks
from leadline.leads import locks
from leadline.workspace.models import User
from tests.api.conftest import Speaker, speaker
from tests.races.side_by_side import at_once, meeting, overtaken, unguarded
from tests.world import World, form

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ben(world: World) -> Speaker:
    LIMITS.forget()
    return speaker(world.ben)


@pytest.fixture
def lead_id(world: World) -> UUID:
    [found] = intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now).lead_ids
    assert found is not None
    return found


@pytest.fixture
def task(world: World, lead_id: UUID) -> Task:
    plan = Plan("Call", Due(world.now + timedelta(days=1)), world.ben.pk)
    return tasks.add(lead_id, plan, by=world.ben, now=world.now)


def patching(who: Speaker, task: Task, **said: object) -> Callable[[], int]:
    return lambda: int(who.ask("PATCH", f"/tasks/{task.pk}", said).status_code)


def saying(who: Speaker, **said: object) -> Callable[[], int]:
    return lambda: int(who.ask("POST", "/deals", {"external_id": "d1", **said}).status_code)


def change_a_task(world: World, ben: Speaker, task: Task) -> tuple[list[object], bool]:
    """One says the text, one the day; the answers, and whether both stand there."""
    later = world.now + timedelta(days=9)
    answers = at_once(
        patching(ben, task, text="Call twice"), patching(ben, task, due_at=later.isoformat())
    )
    task.refresh_from_db()
    return answers, (task.text, task.due_at) == ("Call twice", later)


def test_two_changes_of_a_task_keep_both_parts(
    world: World, ben: Speaker, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    with meeting(monkeypatch, seen_tasks, "may_change"):
        assert change_a_task(world, ben, task) == ([200, 200], True)


def test_without_the_lock_one_part_of_a_task_is_lost_or_refused(
    world: World, ben: Speaker, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unguarded(monkeypatch), meeting(monkeypatch, seen_tasks, "may_change"):
        answers, has_both = change_a_task(world, ben, task)
    assert not has_both
    assert sorted(map(str, answers)) == ["200", "200" if is_postgres() else "503"]


def state_a_deal(ben: Speaker, lead_id: UUID) -> tuple[list[object], bool]:
    """One says the name, one the amount; the answers, and whether both stand there."""
    answers = at_once(saying(ben, name="Two sites"), saying(ben, amount_minor=5))
    deal = Deal.objects.get()
    return answers, (deal.name, deal.amount_minor, deal.lead_id) == ("Two sites", 5, lead_id)


def test_two_statements_about_a_deal_keep_both_parts(
    ben: Speaker, lead_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert saying(ben, lead=str(lead_id))() == 201
    with meeting(monkeypatch, seen_deals, "may_edit"):
        assert state_a_deal(ben, lead_id) == ([200, 200], True)


def test_without_the_lock_one_part_of_a_deal_is_lost_or_refused(
    ben: Speaker, lead_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert saying(ben, lead=str(lead_id))() == 201
    with unguarded(monkeypatch), meeting(monkeypatch, seen_deals, "may_edit"):
        answers, has_both = state_a_deal(ben, lead_id)
    assert not has_both
    assert sorted(map(str, answers)) == ["200", "200" if is_postgres() else "503"]


def hand_over_and_tick(
    world: World, ben: Speaker, task: Task, monkeypatch: pytest.MonkeyPatch
) -> list[object]:
    """A program hands a task over and ticks it off; its colleague ticks it off on the screen as
    soon as it has been handed over. The answer of the program, and what failed."""
    answers: list[object] = []
    both = patching(ben, task, owner="ada@acme.example", done=True)
    failed = overtaken(
        monkeypatch,
        rows,
        "hand_over",
        slow=lambda: answers.append(both()),
        fast=lambda: tasks.complete(task.pk, by=world.ada, now=world.now),
    )
    return answers + failed


def test_a_program_and_a_screen_that_tick_off_a_task_take_turns(
    world: World, ben: Speaker, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hand_over_and_tick(world, ben, task, monkeypatch) == [200]
    task.refresh_from_db()
    assert (task.owner_id, task.done_by_id) == (world.ada.pk, world.ben.pk)


def test_a_program_that_does_not_hold_the_lead_first_and_a_screen_wait_for_each_other(
    world: World, ben: Speaker, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL only: it ends such a wait by refusing one of the two."""
    if not is_postgres():
        pytest.skip("SQLite has one writer at a time")
    ticking, hold, complete = threading.local(), locks.hold, tasks.complete

    def hold_for_a_tick(lead_ids: list[UUID]) -> None:
        if getattr(ticking, "is_on", False):
            hold(lead_ids)

    def tick(task_id: UUID, *, by: User, now: datetime) -> TaskChange | None:
        ticking.is_on = True
        return complete(task_id, by=by, now=now)

    monkeypatch.setattr(locks, "hold", hold_for_a_tick)
    monkeypatch.setattr(tasks, "complete", tick)
    assert hand_over_and_tick(world, ben, task, monkeypatch) != [200]


def is_postgres() -> bool:
    return connection.vendor == "postgresql"
