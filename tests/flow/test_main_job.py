"""A stranger fills in a form; a rep has the lead, scored, staged, assigned, with a clock."""

import pytest

from leadline.cards.models import Card
from leadline.delivery.models import Message
from leadline.flow import intake
from leadline.lib import clock
from leadline.lifecycle.models import StageChange
from leadline.routing.models import Assignment, Clock, Notification
from leadline.scoring.models import ScoreChange
from tests.world import World, form


@pytest.mark.django_db
def test_a_demo_request_reaches_a_rep_with_every_reason(world: World) -> None:
    traits = {
        "name": "Grace Hopper",
        "title": "VP Engineering",
        "company.name": "Navy",
        "company.employee_count": 300,
    }
    outcome = intake.run(
        [form("demo", email="grace@navy.example.com", at=world.now, traits=traits)], now=world.now
    )

    card = Card.objects.get(lead_id=outcome.lead_ids[0])
    assert (card.name, card.company_name) == ("Grace Hopper", "Navy")
    assert card.total == 55_000_000  # VP 15 + 200 or more people 15 + demo request 25
    assert (card.temperature, card.stage) == ("hot", "sql")
    assert card.owner_id == world.ben.id
    assert card.response_due_at is not None
    # 10:30 in Berlin is within business hours: five minutes.
    assert clock.micros(card.response_due_at) - clock.micros(world.now) == 5 * clock.MINUTE
    assert card.why == "asked for a demo (score 55)"
    assert ScoreChange.objects.get(lead=card.pk).total == card.total
    assert StageChange.objects.get(lead=card.pk).because == "asked for a demo"
    assert "Sales" in Assignment.objects.get(lead=card.pk).because
    assert Clock.objects.get(lead=card.pk).because == "asked for a demo"
    notification = Notification.objects.get(lead=card.pk)
    assert (notification.user_id, notification.text) == (
        world.ben.id,
        "Grace Hopper asked for a demo",
    )
    assert Message.objects.get(lead=card.pk).to_address == "ben@acme.example"


@pytest.mark.django_db
def test_the_same_message_twice_has_one_effect(world: World) -> None:
    post = form("demo", email="grace@navy.example.com", at=world.now, message_id="once")
    intake.run([post], now=world.now)
    again = intake.run([post, post], now=world.now)
    assert again.is_new == [False, False]
    assert ScoreChange.objects.count() == 1
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_history_is_scored_and_wakes_nobody(world: World) -> None:
    outcome = intake.run(
        [form("demo", email="grace@navy.example.com", at=world.now, is_history=True)],
        now=world.now,
    )
    card = Card.objects.get(lead_id=outcome.lead_ids[0])
    assert card.stage == "sql"
    assert card.owner_id is None
    assert Assignment.objects.count() == Clock.objects.count() == Message.objects.count() == 0
