"""Who else is on a lead: with what and since when, to whoever may see it, over within a minute."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.cards import visits
from leadline.cards.models import Card, Visit
from leadline.flow import intake
from leadline.lib import clock
from leadline.workspace.models import User
from tests import world as worlds
from tests.world import World

Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


def _said(client: Client, lead_id: UUID, doing: str = "looking") -> str:
    """What the open page of the lead is told when it says that it is open."""
    asked = {"lead": str(lead_id), "doing": doing}
    answer = client.post("/visited", asked, headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def _signs(client: Client, address: str) -> list[str]:
    """Whom the rows of a list name."""
    page = client.get(address).content.decode()
    return re.findall(r'class="on-it"><span title="([^"]*)"', page)


def _ago(minutes: int) -> None:
    """Everybody has been doing it for so long and said so just now."""
    Visit.objects.update(began_at=clock.now() - timedelta(minutes=minutes, seconds=5))


def test_two_who_have_a_lead_open_hear_of_each_other(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    ada, ben = enter(world.ada), enter(world.ben)
    assert _said(ada, lead_id) == ""
    assert "Ada is looking at this" in _said(ben, lead_id)
    assert "Ben is looking at this" in _said(ada, lead_id)
    kim = User.objects.create_user("kim@acme.example", name="Kim", role="admin")
    assert "Ada is looking at this · Ben is looking at this" in _said(enter(kim), lead_id)


@pytest.mark.parametrize(
    ("doing", "said"),
    [("calling", "Ben is calling, 2 min"), ("writing", "Ben is writing something down, 2 min"),
     ("editing", "Ben is changing something, 2 min"), ("looking", "Ben is looking at this, 2 min"),
     ("<b>dancing", "Ben is looking at this, 2 min")],
)  # fmt: skip
def test_what_somebody_does_is_said_with_its_minutes(
    world: World, enter: Enter, lead_id: UUID, doing: str, said: str
) -> None:
    _said(enter(world.ben), lead_id, doing)
    _ago(2)
    _said(enter(world.ben), lead_id, doing)  # half a minute later
    assert said in _said(enter(world.ada), lead_id)


def test_another_thing_or_a_pause_begins_anew(world: World, enter: Enter, lead_id: UUID) -> None:
    ben, ada = enter(world.ben), enter(world.ada)
    _said(ben, lead_id)
    _ago(7)
    _said(ben, lead_id, "calling")
    assert 'title="Ben is calling"' in _said(ada, lead_id)
    _ago(7)
    Visit.objects.filter(user=world.ben).update(at=clock.now() - timedelta(seconds=50))
    _said(ben, lead_id, "calling")
    assert 'title="Ben is calling"' in _said(ada, lead_id)


def test_whoever_calls_is_named_first(world: World, enter: Enter, lead_id: UUID) -> None:
    kim = User.objects.create_user("kim@acme.example", name="Kim", role="admin")
    _said(enter(world.ben), lead_id, "calling")
    _said(enter(kim), lead_id)
    told = _said(enter(world.ada), lead_id)
    assert '<bdi class="clip">Ben is calling</bdi>' in told
    assert "+1" in told


def test_whoever_has_closed_it_is_gone_within_a_minute(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    _said(enter(world.ada), lead_id)
    Visit.objects.update(at=clock.now() - timedelta(seconds=50))
    assert "Ada" not in _said(enter(world.ben), lead_id)
    assert _signs(enter(world.ben), "/leads") == []


def test_nobody_hears_who_has_a_lead_open_that_they_may_not_see(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    _said(enter(world.ada), lead_id)
    cleo = enter(world.cleo)
    assert cleo.post("/visited", {"lead": str(lead_id)}, headers=HTMX).status_code == 404
    since = clock.micros(clock.now()) // 1000
    news = cleo.get(f"/leads/arrived?since={since}", headers=HTMX).content.decode()
    assert "Ada" not in news
    assert str(lead_id) not in news
    assert _signs(cleo, "/leads") == _signs(cleo, "/today") == []
    User.objects.filter(pk=world.ada.pk).update(is_active=False)
    assert "Ada" not in _said(enter(world.ben), lead_id)


def test_lists_carry_a_sign_that_says_who_and_keep_it_true(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    ada, ben = enter(world.ada), enter(world.ben)
    assert _signs(ben, "/leads") == _signs(ben, "/today") == []
    _said(ada, lead_id, "calling")
    _ago(3)
    assert _signs(ben, "/leads") == _signs(ben, "/today") == ["Ada is calling, 3 min"]
    assert '<span class="hidden-text">Ada is calling, 3 min</span>' in (
        ben.get("/leads").content.decode()
    )
    assert _signs(ada, "/leads") == [], "nobody is told of themselves"
    since = clock.micros(clock.now()) // 1000
    news = ben.get(f"/leads/arrived?since={since}", headers=HTMX).content.decode()
    assert f'<div data-of="{lead_id}">' in news
    assert "Ada is calling, 3 min" in news


def test_signs_cost_a_list_one_query_however_many_there_are(world: World, enter: Enter) -> None:
    posts = [worlds.form("demo", email=f"p{n}@many.example.com", at=clock.now()) for n in range(12)]
    intake.run(posts, now=clock.now())
    Card.objects.update(owner=world.ben)
    ben, seen = enter(world.ben), list(Card.objects.values_list("pk", flat=True))

    def cost(address: str) -> int:
        headers = HTMX if "arrived" in address else {}
        with CaptureQueriesContext(connection) as caught:
            assert ben.get(address, headers=headers).status_code == 200
        return len(caught)

    addresses = ("/leads", "/today", "/leads/arrived?since=1")
    visits.note_doing(world.ada, seen[0], "looking", now=clock.now())
    cost("/leads")  # whatever is read once per process
    few = [cost(address) for address in addresses]
    for key in seen:
        visits.note_doing(world.ada, key, "calling", now=clock.now())
    assert len(_signs(ben, "/leads")) == 12
    assert [cost(address) for address in addresses] == few
