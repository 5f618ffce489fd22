"""A team changes its people, or ends."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.cards.models import Card
from leadline.flow import intake, reactions, teams
from leadline.routing import assignments
from leadline.routing.models import Assignment, RoutingRule, Seat
from leadline.workspace import audit, people
from leadline.workspace import teams as rows
from leadline.workspace.audit import COMMAND_LINE, Doer
from leadline.workspace.models import AuditEntry, Job, Role, Team, User
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(world: World) -> Doer:
    return audit.by(world.ada, origin="203.0.113.9")


@pytest.fixture
def free(world: World) -> None:
    """No rule deals to Sales."""
    RoutingRule.objects.update(team=world.other)


def lead(world: World, name: str, *, owner: User | None) -> UUID:
    post = worlds.form("demo", email=f"{name}@navy.example", at=world.now)
    found = intake.run([post], now=world.now).lead_ids[0]
    assert found is not None
    if owner is None:
        reactions.assign(found, None, by=world.ada.pk, because="", now=world.now)
    return found


def test_a_team_is_made_named_and_led_by_one_of_its_people(world: World, ada: Doer) -> None:
    made = rows.make(" North ", by=ada, now=world.now)
    assert made.name == "North"
    assert teams.staff(made, {world.ben.pk}, by=ada, now=world.now) == 1
    assert rows.change(made, name="North", leader_id=world.ben.pk, by=ada, now=world.now)
    assert not rows.change(made, name="North", leader_id=world.ben.pk, by=ada, now=world.now)
    world.ben.refresh_from_db()
    assert (world.ben.team, world.ben.role, world.ben.takes_leads) == (made, Role.REP, True)
    assert Seat.objects.filter(team=made, user=world.ben).exists()
    assert not Seat.objects.filter(team=world.sales, user=world.ben).exists()
    acts = AuditEntry.objects.order_by("number").values_list("act", flat=True)
    assert list(acts) == ["team.made", "person.changed", "team.changed"]


@pytest.mark.parametrize("name", ["", "  ", "Sales"])
def test_a_name_is_needed_and_belongs_to_one_team(world: World, ada: Doer, name: str) -> None:
    with pytest.raises(people.NotAcceptable):
        rows.make(name, by=ada, now=world.now)
    assert not AuditEntry.objects.exists()


def test_who_is_of_another_team_does_not_lead_this_one(world: World, ada: Doer) -> None:
    with pytest.raises(people.NotAcceptable):
        rows.change(world.sales, name="Sales", leader_id=world.cleo.pk, by=ada, now=world.now)


def test_whose_turn_has_come_leaves_the_turn_with_the_team(world: World, ada: Doer) -> None:
    teams.staff(world.sales, set(), by=ada, now=world.now)
    world.ben.refresh_from_db()
    assert (world.ben.team, world.ben.takes_leads) == (None, False)
    assert not Seat.objects.filter(user=world.ben).exists()


@pytest.mark.usefixtures("free")
def test_when_a_team_ends_another_takes_its_people_and_leads(world: World, ada: Doer) -> None:
    own = lead(world, "own", owner=world.ben)
    reactions.assign(own, world.ben.pk, by=world.ada.pk, because="", now=world.now)
    Card.objects.filter(pk=own).update(team=world.sales)
    Assignment.objects.filter(lead=own).update(team=world.sales)
    teams.archive(world.sales.pk, to=world.other.pk, by=ada, now=world.now)
    world.ben.refresh_from_db()
    assert (world.ben.team, world.ben.takes_leads) == (world.other, True)
    assert Seat.objects.filter(team=world.other, user=world.ben).exists()
    job = Job.objects.get(kind=teams.HAND_OVER)
    assert teams.hand_over(job.arguments, world.now) == 1
    card = Card.objects.get(pk=own)
    assert (card.team_id, card.owner_id) == (world.other.pk, world.ben.pk)
    assert teams.hand_over(job.arguments, world.now) == 0
    said = AuditEntry.objects.latest("number")
    assert said.act == "team.archived"
    assert world.sales.name in said.details
    assert world.other.name in said.details
    assert world.sales not in rows.active()
    assert rows.restore(world.sales.pk, by=ada, now=world.now) == world.sales
    assert rows.restore(world.sales.pk, by=ada, now=world.now) is None


@pytest.mark.usefixtures("free")
def test_who_waits_for_an_owner_goes_on_waiting_in_the_team_that_takes_over(
    world: World, ada: Doer
) -> None:
    waiting = lead(world, "waits", owner=None)
    Assignment.objects.filter(lead=waiting).delete()
    Assignment.objects.create(
        lead_id=waiting, team=world.sales, because="Nobody was free", at=world.now
    )
    Card.objects.filter(pk=waiting).update(team=world.sales, owner=None)
    teams.archive(world.sales.pk, to=world.other.pk, by=ada, now=world.now)
    teams.hand_over(Job.objects.get(kind=teams.HAND_OVER).arguments, world.now)
    assert assignments.current([waiting])[waiting].team_id == world.other.pk
    (dealt,) = assignments.deal_waiting(world.now)
    assert (dealt.lead_id, dealt.owner_id) == (waiting, world.ben.pk)


def test_a_team_that_rules_deal_to_does_not_end(world: World, ada: Doer) -> None:
    with pytest.raises(teams.StillUsed) as refused:
        teams.archive(world.sales.pk, to=None, by=ada, now=world.now)
    assert refused.value.rules
    assert Team.objects.filter(archived_at=None).count() == 2
    assert not Job.objects.filter(kind=teams.HAND_OVER).exists()


@pytest.mark.usefixtures("free")
@pytest.mark.parametrize("to", ["itself", "nothing", "archived"])
def test_only_a_team_that_is_there_takes_over(world: World, ada: Doer, to: str) -> None:
    Team.objects.filter(pk=world.other.pk).update(archived_at=world.now)
    taker = {"itself": world.sales.pk, "nothing": 999, "archived": world.other.pk}[to]
    with pytest.raises(people.NotAcceptable):
        teams.archive(world.sales.pk, to=taker, by=ada, now=world.now)
    world.ben.refresh_from_db()
    assert world.ben.team == world.sales


@pytest.mark.usefixtures("free")
def test_a_portion_costs_the_same_however_many_leads(world: World) -> None:
    counts = []
    for number in (1, 5):
        ids = [lead(world, f"n{number}{n}", owner=None) for n in range(number)]
        Assignment.objects.filter(lead__in=ids).update(team=world.sales)
        Card.objects.filter(pk__in=ids).update(team=world.sales)
        Team.objects.filter(pk=world.sales.pk).update(archived_at=world.now)
        given = {"team": world.sales.pk, "to": world.other.pk, "by": None}
        with CaptureQueriesContext(connection) as asked:
            assert teams.hand_over(given, world.now) == number
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_command_line_may_do_it_too(world: World) -> None:
    made = rows.make("South", by=COMMAND_LINE, now=world.now)
    assert AuditEntry.objects.get(object_id=str(made.pk)).actor_id is None
