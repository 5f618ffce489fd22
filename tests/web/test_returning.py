"""“Return to nurture?” in Today and on the lead's page, with both answers and Undo."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from leadline.flow import intake, reactions
from leadline.lib import clock
from leadline.lifecycle.models import StageChange, Standing
from leadline.workspace.models import User
from tests.world import World, said

Enter = Callable[[User], Client]
QUESTION = "Return to nurture?"
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def cooled(world: World) -> UUID:
    """Ben's lead: qualified two months ago, called twenty days ago, below 40 points now."""
    now = clock.now()
    came = now - timedelta(days=60)
    known = said(
        "identify", email="grace@halvorsen.test", at=came, is_history=True,
        traits={"name": "Grace Lindqvist", "title": "CEO", "company.employee_count": 300},
    )  # fmt: skip
    prices = said("page", email="grace@halvorsen.test", at=came, is_history=True,
                  properties={"path": "/pricing"})  # fmt: skip
    lead_id = intake.run([known, prices], now=came).lead_ids[0]
    assert lead_id is not None
    reactions.assign(lead_id, world.ben.pk, by=world.ada.pk, because="test", now=came)
    called = now - timedelta(days=20)
    reactions.log_activity(
        lead_id, kind="call", outcome="connected", text="", by=world.ben.pk, began_at=called,
        now=called,
    )  # fmt: skip
    reactions.look_again([lead_id], now=now)
    return lead_id


def shown(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def answer(client: Client, lead_id: UUID, word: str) -> str:
    made = client.post(f"/leads/{lead_id}/return", {"answer": word}, headers=HTMX)
    assert made.status_code == 200
    return made.content.decode()


def undo(client: Client, toast: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', toast)
    assert found is not None
    return client.post("/undo", {"token": found[1]}, headers=HTMX).content.decode()


def test_the_owner_is_asked_in_today_and_on_the_lead(
    world: World, enter: Enter, cooled: UUID
) -> None:
    ben = enter(world.ben)
    assert QUESTION in shown(ben, "/today")
    assert QUESTION in shown(ben, f"/leads/{cooled}")
    # Ada sees the lead, where she may answer; her own Today is about her own leads.
    ada = enter(world.ada)
    assert QUESTION in shown(ada, f"/leads/{cooled}")
    assert QUESTION not in shown(ada, "/today")


def test_a_lead_that_nothing_is_proposed_about_asks_nothing(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    ben = enter(world.ben)
    assert QUESTION not in shown(ben, "/today")
    assert QUESTION not in shown(ben, f"/leads/{lead_id}")


def test_one_click_returns_it_and_undo_brings_the_question_back(
    world: World, enter: Enter, cooled: UUID
) -> None:
    ben = enter(world.ben)
    toast = answer(ben, cooled, "return")
    assert "Grace Lindqvist goes back to nurture" in toast
    assert Standing.objects.get().stage == "recycled"
    assert StageChange.objects.latest("id").because == "Returned to nurture by Ben"
    assert QUESTION not in shown(ben, "/today")
    assert "Undone" in undo(ben, toast)
    standing = Standing.objects.get()
    assert (standing.stage, standing.stage_set_by) == ("mql", "rule")
    assert QUESTION in shown(ben, "/today")


def test_whoever_keeps_it_is_not_asked_again_today(
    world: World, enter: Enter, cooled: UUID
) -> None:
    ben = enter(world.ben)
    toast = answer(ben, cooled, "keep")
    assert "Grace Lindqvist stays where it is" in toast
    standing = Standing.objects.get()
    assert (standing.stage, standing.stage_set_by) == ("mql", "person")
    assert QUESTION not in shown(ben, f"/leads/{cooled}")
    undo(ben, toast)
    assert QUESTION in shown(ben, f"/leads/{cooled}")


def test_an_undo_after_somebody_else_moved_it_changes_nothing(
    world: World, enter: Enter, cooled: UUID
) -> None:
    ben = enter(world.ben)
    toast = answer(ben, cooled, "return")
    now = clock.now()
    reactions.set_stage(cooled, "disqualified", by=world.ada.pk, reason="Closed down", now=now)
    assert "It was changed since" in undo(ben, toast)
    assert Standing.objects.get().stage == "disqualified"


def test_what_the_owner_put_off_is_not_asked_in_today(
    world: World, enter: Enter, cooled: UUID
) -> None:
    now = clock.now()
    reactions.snooze(cooled, user=world.ben.pk, until=now + timedelta(days=2), now=now)
    assert QUESTION not in shown(enter(world.ben), "/today")


def test_nobody_answers_for_a_lead_that_is_not_theirs(
    world: World, enter: Enter, cooled: UUID
) -> None:
    refused = enter(world.cleo).post(f"/leads/{cooled}/return", {"answer": "return"})
    assert refused.status_code == 404
    assert Standing.objects.get().stage == "mql"


def test_it_works_without_javascript(world: World, enter: Enter, cooled: UUID) -> None:
    where = f"/leads/{cooled}"
    made = enter(world.ben).post(f"{where}/return", {"answer": "return", "next": where})
    assert (made.status_code, made["Location"]) == (302, where)
    assert Standing.objects.get().stage == "recycled"
