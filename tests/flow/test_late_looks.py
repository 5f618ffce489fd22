"""A look that waited for another comes after it, whatever its clock said before it waited."""

from datetime import timedelta
from uuid import UUID

import pytest

from leadline.cards.models import Card
from leadline.flow import bulk_actions, bulk_choice, edits, intake, reactions
from leadline.leads.models import Lead
from leadline.lifecycle import standings
from leadline.lifecycle.models import StageChange, Standing
from leadline.scoring import queries as scoring
from leadline.scoring.models import Score, ScoreChange
from leadline.workspace import audit
from tests.world import World, form

pytestmark = pytest.mark.django_db

WAITED = timedelta(seconds=2)


@pytest.fixture
def lead_id(world: World) -> UUID:
    """Grace asks for a demo while somebody's change of her waits for the database."""
    intake.run([form("demo", email="grace@navy.example", at=world.now)], now=world.now)
    return Lead.objects.get().pk


def test_it_sees_what_came_while_it_waited(world: World, lead_id: UUID) -> None:
    def known() -> tuple[object, ...]:
        standing = Standing.objects.values_list("stage", "temperature", "temperature_since").get()
        return (*standing, StageChange.objects.count(), ScoreChange.objects.count())

    before = known()
    reactions.look_again([lead_id], now=world.now - WAITED)
    assert known() == before
    assert (Card.objects.get().temperature, Card.objects.get().stage) == ("hot", "sql")


def test_what_it_changes_is_the_newest_of_the_history(world: World, lead_id: UUID) -> None:
    place = edits.places()["title"]
    edits.edit(lead_id, place, "CEO", seen=None, by=world.ben, now=world.now - WAITED)
    current = scoring.explained(lead_id)
    then = scoring.explained(lead_id, as_of=world.now + WAITED)
    assert current is not None
    assert then is not None
    # 25 for the demo, 20 for a CEO: both, now and whenever somebody asks.
    assert (current.total, then.total) == (45_000_000, 45_000_000)


def test_a_stage_that_a_person_sets_is_the_last_of_the_story(world: World, lead_id: UUID) -> None:
    reactions.set_stage(lead_id, "customer", by=world.ben.pk, reason="", now=world.now - WAITED)
    assert _stages_in_order() == ["sql", "customer"]
    assert Standing.objects.get().stage == "customer"


def test_so_is_a_stage_that_many_are_put_into(world: World, lead_id: UUID) -> None:
    asker = audit.by(world.ada, origin="")
    wanted = {"stage": "disqualified", "reason": "spam"}
    action = bulk_actions.begin(
        "stage", bulk_choice.of_leads([lead_id]), wanted, by=asker, now=world.now - WAITED
    )
    assert _stages_in_order() == ["sql", "disqualified"]
    bulk_actions.undo(action.pk, by=asker, now=world.now + WAITED)
    assert Card.objects.get().response_due_at is not None, "the clock runs again"


def test_so_is_taking_it_back(world: World, lead_id: UUID) -> None:
    was = standings.place_of(lead_id)
    set_by_ben = reactions.set_stage(
        lead_id, "customer", by=world.ben.pk, reason="", now=world.now + WAITED
    )
    assert set_by_ben is not None
    reactions.undo_stage(set_by_ben.pk, was, by=world.ben.pk, now=world.now)
    assert _stages_in_order() == ["sql", "customer", "sql"]


def test_a_clock_that_it_stopped_runs_again_when_it_is_taken_back(
    world: World, lead_id: UUID
) -> None:
    was = standings.place_of(lead_id)
    change = reactions.set_stage(
        lead_id, "disqualified", by=world.ben.pk, reason="spam", now=world.now - WAITED
    )
    assert change is not None
    assert Card.objects.get().response_due_at is None
    reactions.undo_stage(change.pk, was, by=world.ben.pk, now=world.now + WAITED)
    assert Card.objects.get().response_due_at is not None


def test_a_clock_that_was_wrong_once_keeps_nobody(world: World, lead_id: UUID) -> None:
    wrong = world.now + timedelta(days=365)
    Score.objects.update(at=wrong)
    Standing.objects.update(temperature_since=wrong)
    reactions.look_again([lead_id], now=world.now + timedelta(days=1))
    assert Card.objects.get().temperature == "hot"  # asked for a demo yesterday, not a year ago


def _stages_in_order() -> list[str]:
    return list(StageChange.objects.order_by("at", "id").values_list("stage", flat=True))
