"""The owner's first steps tick themselves when the thing has really happened, and only then."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from leadline.capture.models import Import
from leadline.cards import queries
from leadline.cards.models import Card
from leadline.delivery import senders
from leadline.delivery.models import Message
from leadline.flow import intake
from leadline.lib import clock
from leadline.routing.models import Calendar
from leadline.web import checklist
from leadline.workspace import keys
from leadline.workspace.models import User, Workspace, WriteKey
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
WEEK = {f"{day}-0-{end}": value for day in ("mon", "tue", "thu")
        for end, value in (("from", "08:00"), ("to", "16:00"))}  # fmt: skip


def _open() -> set[str]:
    found = checklist.current()
    return {step.key for step in found.steps if step.is_open} if found else set()


@pytest.fixture
def alone(world: World) -> World:
    """Ada has begun by herself."""
    User.objects.exclude(pk=world.ada.pk).update(is_active=False)
    return world


def test_the_owner_sees_it_in_today_and_nobody_else_does(world: World, enter: Enter) -> None:
    _key, public = keys.make_write(name="Site", kind=WriteKey.Kind.BROWSER, now=world.now)
    page = enter(world.ada).get("/today").content.decode()
    assert "First steps" in page
    assert "Waiting for the first visit" in page
    assert f'data-key="{public}"' in page
    assert re.search(r'data-copy="own-snippet".*Copy<', page)
    assert re.search(r'id="own-snippet"[^>]*>&lt;script async src="[^"]+/js/leadline\.js"', page)
    for person in (world.ben, world.cleo):
        client = enter(person)
        assert "First steps" not in client.get("/today").content.decode()
        assert client.get("/checklist", headers=HTMX).content.strip() == b""
        assert client.post("/checklist/act", {"act": "dismiss"}).status_code == 403
    assert _open()


def test_opened_by_itself_the_list_is_the_whole_page(world: World, enter: Enter) -> None:
    answer = enter(world.ada).get("/checklist")
    assert (answer.status_code, answer["Location"]) == (302, "/today")


def test_in_a_demo_there_is_none(world: World, enter: Enter) -> None:
    Workspace.objects.update(is_demo=True)
    assert "First steps" not in enter(world.ada).get("/today").content.decode()


def test_a_visit_ticks_the_snippet(alone: World, enter: Enter) -> None:
    client = enter(alone.ada)
    assert 'data-step="visit"' in client.get("/checklist", headers=HTMX).content.decode()
    assert "visit" in _open()
    at = clock.now() - timedelta(minutes=1)
    intake.run([worlds.said("page", "Page Viewed", anonymous_id="v1", at=at)], now=at)
    assert "visit" not in _open()
    part = client.get("/checklist", headers=HTMX).content.decode()
    assert '<li class="done" data-step="visit">' in part
    assert "Waiting for the first visit" not in part


@pytest.mark.parametrize("state", Import.State.values)
def test_only_an_import_that_is_done_ticks_its_step(alone: World, enter: Enter, state: str) -> None:
    assert "imports" in _open()
    Import.objects.create(
        file_name="leads.csv", file_hash="", mapping={}, state=state, created_at=alone.now
    )
    is_done = state == Import.State.DONE
    assert ("imports" in _open()) is not is_done
    part = enter(alone.ada).get("/checklist", headers=HTMX).content.decode()
    assert ('<li class="done" data-step="imports">' in part) is is_done


def test_a_colleague_ticks_the_invitation(alone: World) -> None:
    assert "people" in _open()
    User.objects.filter(pk=alone.ben.pk).update(is_active=True)
    assert "people" not in _open()


def test_working_hours_are_set_and_kept(alone: World, enter: Enter) -> None:
    client = enter(alone.ada)
    form = {**WEEK, "time_zone": "Europe/Paris", "holidays": "2026-12-25\n2027-01-01"}
    assert client.post("/settings/hours", form)["Location"] == "/settings/hours?saved=1"
    assert "hours" not in _open()
    kept = Calendar.objects.get(is_default=True)
    assert kept.time_zone == "Europe/Paris"
    assert kept.hours == {day: [["08:00", "16:00"]] for day in ("mon", "tue", "thu")}
    assert kept.holidays == ["2026-12-25", "2027-01-01"]
    assert 'value="08:00"' in client.get("/settings/hours").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"time_zone": "Mars/Olympus"}, {"mon-0-to": "07:00"}, {"tue-0-from": "soon"},
     {"holidays": "Christmas"}],
)  # fmt: skip
def test_hours_that_make_no_sense_are_refused_and_stay_as_typed(
    alone: World, enter: Enter, wrong: dict[str, str]
) -> None:
    before = Calendar.objects.get(is_default=True).hours
    form = {**WEEK, "time_zone": "Europe/Paris", "holidays": "", **wrong}
    answer = enter(alone.ada).post("/settings/hours", form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert next(iter(wrong.values())) in answer.content.decode()
    assert Calendar.objects.get(is_default=True).hours == before
    assert "hours" in _open()


def test_mail_counts_once_a_test_was_sent_and_has_arrived(alone: World, enter: Enter) -> None:
    client = enter(alone.ada)
    client.post("/checklist/act", {"act": "mail_arrived"})
    assert "mail" in _open()  # nothing has been sent yet
    client.post("/checklist/act", {"act": "test_mail"})
    assert Message.objects.get(kind="test").to_address == alone.ada.email
    senders.note_test(clock.now())
    assert "mail" in _open()
    assert "It has arrived" in client.get("/checklist", headers=HTMX).content.decode()
    client.post("/checklist/act", {"act": "mail_arrived"})
    assert "mail" not in _open()


def test_a_test_lead_is_a_real_lead_and_is_no_visit(alone: World, enter: Enter) -> None:
    enter(alone.ada).post("/checklist/act", {"act": "test_lead"})
    card = Card.objects.get(email=alone.ada.email)
    assert card.temperature == "hot"
    assert card.response_due_at is not None
    assert "test_lead" not in _open()
    assert "visit" in _open()


def test_steps_are_skipped_and_the_list_goes_when_nothing_is_open(
    alone: World, enter: Enter
) -> None:
    client = enter(alone.ada)
    for key in _open():
        answer = client.post(
            "/checklist/act", {"act": "skip", "step": key}, headers={"HX-Request": "true"}
        )
    assert answer.content.strip() == b""
    assert "First steps" not in client.get("/today").content.decode()


def test_the_list_is_put_away(alone: World, enter: Enter) -> None:
    client = enter(alone.ada)
    away = client.post("/checklist/act", {"act": "dismiss"})["Location"]
    page = client.get(away).content.decode()
    assert "First steps" not in page
    assert "The list is put away." in page
    undo = "/checklist/act?act=bring_back"
    assert f'hx-post="{undo}"' in page
    assert client.post(undo, {"token": ""})["Location"] == "/today"
    assert "First steps" in client.get("/today").content.decode()
    part = client.post("/checklist/act", {"act": "dismiss"}, headers=HTMX).content.decode()
    assert 'id="checklist"' not in part
    assert f'hx-post="{undo}"' in part


def test_the_steps_fold_to_a_line_once_somebody_waits(alone: World, enter: Enter) -> None:
    client, step = enter(alone.ada), "Waiting for the first visit"
    assert step in client.get("/today").content.decode()
    checklist.send_test_lead(alone.ada, now=clock.now())
    for answer in (client.get("/today"), client.get("/checklist", headers=HTMX)):
        page = answer.content.decode()
        assert "First steps" in page
        assert "1 of 6" in page
        assert step not in page
    for path in ("/today?steps=open", "/checklist?steps=open"):
        page = client.get(path, headers=HTMX if "check" in path else {}).content.decode()
        assert step in page
        assert 'hx-get="/checklist?steps=open"' in page  # stays open when it asks again
        assert 'hx-post="/checklist/act?steps=open"' in page
    assert step not in client.get("/today?steps=folded").content.decode()


def test_the_page_folds_the_steps_exactly_when_the_list_does(
    alone: World, enter: Enter, lead_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, folded = enter(alone.ada), "Show the steps"
    due = {"text": "Call", "due": "today", "owner": str(alone.ada.pk)}
    assert client.post(f"/leads/{lead_id}/tasks", due, headers=HTMX).status_code == 200
    # Now it stands there for its task, and would for its score.
    Card.objects.filter(pk=lead_id).update(owner=alone.ada, response_due_at=None, total=30)
    asked, today = [], queries.today
    monkeypatch.setattr(queries, "today", lambda *a, **o: asked.append(a) or today(*a, **o))
    answers = [client.get("/today")]
    assert len(asked) == 1  # the page knows its queue, and does not ask for it twice
    answers.append(client.get("/checklist", headers=HTMX))
    assert [folded in answer.content.decode() for answer in answers] == [True, True]
    Card.objects.filter(pk=lead_id).update(total=0)  # now it is the task alone
    answers = [client.get("/today"), client.get("/checklist", headers=HTMX)]
    assert [folded in answer.content.decode() for answer in answers] == [False, False]


def test_acts_that_do_not_exist_do_nothing(alone: World, enter: Enter) -> None:
    assert enter(alone.ada).post("/checklist/act", {"act": "erase"}).status_code == 404
