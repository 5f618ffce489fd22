"""Rules and policies: the first that holds counts, and nonsense is refused when it is saved."""

import pytest
from django.test import TestCase

from leadline.criteria.errors import CriterionError
from leadline.criteria.snapshot import Snapshot
from leadline.criteria.vocabulary import Vocabulary
from leadline.routing import calendars, policies, rules
from leadline.routing.hours import NotHours
from leadline.routing.models import Calendar, RoutingRule, SlaPolicy
from leadline.workspace.models import Team

pytestmark = pytest.mark.django_db

VOCABULARY = Vocabulary(traits={"country": "text"})
WEEK = {"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}
AT = 1_773_135_000_000_000  # 2026-03-10 09:30 UTC


def lead(**traits: object) -> Snapshot:
    return Snapshot(traits=traits, facts={"temperature": "hot" if traits.get("hot") else "cold"})


def rule(name: str, *, position: int, criterion: object, team: Team) -> RoutingRule:
    return rules.save(
        name, position=position, criterion=criterion, team_id=team.id, vocabulary=VOCABULARY
    )


def test_the_first_rule_that_holds_names_the_team_and_says_so() -> None:
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    rule("Everybody", position=9, criterion={}, team=south)
    rule("Nordics", position=1, criterion={"trait": "country", "in": ["SE", "NO"]}, team=north)
    loaded = rules.load(vocabulary=VOCABULARY, day_offset_minutes=0)
    swede = rules.team_for(loaded, lead(country="SE"), at_us=AT)
    other = rules.team_for(loaded, lead(country="IT"), at_us=AT)
    assert swede == rules.Choice(north.id, "Nordics", "Rule “Nordics” sends it to North")
    assert other is not None
    assert other.team_id == south.id


def test_without_a_rule_that_holds_there_is_no_team() -> None:
    north = Team.objects.create(name="North")
    rule("Nordics", position=1, criterion={"trait": "country", "is": "SE"}, team=north)
    loaded = rules.load(vocabulary=VOCABULARY, day_offset_minutes=0)
    assert rules.team_for(loaded, lead(country=7), at_us=AT) is None


def test_the_first_policy_that_holds_gives_the_time() -> None:
    calendar = calendars.save("Office", time_zone="Europe/Berlin", week=WEEK)
    for name, position, criterion, minutes in (
        ("Others", 2, {}, 480),
        ("Hot", 1, {"temperature": "hot"}, 5),
    ):
        policies.save(
            name, position=position, criterion=criterion, response_minutes=minutes,
            calendar_id=calendar.id, vocabulary=VOCABULARY,
        )  # fmt: skip
    loaded = policies.load(vocabulary=VOCABULARY, day_offset_minutes=60)
    hot = policies.policy_for(loaded, lead(hot=True), at_us=AT)
    cold = policies.policy_for(loaded, lead(), at_us=AT)
    assert hot is not None
    assert cold is not None
    assert (hot.name, hot.response_minutes, hot.hours.zone) == ("Hot", 5, "Europe/Berlin")
    assert cold.response_minutes == 480


def test_loading_takes_a_fixed_number_of_queries() -> None:
    calendar = calendars.save("Office", time_zone="UTC", week=WEEK)
    team = Team.objects.create(name="North")
    for number in range(4):
        rule(f"R{number}", position=number, criterion={}, team=team)
        policies.save(
            f"P{number}", position=number, criterion={}, response_minutes=5,
            calendar_id=calendar.id, vocabulary=VOCABULARY,
        )  # fmt: skip
    case = TestCase()
    with case.assertNumQueries(1):
        assert len(rules.load(vocabulary=VOCABULARY, day_offset_minutes=0)) == 4
    with case.assertNumQueries(2):
        assert len(policies.load(vocabulary=VOCABULARY, day_offset_minutes=0)) == 4


@pytest.mark.parametrize(
    "criterion", [None, [], "hot", {"trait": "shoe_size", "gte": 40}, {"temperature": "boiling"}]
)
def test_a_criterion_that_is_none_is_refused_on_save(criterion: object) -> None:
    team = Team.objects.create(name="North")
    with pytest.raises(CriterionError) as refused:
        rule("R", position=1, criterion=criterion, team=team)
    assert refused.value.path.startswith("/criterion")
    assert RoutingRule.objects.count() == 0


@pytest.mark.parametrize("minutes", [0, -5, 100_001])
def test_a_policy_without_a_sensible_time_is_refused(minutes: int) -> None:
    calendar = calendars.save("Office", time_zone="UTC", week=WEEK)
    with pytest.raises(policies.NotAPolicy):
        policies.save(
            "P", position=1, criterion={}, response_minutes=minutes,
            calendar_id=calendar.id, vocabulary=VOCABULARY,
        )  # fmt: skip
    assert SlaPolicy.objects.count() == 0


def test_a_calendar_that_is_never_open_is_not_saved() -> None:
    with pytest.raises(NotHours):
        calendars.save("Never", time_zone="UTC", week={})
    assert Calendar.objects.count() == 0


def test_there_is_one_default_calendar() -> None:
    calendars.save("Berlin", time_zone="Europe/Berlin", week=WEEK, is_default=True)
    calendars.save("Tokyo", time_zone="Asia/Tokyo", week=WEEK, is_default=True)
    assert Calendar.objects.get(is_default=True).name == "Tokyo"
    found = calendars.default()
    assert found is not None
    assert found.zone == "Asia/Tokyo"
