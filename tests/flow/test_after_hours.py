"""Whoever asks for us at night is told when somebody answers, once, in their own time."""

from datetime import datetime, timedelta

import pytest

from leadline.delivery.models import Message, Sender
from leadline.flow import intake
from tests.world import World, form

pytestmark = pytest.mark.django_db


def night(world: World) -> datetime:
    return world.now.replace(hour=21, minute=0)  # 22:00 in Berlin


def approve(world: World) -> None:
    Sender.objects.update_or_create(
        id=1,
        defaults={
            "from_address": "hello@acme.example",
            "tested_at": world.now,
            "acknowledgement_approved_at": world.now,
            "acknowledgement_subject": "We have your request",
            "acknowledgement_text": "Thank you. Somebody answers from {when}.",
        },
    )


def acknowledgements() -> list[Message]:
    return list(Message.objects.filter(kind="acknowledgement"))


def test_nothing_is_acknowledged_before_a_person_looked_at_the_text(world: World) -> None:
    intake.run([form("demo", email="a@acme.test", at=night(world))], now=night(world))
    assert acknowledgements() == []


def test_the_answer_names_the_time_in_the_persons_zone(world: World) -> None:
    approve(world)
    post = form(
        "demo",
        email="a@acme.test",
        at=night(world),
        traits={"time_zone": "America/New_York", "first_name": "Click http://evil.test"},
    )
    intake.run([post], now=night(world))
    message = acknowledgements()[0]
    assert message.to_address == "a@acme.test"
    # 09:00 in Berlin on 11 March is 04:00 in New York, on summer time since the 8th.
    assert "11 March, 04:00 (New York time)" in message.text
    assert "evil" not in message.text + message.subject


def test_one_person_is_acknowledged_once_a_day(world: World) -> None:
    approve(world)
    for minutes in (0, 5, 60):
        at = night(world) + timedelta(minutes=minutes)
        intake.run([form("demo", email="a@acme.test", at=at)], now=at)
    assert len(acknowledgements()) == 1


def test_in_business_hours_nobody_is_acknowledged(world: World) -> None:
    approve(world)
    intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    assert acknowledgements() == []
