"""What people do from a screen: it happens at once, it can be taken back, nothing is half done."""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from leadline.activities.models import Activity, Snooze
from leadline.cards.models import Card
from leadline.leads import locks
from leadline.lib import clock
from leadline.routing.models import Assignment, Clock, Ring
from leadline.web import undo
from leadline.workspace.models import Role, User
from tests.world import World

Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def _post(client: Client, name: str, lead_id: UUID, **fields: str) -> bytes:
    answer = client.post(reverse(name, args=[lead_id]), fields, headers=HTMX)
    assert answer.status_code == 200
    assert answer["HX-Trigger"] == "leadline:changed"
    return answer.content


def _undo(client: Client, answer: bytes) -> bytes:
    token = answer.decode().split('name="token" value="')[1].split('"')[0]
    return client.post("/undo", {"token": token}, headers=HTMX).content


@pytest.mark.django_db
def test_a_logged_call_stops_the_clock_and_undo_starts_it_again(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    said = _post(client, "log", lead_id, kind="call", outcome="connected", text="Spoke")
    logged = Activity.objects.get(lead=lead_id)
    assert (logged.kind, logged.outcome, logged.text, logged.by_id) == (
        "call", "connected", "Spoke", world.ben.pk,
    )  # fmt: skip
    assert Clock.objects.get(lead=lead_id).state != Clock.State.RUNNING
    assert Card.objects.get(pk=lead_id).response_due_at is None
    assert b"Undone" in _undo(client, said)
    assert not Activity.objects.filter(lead=lead_id).exists()
    assert Clock.objects.get(lead=lead_id).state == Clock.State.RUNNING
    assert Card.objects.get(pk=lead_id).response_due_at is not None


@pytest.mark.django_db
def test_what_was_taken_back_already_says_so_the_second_time(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    said = _post(client, "log", lead_id, kind="call", outcome="connected", text="Spoke")
    assert b"Undone" in _undo(client, said)
    assert b"It was changed since and stays as it is." in _undo(client, said)
    assert Clock.objects.get(lead=lead_id).state == Clock.State.RUNNING


@pytest.mark.django_db
def test_a_call_that_began_earlier_is_logged_as_such(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    _post(enter(world.ben), "log", lead_id, kind="call", outcome="connected", minutes_ago="30")
    assert clock.now() - Activity.objects.get(lead=lead_id).began_at > timedelta(minutes=29)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "note", "text": " "}, {"kind": "smoke signal", "text": "x"},
        {"kind": "call", "outcome": "sent"}, {"kind": "note", "text": "x" * 20_001}, {},
    ],
)  # fmt: skip
def test_what_cannot_be_logged_is_said_and_the_text_is_kept(
    world: World, enter: Enter, lead_id: UUID, fields: dict[str, str]
) -> None:
    answer = enter(world.ben).post(reverse("log", args=[lead_id]), fields, headers=HTMX)
    assert answer.status_code == 422
    assert b'role="alert"' in answer.content
    assert not Activity.objects.exists()


@pytest.mark.django_db
def test_a_form_works_without_javascript(world: World, enter: Enter, lead_id: UUID) -> None:
    client = enter(world.ben)
    page = client.get(reverse("act_form", args=[lead_id, "call"]))
    assert b"<html" in page.content
    answer = client.post(
        reverse("log", args=[lead_id]),
        {"kind": "note", "text": "Met at the fair", "next": f"/leads/{lead_id}"},
    )
    assert (answer.status_code, answer["Location"]) == (302, f"/leads/{lead_id}")
    assert b"Met at the fair" in client.get(f"/leads/{lead_id}").content


@pytest.mark.django_db
def test_a_snoozed_lead_leaves_today_until_then_and_comes_back_by_undo(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    assert b"Grace Lindqvist" in client.get("/today").content
    said = _post(client, "snooze", lead_id, until="tomorrow")
    until = Snooze.objects.get(lead=lead_id, user=world.ben).until
    assert timedelta(0) < until - clock.now() < timedelta(hours=48)
    queue = client.get("/today").content.split(b"<main")[1]
    assert str(lead_id).encode() not in queue
    _undo(client, said)
    assert not Snooze.objects.exists()


@pytest.mark.django_db
def test_undo_of_a_later_morning_gives_the_earlier_one_back(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    _post(client, "snooze", lead_id, until="three_days")
    until = Snooze.objects.get().until
    assert b"Undone" in _undo(client, _post(client, "snooze", lead_id, until="week"))
    assert Snooze.objects.get().until == until
    said = _post(client, "snooze", lead_id, until="week")
    Snooze.objects.all().delete()  # a reply has come
    assert b"Undone" in _undo(client, said)
    assert not Snooze.objects.exists()


@pytest.mark.django_db
def test_a_lead_goes_to_a_colleague_with_the_reason_and_back(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    dora = User.objects.create_user("dora@acme.example", name="Dora", team=world.sales)
    client = enter(world.ben)
    said = _post(client, "pass_on", lead_id, owner=str(dora.pk), reason="speaks Norwegian")
    newest = Assignment.objects.filter(lead=lead_id).latest("id")
    assert newest.owner_id == dora.pk
    assert newest.because == "Passed on by Ben: speaks Norwegian"
    # A lead that went to a colleague can still be taken back by who gave it.
    assert Card.objects.get(pk=lead_id).owner_id == dora.pk
    _undo(client, said)
    assert Card.objects.get(pk=lead_id).owner_id == world.ben.pk


def _quicker(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Somebody else has the lead first, while the request waits for it."""
    real, done = locks.hold, []

    def hold(lead_ids: Iterable[UUID]) -> None:
        if not done:
            done.append(act)
            act()
        real(lead_ids)

    monkeypatch.setattr(locks, "hold", hold)


@pytest.mark.django_db
def test_a_lead_that_two_take_at_once_is_the_first_ones(
    world: World, enter: Enter, lead_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = User.objects.create_user("dora@acme.example", name="Dora", team=world.sales)
    Card.objects.filter(pk=lead_id).update(owner=None)
    Assignment.objects.filter(lead=lead_id).delete()
    take = {"owner": str(dora.pk)}
    _quicker(monkeypatch, lambda: enter(dora).post(f"/leads/{lead_id}/owner", take))
    said = _post(enter(world.ben), "pass_on", lead_id, owner=str(world.ben.pk))
    assert b"It was changed since and stays as it is." in said
    assert Card.objects.get(pk=lead_id).owner_id == dora.pk
    assert Assignment.objects.filter(lead=lead_id).count() == 1


@pytest.mark.django_db
def test_undo_of_a_stage_goes_back_to_where_the_lead_stood_at_that_moment(
    world: World, enter: Enter, lead_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter(world.ben)
    _quicker(
        monkeypatch,
        lambda: enter(world.ada).post(f"/leads/{lead_id}/stage", {"stage": "opportunity"}),
    )
    said = _post(client, "move", lead_id, stage="sql")
    assert b"Undone" in _undo(client, said)
    assert Card.objects.get(pk=lead_id).stage == "opportunity"


@pytest.mark.django_db
@pytest.mark.parametrize("whom", ["cleo", "nobody", "gone", ""])
def test_a_lead_goes_only_to_those_who_may_have_it(
    world: World, enter: Enter, lead_id: UUID, whom: str
) -> None:
    gone = User.objects.create_user("gone@acme.example", team=world.sales, is_active=False)
    owners = {"cleo": str(world.cleo.pk), "nobody": "nonsense", "gone": str(gone.pk), "": ""}
    answer = enter(world.ben).post(
        reverse("pass_on", args=[lead_id]), {"owner": owners[whom]}, headers=HTMX
    )
    assert answer.status_code == 422
    assert Card.objects.get(pk=lead_id).owner_id == world.ben.pk


@pytest.mark.django_db
def test_disqualifying_needs_a_reason_and_keeps_it(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    address = reverse("move", args=[lead_id])
    assert client.post(address, {"stage": "disqualified"}, headers=HTMX).status_code == 422
    assert Card.objects.get(pk=lead_id).stage == "sql"
    said = _post(client, "move", lead_id, stage="disqualified", reason="no_budget")
    assert Card.objects.get(pk=lead_id).stage == "disqualified"
    page = client.get(f"/leads/{lead_id}").content.decode()
    assert re.search(r"Clock stopped</b>.*No budget", page)
    _undo(client, said)
    assert Card.objects.get(pk=lead_id).stage == "sql"
    row = Clock.objects.get(lead=lead_id)
    assert (row.state, row.because) == (Clock.State.RUNNING, "asked for a demo")
    assert Card.objects.get(pk=lead_id).response_due_at == row.due_at


@pytest.mark.django_db
def test_a_stage_that_does_not_exist_is_refused(world: World, enter: Enter, lead_id: UUID) -> None:
    answer = enter(world.ben).post(
        reverse("move", args=[lead_id]), {"stage": "emperor"}, headers=HTMX
    )
    assert answer.status_code == 422
    assert Card.objects.get(pk=lead_id).stage == "sql"


@pytest.mark.django_db
def test_nobody_takes_back_what_somebody_else_did(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    token = undo.token(world.ben, "stage", lead_id, "mql", now=clock.now())
    assert enter(world.ada).post("/undo", {"token": token}).status_code == 404
    assert Card.objects.get(pk=lead_id).stage == "sql"


@pytest.mark.django_db
@pytest.mark.parametrize("spoil", ["late", "forged", "empty"])
def test_an_undo_that_comes_too_late_or_is_forged_changes_nothing(
    world: World, enter: Enter, lead_id: UUID, spoil: str
) -> None:
    made_at = clock.now() - (timedelta(minutes=2) if spoil == "late" else timedelta(0))
    token = undo.token(world.ben, "stage", lead_id, "mql", now=made_at)
    token = {"late": token, "forged": token[:-4] + "AAAA", "empty": ""}[spoil]
    answer = enter(world.ben).post("/undo", {"token": token}, headers=HTMX)
    assert b"Too late" in answer.content
    assert Card.objects.get(pk=lead_id).stage == "sql"


@pytest.mark.django_db
def test_a_rep_does_not_touch_a_colleagues_lead(world: World, enter: Enter, lead_id: UUID) -> None:
    dora = User.objects.create_user(
        "dora@acme.example", name="Dora", team=world.sales, role=Role.REP
    )
    client = enter(dora)
    page = client.get(f"/leads/{lead_id}")
    assert page.status_code == 200
    assert b'data-verb="l"' not in page.content
    for name, fields in (
        ("log", {"kind": "note", "text": "mine"}), ("move", {"stage": "customer"}),
        ("pass_on", {"owner": str(dora.pk)}), ("snooze", {"until": "hour"}),
    ):  # fmt: skip
        assert client.post(reverse(name, args=[lead_id]), fields).status_code == 403, name
    assert Card.objects.get(pk=lead_id).owner_id == world.ben.pk


@pytest.mark.django_db
def test_the_same_request_sent_again_does_nothing_twice(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.MARKETER)
    said = {"kind": "call", "outcome": "connected", "text": "Spoke, @Cleo"}
    for client, key in [(enter(world.ben), "a"), (enter(world.ben), "a"), (enter(world.ada), "a")]:
        headers = {**HTMX, "Idempotency-Key": key}
        assert client.post(f"/leads/{lead_id}/log", said, headers=headers).status_code == 200
    made = Activity.objects.filter(lead=lead_id).values_list("by", flat=True)
    assert sorted(made) == sorted([world.ben.pk, world.ada.pk]), "a key is one person's"
    assert Ring.objects.filter(user=world.cleo).count() == 2, "told twice, not three times"
