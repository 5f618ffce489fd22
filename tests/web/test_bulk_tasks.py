"""A task for many leads is due when people say, as the task of one lead is."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from leadline.activities.models import Task
from leadline.lib import clock
from leadline.workspace.models import User
from tests.web import test_bulk
from tests.web.test_bulk import LEADS, whole, work
from tests.world import World

Enter = Callable[[User], Client]
lead_ids, small = test_bulk.lead_ids, test_bulk.small  # the fixtures


@pytest.mark.django_db
def test_a_task_until_a_day_is_due_at_its_end(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    day = (clock.now() + timedelta(days=9)).date()
    said = {"lead": [str(e) for e in lead_ids], "act": "task", "text": "Call", "due": str(day),
            "owner": str(world.ada.pk)}  # fmt: skip
    enter(world.ada).post("/leads/bulk", said)
    assert set(Task.objects.values_list("due_on", flat=True)) == {day}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "days", "time"), [("in 2 weeks", 14, ""), ("tomorrow 3pm", 1, "15:00"),
                                ("morgen 15 Uhr", 1, "15:00"), ("+3d", 3, "")],
)  # fmt: skip
def test_a_task_is_due_when_people_say_as_for_one_lead(
    world: World, lead_ids: list[UUID], enter: Enter, typed: str, days: int, time: str
) -> None:
    said = {"lead": [str(e) for e in lead_ids], "act": "task", "text": "Call", "due": typed,
            "owner": str(world.ada.pk)}  # fmt: skip
    enter(world.ada).post("/leads/bulk", said)
    day = clock.now().date() + timedelta(days=days)
    assert Task.objects.count() == LEADS
    for task in Task.objects.all():
        assert task.due_on == (None if time else day)
        assert not time or f"{task.due_at:%Y-%m-%d %H:%M}" == f"{day} {time}"


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "whenever", "yesterday", "in 9 years", "31.2."])
def test_a_date_that_cannot_be_is_refused_as_for_one_lead(
    world: World, lead_ids: list[UUID], enter: Enter, typed: str
) -> None:
    ada, task = enter(world.ada), {"text": "Call", "due": typed, "owner": str(world.ada.pk)}
    headers = {"HX-Request": "true"}
    one = ada.post(f"/leads/{lead_ids[0]}/tasks", task, headers=headers)
    many = ada.post("/leads/bulk", {"lead": [str(e) for e in lead_ids], "act": "task", **task})
    sentences = [
        re.findall(r'role="alert">.*?</svg>(.*?)</p>', each.content.decode(), re.DOTALL)
        for each in (one, many)
    ]
    assert sentences[0] == sentences[1] != []
    assert (one.status_code, many.status_code) == (422, 422)
    assert f'value="{typed}"' in many.content.decode()
    assert not Task.objects.exists()


@pytest.mark.django_db
def test_a_date_that_was_typed_survives_the_preview(
    world: World, lead_ids: list[UUID], enter: Enter, small: None
) -> None:
    ada = enter(world.ada)
    said = whole(act="task", text="Call", due="tomorrow 3pm", owner=str(world.ada.pk))
    page = ada.post("/leads/bulk", said).content.decode()
    assert 'name="due" value="tomorrow 3pm"' in page
    ada.post("/leads/bulk", {**said, "confirmed": "1"})
    work()
    assert Task.objects.filter(due_on=None).count() == LEADS
