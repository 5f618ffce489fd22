"""Today: who waits, in order, why, and what is done."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from leadline.activities.queries import Touches
from leadline.cards import queries as cards
from leadline.cards.models import Card
from leadline.flow import intake, reactions
from leadline.lib import clock
from leadline.web import next_steps
from leadline.workspace.models import Role, User
from tests import world as worlds
from tests.world import World

Enter = Callable[[User], Client]


@pytest.mark.django_db
def test_a_row_says_who_why_how_long_and_what_next(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    text = enter(world.ben).get("/today").content.decode()
    assert "Grace Lindqvist" in text
    assert "asked for a demo" in text
    assert "VP Operations, Halvorsen Shipping" in text
    assert "data-due=" in text
    assert "Write a first answer now" in text
    assert "1 person waits for a first answer" in text


@pytest.mark.django_db
def test_an_empty_today_says_so_and_when_the_next_is_due(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    now = clock.now()
    reactions.snooze(lead_id, user=world.ben.pk, until=now + timedelta(hours=3), now=now)
    text = enter(world.ben).get("/today").content.decode()
    assert "Nobody waits for you." in text
    assert "The next one comes back" in text
    assert "in 2 h" in text


@pytest.mark.django_db
def test_what_was_handled_folds_into_done_today(world: World, enter: Enter, lead_id: UUID) -> None:
    now = clock.now()
    reactions.log_activity(
        lead_id, kind="call", outcome="connected", text="", by=world.ben.pk, began_at=now, now=now
    )
    text = enter(world.ben).get("/today").content.decode()
    assert "Done today" in text
    assert "(1)" in text
    assert "Done today" not in enter(world.ada).get("/today").content.decode()


@pytest.mark.django_db
def test_a_hot_lead_that_nobody_has_can_be_taken_with_one_click(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    now = clock.now()
    reactions.assign(lead_id, None, by=world.ada.pk, because="on leave", now=now)
    client = enter(world.ben)
    assert b"Take it" in client.get("/today").content
    client.post(f"/leads/{lead_id}/owner", {"owner": str(world.ben.pk)})
    assert Card.objects.get(pk=lead_id).owner_id == world.ben.pk


@pytest.mark.django_db
def test_the_fragment_is_the_same_queue_without_the_shell(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    part = client.get("/today", headers={"HX-Request": "true"}).content
    assert b"Grace Lindqvist" in part
    assert b"<html" not in part
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert b"<html" in client.get("/today", headers=restored).content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "touches", "verb"),
    [
        ({"owner_id": None, "temperature": "hot"}, 0, "take"),
        ({"phone": "+4912345"}, 0, "call"),
        ({}, 0, "mail"),
        ({"response_due_at": None, "phone": "+4912345"}, 2, "call"),
        ({"response_due_at": None}, 4, "mail"),
        ({"response_due_at": None}, 5, "pass"),
    ],
)
def test_the_next_step_fits_what_has_happened(
    world: World, lead_id: UUID, changes: dict[str, object], touches: int, verb: str
) -> None:
    Card.objects.filter(pk=lead_id).update(**changes)
    card = cards.one(world.ada, lead_id)
    assert card is not None
    now = clock.now()
    made = Touches(touches, now - timedelta(days=1)) if touches else None
    assert next_steps.suggest(card, made, now=now).verb == verb


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours_ago", "verb", "said"),
    [
        (0, "wait", "Wait for an answer; the next attempt is due in 20 h"),
        (19, "wait", "Wait for an answer; the next attempt is due in 1 h"),
        (20, "mail", "Try again: 1 of 5 attempts, the last 20 h ago"),
    ],
)
def test_whoever_was_written_to_gets_time_to_answer(
    world: World, lead_id: UUID, hours_ago: int, verb: str, said: str
) -> None:
    Card.objects.filter(pk=lead_id).update(response_due_at=None)
    card = cards.one(world.ada, lead_id)
    assert card is not None
    now = clock.now()
    step = next_steps.suggest(card, Touches(1, now - timedelta(hours=hours_ago)), now=now)
    assert (step.verb, step.sentence) == (verb, said)


@pytest.mark.django_db
def test_an_address_that_looks_like_a_query_adds_nobody_to_the_mail(
    world: World, enter: Enter
) -> None:
    at = clock.now() - timedelta(minutes=2)
    post = worlds.form("demo", email="x?bcc=spy+1@evil.example", at=at)
    lead_id = intake.run([post], now=at).lead_ids[0]
    for path in ("/today", f"/leads/{lead_id}", f"/leads/{lead_id}/peek"):
        page = enter(world.ada).get(path).content.decode()
        links = set(re.findall(r'href="(mailto:[^"]*)"', page))
        assert links == {"mailto:x%3Fbcc%3Dspy+1@evil.example"}, path


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phone", "act", "address"),
    [
        ("", "mail", "mailto:grace@halvorsen.example.com"),
        ("+4930123456", "call", "tel:+4930123456"),
    ],
)
def test_the_next_step_is_the_act_that_it_names(
    world: World, enter: Enter, lead_id: UUID, phone: str, act: str, address: str
) -> None:
    Card.objects.filter(pk=lead_id).update(phone=phone)
    for path in ("/today", f"/leads/{lead_id}", f"/leads/{lead_id}/peek"):
        page = enter(world.ben).get(path).content.decode()
        assert f'class="next-act" href="/leads/{lead_id}/act/{act}"' in page, path
        assert f'class="reach" href="{address}"' in page, path


@pytest.mark.django_db
def test_who_may_only_look_is_shown_no_way_to_act(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    eve = User.objects.create_user("eve@acme.example", role=Role.READ_ONLY)
    page = enter(eve).get(f"/leads/{lead_id}").content.decode()
    assert "Write a first answer now" in page
    assert "next-act" not in page


@pytest.mark.django_db
def test_leads_of_colleagues_name_their_owner(world: World, enter: Enter, lead_id: UUID) -> None:
    named = 'class="colleague small soft" title="Owner"'
    seen = enter(world.ada).get("/today").content.decode()
    assert named in seen
    assert "Ben</bdi>" in seen.split(named)[1][:200]
    assert named not in enter(world.ben).get("/today").content.decode()
