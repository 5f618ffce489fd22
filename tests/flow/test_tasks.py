"""What is planned holds the stage, tells whoever shall do it, and follows the lead."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.activities.due import Due
from leadline.activities.models import Task
from leadline.activities.tasks import Plan
from leadline.cards.models import Card
from leadline.flow import intake, reactions, tasks, timers
from leadline.routing.models import Notification
from tests.world import World, form, said

pytestmark = pytest.mark.django_db

FADED = timedelta(days=200)


def qualified(world: World, email: str = "a@acme.test") -> UUID:
    """A director who became an MQL by visits and falls back once they have faded."""
    visits = [
        said("page", email=email, properties={"path": "/pricing"},
             at=world.now - timedelta(minutes=i))
        for i in range(6)
    ]  # fmt: skip
    who = said("identify", email=email, traits={"title_seniority": "director"}, at=world.now)
    [lead_id, *_] = intake.run([who, *visits], now=world.now).lead_ids
    assert lead_id is not None
    assert Card.objects.get(pk=lead_id).stage == "mql"
    return lead_id


def plan(world: World, after: timedelta, owner: UUID | None = None) -> Plan:
    return Plan("Call back", Due(world.now + after), owner or world.ben.pk)


def test_without_a_plan_a_faded_lead_falls_back(world: World) -> None:
    lead_id = qualified(world)
    timers.check_up(limit=10, now=world.now + FADED)
    assert Card.objects.get(pk=lead_id).stage == "lead"


def test_a_task_that_lies_ahead_holds_the_stage_until_it_is_due(world: World) -> None:
    lead_id, due_at = qualified(world), world.now + FADED + timedelta(hours=5)
    tasks.add(lead_id, plan(world, FADED + timedelta(hours=5)), by=world.ben, now=world.now)
    timers.check_up(limit=10, now=world.now + FADED)
    assert Card.objects.get(pk=lead_id).stage == "mql"
    assert timers.check_up(limit=10, now=due_at - timedelta(microseconds=1)) == 0
    assert timers.check_up(limit=10, now=due_at) == 1
    assert Card.objects.get(pk=lead_id).stage == "lead"


def test_a_task_that_is_done_holds_nothing_and_reopening_it_does_again(world: World) -> None:
    lead_id = qualified(world)
    made = tasks.add(lead_id, plan(world, FADED * 2), by=world.ben, now=world.now)
    timers.check_up(limit=10, now=world.now + FADED)
    assert tasks.complete(made.pk, by=world.ben, now=world.now + FADED) is not None
    assert Card.objects.get(pk=lead_id).stage == "lead"
    assert tasks.complete(made.pk, by=world.ben, now=world.now + FADED) is None


def test_whoever_shall_do_it_is_told_and_oneself_is_not(world: World) -> None:
    lead_id = qualified(world)
    Notification.objects.all().delete()
    made = tasks.add(lead_id, plan(world, timedelta(1)), by=world.ben, now=world.now)
    assert not Notification.objects.exists()
    tasks.hand_over(made.pk, to=world.ada.pk, by=world.ben, now=world.now)
    tasks.hand_over(made.pk, to=world.ada.pk, by=world.ben, now=world.now)
    told = Notification.objects.get()
    assert (told.user, told.lead_id) == (world.ada, lead_id)
    assert "Call back" in told.text


def test_sending_a_task_twice_tells_once(world: World) -> None:
    lead_id = qualified(world)
    Notification.objects.all().delete()
    key = UUID(int=7)
    for _ in range(2):
        for_ada = plan(world, timedelta(1), world.ada.pk)
        tasks.add(lead_id, for_ada, by=world.ben, now=world.now, key=key)
    assert (Task.objects.count(), Notification.objects.count()) == (1, 1)


def test_undo_takes_a_task_back_but_not_one_that_somebody_has_touched(world: World) -> None:
    lead_id = qualified(world)
    [fresh, touched] = [
        tasks.add(lead_id, plan(world, timedelta(1)), by=world.ben, now=world.now) for _ in "ab"
    ]
    tasks.change(touched.pk, text="Else", due=Due(touched.due_at), by=world.ada, now=world.now)
    assert tasks.take_back(fresh.pk, now=world.now)
    assert not tasks.take_back(touched.pk, now=world.now)
    assert list(Task.objects.values_list("text", flat=True)) == ["Else"]


def test_tasks_go_with_a_merge_and_come_back_when_it_is_undone(world: World) -> None:
    kept, absorbed = qualified(world), qualified(world, "b@acme.test")
    mine = tasks.add(absorbed, plan(world, timedelta(1)), by=world.ben, now=world.now)
    number = reactions.merge(kept, absorbed, because="same person", now=world.now)
    assert Task.objects.get().lead_id == kept
    tasks.complete(mine.pk, by=world.ben, now=world.now)
    reactions.undo_merge(number, now=world.now)
    assert Task.objects.get().lead_id == absorbed


def test_a_merge_by_a_trusted_source_takes_the_tasks_along(world: World) -> None:
    qualified(world)
    absorbed = qualified(world, "b@acme.test")
    tasks.add(absorbed, plan(world, timedelta(1)), by=world.ben, now=world.now)
    for email in ("a@acme.test", "b@acme.test"):
        at = world.now + timedelta(minutes=1)
        intake.run([said("identify", email=email, user_id="u-1", at=at)], now=at)
    [card] = Card.objects.all()
    assert Task.objects.get().lead_id == card.pk


def test_a_look_at_leads_asks_as_often_with_tasks_as_without(world: World) -> None:
    [one, other] = [qualified(world), qualified(world, "b@acme.test")]
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as caught:
            reactions.look_again([one, other], now=world.now)
        asked.append(len(caught))
        for lead_id in (one, other):
            tasks.add(lead_id, plan(world, timedelta(1)), by=world.ben, now=world.now)
    assert asked[0] == asked[1]


def test_a_demo_request_in_between_moves_the_stage_on_in_spite_of_a_task(world: World) -> None:
    lead_id = qualified(world)
    tasks.add(lead_id, plan(world, timedelta(30)), by=world.ben, now=world.now)
    at = world.now + timedelta(hours=1)
    intake.run([form("demo", email="a@acme.test", at=at)], now=at)
    assert Card.objects.get(pk=lead_id).stage == "sql"
