"""Time since a lead got its owner and since its last event: rules about it hold when it is up."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from leadline.flow import intake, reactions, score_models, timers
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.lifecycle.models import StageChange
from leadline.routing import assignments
from leadline.scoring import publishing, queries
from leadline.scoring.models import ScoreModel
from tests.flow.test_properties import Counting
from tests.segments import sample
from tests.segments.sample import make, members
from tests.world import World, form, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("none_shipped")]
none_shipped = sample.none_shipped  # the fixture

HOUR = timedelta(hours=1)
WAITING = {"since": "assigned", "at_least": "4h"}
SILENT = {"since": "last_event", "at_least": "2h"}


@pytest.fixture
def grace(world: World) -> UUID:
    """She asks for a demo and goes to Ben."""
    make(world, "Waiting", WAITING)
    make(world, "Silent", SILENT)
    intake.run([form("demo", email="grace@navy.example", at=world.now)], now=world.now)
    return Lead.objects.get().pk


def inside(world: World, key: str, hours: float) -> bool:
    """Whether anybody is, after what was due by so many hours later."""
    while timers.check_up(limit=10, now=world.now + hours * HOUR):
        pass
    return bool(members(key))


def test_an_owner_dealt_in_the_pass_itself_begins_the_time(world: World, grace: UUID) -> None:
    assert assignments.current([grace])[grace].owner_id == world.ben.pk
    assert not inside(world, "Waiting", 3.99)
    assert inside(world, "Waiting", 4)


def test_another_owner_begins_it_anew_and_another_team_does_not(world: World, grace: UUID) -> None:
    assert inside(world, "Waiting", 4)
    later = world.now + 5 * HOUR
    assignments.move_to_team(
        [grace], team_before=world.sales.pk, team_id=None, by=None, because="", now=later
    )
    reactions.look_again([grace], now=later)
    assert members("Waiting") == {grace}
    reactions.assign(grace, world.cleo.pk, by=world.ada.pk, because="", now=later)
    assert members("Waiting") == set()
    assert not inside(world, "Waiting", 8.99)
    assert inside(world, "Waiting", 9)
    reactions.assign(grace, None, by=world.ada.pk, because="", now=world.now + 10 * HOUR)
    assert members("Waiting") == set()


def test_any_event_ends_the_silence_whatever_its_name(world: World, grace: UUID) -> None:
    assert not inside(world, "Silent", 1.99)
    assert inside(world, "Silent", 2)
    at = world.now + 3 * HOUR
    intake.run([said("track", "Hummed", email="grace@navy.example", at=at)], now=at)
    assert members("Silent") == set()
    assert inside(world, "Silent", 5)


def test_an_event_dated_ahead_ends_it_when_its_time_has_come(world: World, grace: UUID) -> None:
    at = world.now + 3 * HOUR
    ahead_us = clock.micros(at + HOUR / 12)
    hum = said("track", "Hummed", email="grace@navy.example", at=at, occurred_us=ahead_us)
    intake.run([hum], now=at)
    assert members("Silent") == {grace}
    assert inside(world, "Silent", 3.08)
    assert not inside(world, "Silent", 3.09)
    assert inside(world, "Silent", 5.09)


def test_what_a_visitor_did_ends_the_silence_of_who_it_turns_out_to_be(
    world: World, grace: UUID
) -> None:
    at = world.now + 3 * HOUR
    intake.run([said(anonymous_id="stranger", at=at)], now=at)
    assert inside(world, "Silent", 3)
    link = said("identify", email="grace@navy.example", anonymous_id="stranger", at=world.now)
    intake.run([link], now=at)
    assert members("Silent") == set()


def test_a_score_that_counts_the_time_in_a_stage_follows_the_stage(world: World) -> None:
    publish(world, {"name": "Stays", "when": {"since": "stage", "at_least": "1h"}, "points": 5})
    intake.run([said("identify", email="grace@navy.example", at=world.now)], now=world.now)
    assert not inside(world, "Nobody", 1)
    assert "Stays" in rules_that_count()
    at = world.now + 2 * HOUR
    intake.run([form("demo", email="grace@navy.example", at=at)], now=at)
    assert StageChange.objects.count() == 2
    # The score was asked first; the next look, which comes at once, knows the new stage.
    assert "Stays" in rules_that_count()
    timers.check_up(limit=10, now=at)
    assert "Stays" not in rules_that_count()
    assert timers.check_up(limit=10, now=at) == 0, "and is the last one"


def publish(world: World, rule: dict[str, object]) -> None:
    """Let the model have one rule more."""
    model = ScoreModel.objects.get(is_default=True)
    current = publishing.in_force(model, at=world.now)
    assert current is not None
    document = {**current.document, "fit": [*current.document["fit"], rule]}
    by = sample.by(world.ada)
    draft = score_models.begin(model, document, made_from=current, by=by, now=world.now)
    score_models.publish(draft.pk, seen=1, over=current.pk, by=by, now=world.now)


def rules_that_count() -> set[str]:
    found = queries.explained(Lead.objects.get().pk)
    assert found is not None
    return {line.rule for line in found.lines}


def test_nobody_pays_for_what_no_rule_asks(world: World) -> None:
    def statements() -> int:
        reactions.look_again([lead_id], now=world.now)
        counting = Counting()
        with connection.execute_wrapper(counting):
            reactions.look_again([lead_id], now=world.now)
        return counting.statements

    intake.run([form("demo", email="grace@navy.example", at=world.now)], now=world.now)
    lead_id = Lead.objects.get().pk
    make(world, "Known for a week")
    before = statements()
    make(world, "Waiting", WAITING)
    make(world, "Silent", SILENT)
    assert statements() == before + 2
