"""The Lead page: everything about one person, and why for each decision."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.flow import intake
from leadline.lib import clock
from leadline.scoring.models import Score
from leadline.web import figures
from leadline.workspace.models import User
from tests import world as worlds
from tests.world import World

Enter = Callable[[User], Client]


@pytest.mark.django_db
def test_each_decision_is_explained_on_the_page(world: World, enter: Enter, lead_id: UUID) -> None:
    text = enter(world.ben).get(f"/leads/{lead_id}").content.decode()
    for said in (
        "Demo request · 1 × 25", "+25", "Seniority", "asked for a demo", "was next in turn",
        "Answer due", "What would change it", "grace@halvorsen.example.com", "Halvorsen Shipping",
        "Submitted the form demo", "First score: 55",
    ):  # fmt: skip
        assert said in text, said
    assert f"<b>{figures.points(Score.objects.get(lead=lead_id).total)}</b>" in text


@pytest.mark.django_db
def test_the_path_shows_where_the_lead_stands(world: World, enter: Enter, lead_id: UUID) -> None:
    text = enter(world.ben).get(f"/leads/{lead_id}").content.decode()
    current = text.split('aria-current="step"')[1].split("</button>")[0]
    assert current.endswith("SQL")


@pytest.mark.django_db
def test_the_timeline_can_be_looked_at_by_kind(world: World, enter: Enter, lead_id: UUID) -> None:
    client = enter(world.ben)
    theirs = client.get(f"/leads/{lead_id}?show=theirs").content.decode()
    assert "Submitted the form demo" in theirs
    assert "First score" not in theirs
    assert "First score" in client.get(f"/leads/{lead_id}?show=score").content.decode()
    assert client.get(f"/leads/{lead_id}?show=nonsense&after=nonsense").status_code == 200


@pytest.mark.django_db
def test_a_long_timeline_comes_in_pages_without_a_gap(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    at = clock.now() - timedelta(days=3)
    intake.run(
        [worlds.said("page", "Page Viewed", email="grace@halvorsen.example.com",
                     at=at + timedelta(minutes=n), properties={"path": f"/step-{n:03d}"})
         for n in range(90)],
        now=at + timedelta(hours=2),
    )  # fmt: skip
    client, address, seen = enter(world.ben), f"/leads/{lead_id}?show=theirs", 0
    while address:
        text = client.get(address).content.decode()
        seen += text.count("Viewed /step-")
        more = text.split(f'hx-get="/leads/{lead_id}/timeline')
        address = more[1].split('"')[0].replace("&amp;", "&") if len(more) > 1 else ""
        address = f"/leads/{lead_id}/timeline{address}" if address else ""
    assert seen == 90


@pytest.mark.django_db
def test_the_page_asks_as_much_for_a_long_story_as_for_a_short_one(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    client.get(f"/leads/{lead_id}")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(f"/leads/{lead_id}")
        return len(caught)

    few = queries()
    at = clock.now() - timedelta(days=1)
    for n in range(12):
        then = at + timedelta(hours=n)
        look = {"path": "/pricing"}
        seen = worlds.said(email="grace@halvorsen.example.com", at=then, properties=look)
        intake.run([seen], now=then)
    assert queries() == few
    assert few <= 40


@pytest.mark.django_db
def test_the_panel_shows_the_same_lead_in_short(world: World, enter: Enter, lead_id: UUID) -> None:
    part = enter(world.ben).get(f"/leads/{lead_id}/peek").content
    assert b"Grace Lindqvist" in part
    assert b"<html" not in part


@pytest.mark.django_db
def test_hidden_and_turned_letters_stand_apart_from_what_surrounds_them(
    world: World, enter: Enter
) -> None:
    at = clock.now()
    post = worlds.form("demo", email="x@shop.example.com", at=at, traits={"name": "\u202eevil<b>"})
    found = intake.run([post], now=at).lead_ids[0]
    text = enter(world.ada).get(f"/leads/{found}").content.decode()
    assert "<b>evil" not in text
    assert "\u202e" not in text
    assert "<bdi>evil&lt;b&gt;</bdi>" in text
