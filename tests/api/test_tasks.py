"""Tasks over the API: what the screens do, for whoever may see and change the lead."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.activities.due import Due
from leadline.activities.models import Task, TaskChange
from leadline.activities.tasks import Plan
from leadline.cards import time_box
from leadline.flow import tasks
from leadline.workspace.models import Role, User
from tests.api.conftest import Place, broken_off, speaker


def new(place: Place, **changes: object) -> dict[str, Any]:  # JSON
    due = place.now + timedelta(days=1)
    return {"lead": str(place.lead_id), "text": "Call", "due_at": due.isoformat(), **changes}


def planned(place: Place, number: int = 0, **changes: object) -> Task:
    plan = {"text": f"Task {number}", "due": Due(place.now + timedelta(hours=number)),
            "owner_id": place.world.ben.pk, **changes}  # fmt: skip
    return tasks.add(place.lead_id, Plan(**plan), by=place.world.ben, now=place.now)  # type: ignore[arg-type]  # by name


def test_a_task_is_planned_read_changed_and_ticked_off(place: Place) -> None:
    made = place.ben.ask("POST", "/tasks", new(place, owner="ada@acme.example"))
    assert made.status_code == 201, made.document
    task = made.document
    assert task["owner"]["email"] == "ada@acme.example"
    assert task["created_by"]["email"] == "ben@acme.example"
    assert place.ben.get(f"/tasks/{task['id']}").document == task
    changes = {"text": "Call twice", "owner": "ben@acme.example", "done": True}
    changed = place.ben.ask("PATCH", f"/tasks/{task['id']}", changes).document
    assert (changed["text"], changed["due_at"]) == ("Call twice", task["due_at"])
    assert changed["done_by"]["email"] == changed["owner"]["email"] == "ben@acme.example"
    acts = list(TaskChange.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["added", "changed", "handed_over", "done"]
    place.ben.ask("PATCH", f"/tasks/{task['id']}", changes)
    assert TaskChange.objects.count() == 4
    reopened = place.ben.ask("PATCH", f"/tasks/{task['id']}", {"done": False, "owner": None})
    assert (reopened.document["done_at"], reopened.document["owner"]) == (None, None)


def test_a_day_ends_in_the_zone_of_whoever_says_it(place: Place) -> None:
    User.objects.update(time_zone="Europe/Berlin")
    body = new(place, due_on="2026-12-24")
    del body["due_at"]
    task = place.ben.ask("POST", "/tasks", body).document
    assert task["due_on"] == "2026-12-24"
    assert datetime.fromisoformat(task["due_at"]) == datetime.fromisoformat("2026-12-24T23:00Z")


def test_what_cannot_be_planned_is_refused_with_its_place(place: Place) -> None:
    for changes, pointer in (
        ({"lead": None}, "/lead"),
        ({"text": None}, "/text"),
        ({"text": " "}, "/text"),
        ({"text": "x" * 501}, "/text"),
        ({"due_at": "soon"}, "/due_at"),
        ({"due_at": None}, "/due_at"),
        ({"due_at": "0900-01-01T00:00:00Z"}, "/due_at"),
        ({"due_on": "2026-12-24"}, "/due_on"),
        ({"due_on": "9999-12-31", "due_at": None}, "/due_on"),
        ({"owner": "nobody@acme.example"}, "/owner"),
        ({"owner": "cleo@acme.example"}, "/owner"),
        ({"lead": str(uuid4())}, "/lead"),
        ({"colour": "red"}, "/colour"),
    ):
        refused = place.ben.ask("POST", "/tasks", new(place, **changes))
        assert refused.status_code == 422, changes
        assert refused.document["errors"][0]["pointer"] == pointer, refused.document
    assert not Task.objects.exists()


def test_the_same_key_plans_once_and_for_another_lead_is_a_conflict(place: Place) -> None:
    key = {"Idempotency-Key": "visit-7"}
    first = place.ben.ask("POST", "/tasks", new(place), **key)
    again = place.ben.ask("POST", "/tasks", new(place), **key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.document == again.document
    body = {"email": "other@navy.example", "traits": {"name": "Other"}}
    other = place.ada.ask("POST", "/leads", body).document["id"]
    place.ada.ask("PATCH", f"/leads/{other}", {"owner": "ben@acme.example"})
    assert place.ben.ask("POST", "/tasks", new(place, lead=other), **key).status_code == 409
    assert place.ada.ask("POST", "/tasks", new(place), **key).status_code == 201
    assert Task.objects.count() == 2


def test_tasks_are_listed_by_when_they_are_due_in_pages(place: Place) -> None:
    made = [planned(place, number) for number in (3, 1, 2)]
    planned(place, 0, owner_id=place.world.ada.pk)
    tasks.complete(made[2].pk, by=place.world.ben, now=place.now)

    def texts(query: str) -> list[str]:
        return [each["text"] for each in place.ben.get(f"/tasks{query}").document["items"]]

    assert texts("") == ["Task 0", "Task 1", "Task 3"]
    assert texts("?mine=true") == ["Task 1", "Task 3"]
    assert texts("?state=done") == ["Task 2"]
    assert texts(f"?lead={place.lead_id}&state=all&limit=2") == ["Task 0", "Task 1"]
    page = place.ben.get("/tasks?state=all&limit=2").document
    assert texts(f"?state=all&limit=2&after={page['next']}") == ["Task 2", "Task 3"]
    assert place.ben.get(f"/tasks?state=open&after={page['next']}").status_code == 422
    assert place.ben.get("/tasks?colour=red").status_code == 422


def test_cleo_meets_foreign_tasks_like_random_ones(place: Place) -> None:
    task = planned(place)
    assert place.cleo.get("/tasks").document["items"] == []
    assert place.cleo.get(f"/tasks?lead={place.lead_id}").document["items"] == []
    for path in (f"/tasks/{task.pk}", f"/tasks/{uuid4()}"):
        answers = [place.cleo.get(path), place.cleo.ask("PATCH", path, {"done": True})]
        assert [each.status_code for each in answers] == [404, 404]
        assert str(task.pk) not in str(answers[0].document)
    foreign = place.cleo.ask("POST", "/tasks", new(place))
    random = place.cleo.ask("POST", "/tasks", new(place, lead=str(uuid4())))
    assert (foreign.status_code, foreign.document) == (random.status_code, random.document)


def test_who_only_sees_the_lead_changes_only_the_own_task(place: Place) -> None:
    dora = User.objects.create_user("dora@acme.example", role=Role.REP, team=place.world.sales)
    bens, hers = planned(place), planned(place, 1, owner_id=dora.pk)
    caller = speaker(dora, ["leads:read", "leads:write"])
    assert caller.ask("PATCH", f"/tasks/{bens.pk}", {"done": True}).status_code == 403
    assert caller.ask("PATCH", f"/tasks/{hers.pk}", {"done": True}).status_code == 200
    assert caller.ask("POST", "/tasks", new(place)).status_code == 403


def test_a_key_needs_the_scope(place: Place) -> None:
    task = planned(place)
    only_reads = speaker(place.world.ben, ["leads:read"])
    assert only_reads.get(f"/tasks/{task.pk}").status_code == 200
    assert only_reads.ask("PATCH", f"/tasks/{task.pk}", {"done": True}).status_code == 403
    assert only_reads.ask("POST", "/tasks", new(place)).status_code == 403


def test_a_page_of_tasks_asks_as_often_for_many_as_for_one(place: Place) -> None:
    counts: list[int] = []
    place.ben.get("/tasks")  # the key is marked as used
    for many in (1, 20):
        for number in range(many):
            planned(place, number)
        with CaptureQueriesContext(connection) as caught:
            place.ben.get("/tasks?limit=100")
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_a_list_of_tasks_that_takes_too_long_is_broken_off(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(place)
    monkeypatch.setattr(time_box, "at_most", broken_off)
    refused = place.ben.get("/tasks")
    assert (refused.status_code, refused.document["errors"][0]["pointer"]) == (422, "?filter")


def test_the_timeline_over_the_api_has_the_tasks(place: Place) -> None:
    planned(place)
    [item] = place.ben.get(f"/leads/{place.lead_id}/timeline?kind=task").document["items"]
    assert (item["name"], item["sentence"]) == ("added", "Ben plans: Task 0")
