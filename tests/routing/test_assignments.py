"""Leads are dealt in turn, to those who are there, with the reason."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.routing import assignments, queries, rotations
from leadline.routing.assignments import NotAssignable, Request
from leadline.routing.models import Assignment, Seat
from leadline.workspace.models import Team, User
from tests.routing.people import NOW, leads, rep, team_of

pytestmark = pytest.mark.django_db


def deal(team: Team | None, count: int, **changes: Any) -> list[assignments.Dealt]:
    requests = [Request(lead.id, team.id if team else None, **changes) for lead in leads(count)]
    return assignments.deal(requests, now=NOW)


def shares(dealt: list[assignments.Dealt]) -> dict[str, int]:
    names = dict(User.objects.values_list("id", "name"))
    return dict(Counter(names[d.owner_id] if d.owner_id else "nobody" for d in dealt))


def away(user: User) -> None:
    rotations.absent(user.id, start=NOW - timedelta(hours=1), end=None, reason="ill")


def test_leads_are_dealt_in_turn_and_the_sentence_says_why() -> None:
    team, _people = team_of("Ben", "Dan", "Eve")
    dealt = deal(team, 7, sentence="Rule “Demos” sends it to Sales")
    assert shares(dealt) == {"Ben": 3, "Dan": 2, "Eve": 2}
    assert dealt[0].sentence == ("Rule “Demos” sends it to Sales; Ben was next in turn in Sales.")
    rows = Assignment.objects.order_by("id")
    assert [row.owner_id for row in rows] == [d.owner_id for d in dealt]
    assert {row.at for row in rows} == {NOW}


def test_a_batch_of_500_differs_by_at_most_one() -> None:
    team, _people = team_of("Ben", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida")
    counts = shares(deal(team, 500)).values()
    assert sum(counts) == 500
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("reason", ["absent", "left", "takes no leads"])
def test_who_is_not_available_gets_nothing(reason: str) -> None:
    team, (ben, _dan) = team_of("Ben", "Dan")
    if reason == "absent":
        away(ben)
    else:
        ben.is_active, ben.takes_leads = reason != "left", reason != "takes no leads"
        ben.save()
    assert shares(deal(team, 4)) == {"Dan": 4}


def test_an_absence_ends_at_its_end_and_begins_at_its_start() -> None:
    team, (ben,) = team_of("Ben")
    rotations.absent(ben.id, start=NOW - timedelta(days=1), end=NOW)
    rotations.absent(ben.id, start=NOW + timedelta(microseconds=1), end=None)
    assert shares(deal(team, 1)) == {"Ben": 1}
    with pytest.raises(rotations.NotAnAbsence):
        rotations.absent(ben.id, start=NOW, end=NOW)


def test_a_person_who_returns_starts_level_and_gets_no_pile() -> None:
    team, (ben, _dan) = team_of("Ben", "Dan")
    away(ben)
    deal(team, 10)
    User.objects.filter(id=ben.id).update(is_active=True)
    rotations.Absence.objects.all().delete()
    # Dan has 10, Ben is raised to 10: then they alternate.
    assert shares(deal(team, 4)) == {"Ben": 2, "Dan": 2}


def test_a_new_seat_starts_level_too() -> None:
    team, _people = team_of("Ben")
    deal(team, 20)
    dan = rep("Dan", team=team)
    assert rotations.join(team.id, user_ids=[dan.id]) == 1
    assert rotations.join(team.id, user_ids=[dan.id]) == 0
    assert shares(deal(team, 4)) == {"Ben": 2, "Dan": 2}


def test_the_previous_owner_comes_first_while_available() -> None:
    team, (ben, dan) = team_of("Ben", "Dan")
    first = deal(team, 1, previous_owner_id=dan.id)
    assert first[0].owner_id == dan.id
    assert first[0].sentence == "Dan knows the lead already."
    # It counted as Dan's turn: Ben has 0 and catches up, then the lower seat of two with 1.
    assert shares(deal(team, 2)) == {"Ben": 2}
    away(dan)
    assert deal(team, 1, previous_owner_id=dan.id)[0].owner_id == ben.id


def test_a_previous_owner_of_another_team_keeps_the_lead_in_that_team() -> None:
    team, _people = team_of("Ben")
    other, (cleo,) = team_of("Cleo", name="Partners")
    (dealt,) = deal(team, 1, previous_owner_id=cleo.id)
    assert (dealt.owner_id, dealt.team_id) == (cleo.id, other.id)
    assert Assignment.objects.get().owner_before_id == cleo.id


def test_without_a_rule_anybody_who_takes_leads_is_next() -> None:
    team_of("Ben")
    team_of("Cleo", name="Partners")
    assert shares(deal(None, 4)) == {"Ben": 2, "Cleo": 2}


def test_a_lead_for_whom_nobody_is_there_waits_and_is_dealt_when_somebody_is_back() -> None:
    team, (ben,) = team_of("Ben")
    away(ben)
    (dealt,) = deal(team, 1)
    assert dealt.owner_id is None
    assert "nobody is available" in dealt.sentence
    # Trying again in vain writes nothing.
    assert not assignments.is_any_waiting(NOW)
    assert assignments.deal_waiting(NOW) == []
    assert Assignment.objects.count() == 1
    rotations.Absence.objects.all().delete()
    assert assignments.is_any_waiting(NOW + timedelta(minutes=1))
    (found,) = assignments.deal_waiting(NOW + timedelta(minutes=1))
    assert (found.lead_id, found.owner_id) == (dealt.lead_id, ben.id)
    assert queries.owner_sentence(dealt.lead_id).startswith("Someone is free again; Ben was")
    assert not assignments.is_any_waiting(NOW)
    assert assignments.deal_waiting(NOW) == []


def test_a_team_that_is_away_keeps_no_other_team_s_leads_waiting() -> None:
    team, (ben,) = team_of("Ben")
    other, (cleo,) = team_of("Cleo", name="Partners")
    away(ben)
    away(cleo)
    deal(team, 3)
    (theirs,) = deal(other, 1)
    rotations.Absence.objects.filter(user=cleo).delete()
    (found,) = assignments.deal_waiting(NOW, limit=2)
    assert (found.lead_id, found.owner_id) == (theirs.lead_id, cleo.id)
    assert not assignments.is_any_waiting(NOW)


def test_a_lead_that_a_person_took_away_does_not_wait() -> None:
    team, (ben,) = team_of("Ben")
    ada = rep("Ada", team=None)
    (dealt,) = deal(team, 1)
    taken = assignments.reassign(
        dealt.lead_id, owner_id=None, by=ada.id, because="a student", now=NOW
    )
    assert taken is not None
    assert taken.owner_before_id == ben.id
    assert assignments.deal_waiting(NOW) == []


def test_handing_on_writes_one_row_and_is_not_a_turn() -> None:
    team, (ben, dan) = team_of("Ben", "Dan")
    (dealt,) = deal(team, 1)
    for _ in range(2):
        assignments.reassign(
            dealt.lead_id, owner_id=dan.id, by=ben.id, because="Ben is away", now=NOW
        )
    assert Assignment.objects.count() == 2
    owned = queries.owned([dealt.lead_id])[dealt.lead_id]
    assert (owned.owner_name, owned.team_name, owned.sentence) == ("Dan", "Sales", "Ben is away")
    assert list(Seat.objects.order_by("id").values_list("dealt", flat=True)) == [1, 0]


def test_nobody_can_be_given_a_lead_who_has_left() -> None:
    _team, (ben,) = team_of("Ben")
    (lead,) = leads(1)
    User.objects.filter(id=ben.id).update(is_active=False)
    with pytest.raises(NotAssignable):
        assignments.reassign(lead.id, owner_id=ben.id, by=None, because="x", now=NOW)
    assert Assignment.objects.count() == 0


def test_the_number_of_statements_does_not_depend_on_the_number_of_leads() -> None:
    team, people = team_of("Ben", "Dan", "Eve")
    asked = []
    for count in (60, 200):
        requests = [Request(lead.id, team.id, people[0].id) for lead in leads(count)]
        requests += [Request(lead.id, team.id) for lead in leads(count)]
        with CaptureQueriesContext(connection) as captured:
            assignments.deal(requests, now=NOW)
        asked.append(len(captured))
    assert asked[0] == asked[1] <= 5
