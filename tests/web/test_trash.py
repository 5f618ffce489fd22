"""Deleting on the Lead page, the way back, and who may."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.cards.models import Card
from leadline.flow import trash
from leadline.lib import clock
from leadline.workspace.models import AuditEntry, Role, User
from tests.world import World

Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.mark.django_db
def test_a_lead_is_deleted_at_once_and_comes_back_from_where_it_was(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ada)
    assert b"Move to the trash" in client.get(f"/leads/{lead_id}").content
    moved = client.post(f"/leads/{lead_id}/trash", headers=HTMX)
    assert moved["HX-Retarget"] == "#content"
    assert f"/leads/{lead_id}/restore".encode() in moved.content
    assert client.get(f"/leads/{lead_id}").status_code == 404
    back = client.post(f"/leads/{lead_id}/restore", headers=HTMX)
    assert back["HX-Redirect"] == f"/leads/{lead_id}"
    text = client.get(f"/leads/{lead_id}").content.decode()
    assert list(AuditEntry.objects.values_list("act", "object_id")) == [
        ("lead.deleted", str(lead_id)), ("lead.restored", str(lead_id)),
    ]  # fmt: skip
    for said in ("Ada moved this lead to the trash", "Ada restored this lead", "the form demo"):
        assert said in text, said


@pytest.mark.django_db
def test_the_trash_names_what_lies_in_it(world: World, enter: Enter, lead_id: UUID) -> None:
    client = enter(world.ada)
    client.post(f"/leads/{lead_id}/trash")
    text = client.get("/settings/trash").content.decode()
    for said in ("Grace Lindqvist", "Halvorsen Shipping", "Ada", "Restore"):
        assert said in text, said
    answer = client.post(f"/leads/{lead_id}/restore")
    assert (answer.status_code, answer["Location"]) == (302, f"/leads/{lead_id}")
    assert b"The trash is empty" in client.get("/settings/trash").content


@pytest.mark.django_db
def test_only_admins_delete_and_only_they_see_the_trash(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    for role in (Role.REP, Role.MANAGER, Role.MARKETER, Role.READ_ONLY):
        person = User.objects.create_user(f"{role}@acme.example", role=role, team=world.sales)
        client = enter(person)
        assert b"Move to the trash" not in client.get(f"/leads/{lead_id}").content
        for path in (f"/leads/{lead_id}/trash", f"/leads/{lead_id}/restore"):
            assert client.post(path).status_code == 403, (role, path)
        assert client.get("/settings/trash").status_code == 403
    assert Card.objects.filter(pk=lead_id).exists()


@pytest.mark.django_db
def test_what_is_not_there_cannot_be_deleted_or_restored(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ada)
    for path in (f"/leads/{UUID(int=9)}/trash", f"/leads/{lead_id}/restore"):
        assert client.post(path).status_code == 404


@pytest.mark.django_db
def test_the_bell_says_nothing_about_a_deleted_lead(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    assert b"Grace Lindqvist" in client.get("/notices").content
    trash.move([lead_id], by=world.ada, now=clock.now())
    for path in ("/notices", "/today", "/leads", "/search?q=Grace", "/palette?q=Grace"):
        assert b"halvorsen" not in client.get(path).content.lower(), path
    assert client.post(f"/leads/{lead_id}/log", {"kind": "note", "text": "x"}).status_code == 404
    assert client.get(f"/leads/{lead_id}/peek").status_code == 404


@pytest.mark.django_db
def test_a_full_trash_asks_as_much_as_an_empty_one(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ada)
    client.get("/settings/trash")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as caught:
            client.get("/settings/trash")
        counts.append(len(caught))
        trash.move([lead_id], by=world.ada, now=clock.now())
    assert counts[1] <= counts[0] + 1
