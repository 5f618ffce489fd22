"""Bulk actions through the API: the same rights, the same caution, the same way back."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from leadline.activities.models import Task
from leadline.cards.models import Card
from leadline.flow import bulk_actions, intake
from leadline.flow.models import BulkAction
from leadline.lib import clock
from leadline.workspace.models import AuditEntry, User
from tests.api.conftest import speaker
from tests.world import World, form

LEADS = 3


@pytest.fixture
def lead_ids(world: World) -> list[UUID]:
    """Three leads of Ben's."""
    at = clock.now()
    posts = [form("demo", email=f"p{n}@firm{n}.example", at=at) for n in range(LEADS)]
    return [each for each in intake.run(posts, now=at).lead_ids if each is not None]


def post(user: User, **body: Any) -> Any:  # Any: JSON
    said = {k: [str(e) for e in v] if k == "leads" else v for k, v in body.items()}
    return speaker(user).ask("POST", "/bulk", said)


@pytest.mark.django_db
def test_a_few_are_done_at_once_and_undone(world: World, lead_ids: list[UUID]) -> None:
    answer = post(world.ada, act="assign", wanted={"owner": "cleo@acme.example"}, leads=lead_ids)
    assert answer.status_code == 201
    assert (answer.document["state"], answer.document["done_count"]) == ("done", LEADS)
    assert set(Card.objects.values_list("owner", flat=True)) == {world.cleo.pk}
    path = f"/bulk/{answer.document['id']}"
    assert speaker(world.ada).get(path).document["may_undo"] is True
    undone = speaker(world.ada).ask("POST", f"{path}/undo")
    assert (undone.document["state"], undone.document["returned_count"]) == ("undone", LEADS)
    assert speaker(world.ada).ask("POST", f"{path}/undo").status_code == 409


@pytest.mark.django_db
def test_a_preview_changes_nothing(world: World, lead_ids: list[UUID]) -> None:
    answer = post(world.ben, act="stage", wanted={"stage": "opportunity"},
                  filter={"temperature": "hot"}, count=LEADS, preview=True)  # fmt: skip
    assert answer.status_code == 200
    assert (answer.document["count"], answer.document["editable_count"]) == (LEADS, LEADS)
    assert set(answer.document["examples"]) == {str(each) for each in lead_ids}
    assert not BulkAction.objects.exists()


@pytest.mark.django_db
def test_many_are_done_by_a_job(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 1)
    answer = post(world.ada, act="list", wanted={"list": "Fair"}, filter={"temperature": "hot"},
                  count=LEADS)  # fmt: skip
    assert answer.status_code == 202
    action = answer.document["id"]
    bulk_actions.run({"action": action}, clock.now())
    assert speaker(world.ada).get(f"/bulk/{action}").document["done_count"] == LEADS


@pytest.mark.django_db
def test_hidden_ids_are_not_found_like_random_ones(world: World, lead_ids: list[UUID]) -> None:
    strange = uuid4()
    answer = post(world.cleo, act="log", wanted={"kind": "call"}, leads=[*lead_ids, strange])
    assert answer.document["not_found"] == [str(each) for each in (*lead_ids, strange)]
    assert (answer.document["lead_count"], answer.document["done_count"]) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"filter": {}, "count": 3}, 422, "/filter"),
        ({"filter": {"temperature": "hot"}}, 422, "/count"),
        ({"filter": {"temperature": "hot"}, "count": 500}, 409, "/count"),
        ({"filter": {"nothing": 1}, "count": 3}, 422, "/filter"),
        ({}, 422, "/leads"),
        ({"leads": []}, 422, "/leads"),
        ({"leads": [uuid4()], "filter": {"stage": "mql"}}, 422, "/leads"),
        ({"leads": [uuid4()], "wanted": {"stage": "no such"}}, 422, "/wanted/stage"),
    ],
)
def test_what_is_missing_or_broken_is_refused_with_its_place(
    world: World, lead_ids: list[UUID], body: dict[str, Any], status: int, pointer: str
) -> None:
    said = {"act": "stage", "wanted": {"stage": "opportunity"}, **body}
    answer = post(world.ada, **said)
    assert (answer.status_code, answer.document["errors"][0]["pointer"]) == (status, pointer)
    assert not BulkAction.objects.exists()


@pytest.mark.django_db
def test_everything_must_be_said(world: World, lead_ids: list[UUID]) -> None:
    said = {"act": "list", "wanted": {"list": "All"}, "filter": {}, "count": LEADS}
    assert post(world.ada, **said, everything=True).document["done_count"] == LEADS


@pytest.mark.django_db
def test_a_role_may_to_many_what_it_may_to_one(world: World, lead_ids: list[UUID]) -> None:
    assert post(world.ben, act="trash", leads=lead_ids).status_code == 403
    answer = post(world.ada, act="trash", leads=lead_ids)
    assert (answer.document["done_count"], answer.document["not_found"]) == (LEADS, [])
    assert speaker(world.cleo).get(f"/bulk/{answer.document['id']}").status_code == 404
    assert speaker(world.cleo).get(f"/bulk/{uuid4()}").status_code == 404
    key = speaker(world.ada, ["leads:read"])
    assert key.ask("POST", "/bulk", {"act": "trash", "leads": []}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wanted",
    [
        {"text": "Call", "due_at": 2**60},
        {"text": "Call", "due_at": True},
        {"text": "Call", "due_at": "soon"},
        {"text": "", "due_at": "2099-01-01"},
        {"text": {"a": 1}, "due_at": []},
        {"text": "Call", "due_at": "2030-01-01", "owner": {"x": 1}},
    ],
)
def test_tasks_that_cannot_be_are_refused(
    world: World, lead_ids: list[UUID], wanted: dict[str, Any]
) -> None:
    assert post(world.ada, act="task", wanted=wanted, leads=lead_ids).status_code == 422


# Sent twice


def task(lead_ids: list[UUID], **more: Any) -> dict[str, Any]:  # JSON
    wanted = {"text": "Call", "due_at": (clock.now() + timedelta(days=1)).isoformat()}
    return {"act": "task", "wanted": wanted, "leads": [str(e) for e in lead_ids], **more}


@pytest.mark.django_db
def test_what_is_sent_again_under_its_key_is_done_once(world: World, lead_ids: list[UUID]) -> None:
    ada, key, body = speaker(world.ada), {"Idempotency-Key": "fair-7"}, task([*lead_ids, uuid4()])
    first, again = (ada.ask("POST", "/bulk", body, **key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.document == again.document
    assert len(again.document["not_found"]) == 1
    assert Task.objects.count() == LEADS
    other = ada.ask("POST", "/bulk", {**body, "act": "trash"}, **key)
    assert (other.status_code, BulkAction.objects.count()) == (409, 1)
    speaker(world.ada).ask("POST", "/bulk", body, **key)
    assert Task.objects.count() == 2 * LEADS, "another key of the API has keys of its own"


@pytest.mark.django_db
def test_it_is_the_same_although_it_could_not_be_begun_any_more(
    world: World, lead_ids: list[UUID]
) -> None:
    """What was done takes the leads off the list and the trash out of sight."""
    ada = speaker(world.ada)
    [stage] = set(Card.objects.values_list("stage", flat=True))
    moved = {"act": "stage", "wanted": {"stage": "opportunity"}, "filter": {"stage": stage},
             "count": LEADS}  # fmt: skip
    gone = {"act": "trash", "leads": [str(each) for each in lead_ids]}
    for name, body in (("a", moved), ("b", gone)):
        first, again = (ada.ask("POST", "/bulk", body, **{"Idempotency-Key": name})
                        for _ in range(2))  # fmt: skip
        assert (first.status_code, first.document["done_count"]) == (201, LEADS), name
        assert again.document == {**first.document, "may_undo": again.document["may_undo"]}
    assert again.document["not_found"] == []


@pytest.mark.django_db
def test_a_preview_takes_no_key(world: World, lead_ids: list[UUID]) -> None:
    ada, key = speaker(world.ada), {"Idempotency-Key": "fair-7"}
    assert ada.ask("POST", "/bulk", task(lead_ids, preview=True), **key).status_code == 200
    assert ada.ask("POST", "/bulk", task(lead_ids), **key).status_code == 201


@pytest.mark.django_db
def test_the_audit_names_the_key_that_threw_away_and_brought_back(
    world: World, lead_ids: list[UUID]
) -> None:
    answer = post(world.ada, act="trash", leads=lead_ids)
    speaker(world.ada).ask("POST", f"/bulk/{answer.document['id']}/undo")
    said = AuditEntry.objects.filter(object_kind="bulk").order_by("number")
    through = [(each.act, json.loads(each.details)["through"]) for each in said]
    assert through == [("leads.deleted", "test"), ("leads.restored", "test")]
