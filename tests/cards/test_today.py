"""Today: what to do now, in the right order, without what was done or put off."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.activities.models import Activity, Snooze
from leadline.cards import queries
from tests.cards.people import lead, people

pytestmark = pytest.mark.django_db


def test_running_clocks_come_first_then_hot_unowned_leads_then_ones_own_by_score(
    now: datetime,
) -> None:
    who = people()
    mine = {"owner": who.ben, "team": who.north}
    low, high = lead(now, points=5, **mine), lead(now, points=80, **mine)
    late = lead(now, response_due_at=now - timedelta(minutes=1), **mine)
    soon = lead(now, response_due_at=now + timedelta(minutes=4), temperature="hot", **mine)
    unowned = lead(now, response_due_at=now + timedelta(minutes=2))
    older = lead(now, temperature="hot", created_at=now - timedelta(hours=2))
    newer = lead(now, temperature="hot", created_at=now - timedelta(hours=1))
    for fields in (
        {"stage": "disqualified", "points": 90, **mine},
        {"owner": who.ada, "team": who.north, "points": 99},
        {"owner": who.ada, "team": who.north, "response_due_at": now},
        {"owner": who.cleo, "team": who.south, "response_due_at": now},
        {"temperature": "hot", "stage": "customer"},
        {"points": 0, **mine},
    ):
        lead(now, **fields)  # type: ignore[arg-type]
    found = queries.today(who.ben, now=now)
    assert [row.card.lead_id for row in found] == [late, unowned, soon, newer, older, high, low]
    assert [row.group for row in found] == ["clock"] * 3 + ["hot"] * 2 + ["score"] * 2


def test_whoever_watches_clocks_sees_those_of_everybody_they_may_see(now: datetime) -> None:
    who = people()
    bens = lead(now, owner=who.ben, team=who.north, response_due_at=now)
    cleos = lead(now, owner=who.cleo, team=who.south, response_due_at=now + timedelta(hours=1))
    assert [row.card.lead_id for row in queries.today(who.ada, now=now)] == [bens, cleos]


def test_what_was_put_off_comes_back_in_time(now: datetime) -> None:
    who = people()
    key = lead(now, points=50, owner=who.ben, team=who.north)
    until = now + timedelta(hours=3)
    Snooze.objects.create(lead_id=key, user=who.ben, until=until)
    assert queries.today(who.ben, now=now) == []
    assert queries.next_due(who.ben, now=now) == until
    later = until + timedelta(seconds=1)
    assert [row.card.lead_id for row in queries.today(who.ben, now=later)] == [key]
    assert queries.next_due(who.ben, now=later) is None


def test_a_lead_just_called_is_done_for_today_and_a_note_is_no_call(now: datetime) -> None:
    who = people()
    called, noted = (lead(now, points=50, owner=who.ben, team=who.north) for _ in range(2))
    for key, kind in ((called, "call"), (noted, "note")):
        Activity.objects.create(lead_id=key, kind=kind, by=who.ben, began_at=now, logged_at=now)
    assert [row.card.lead_id for row in queries.today(who.ben, now=now)] == [noted]
    tomorrow = now + timedelta(days=1)
    assert len(queries.today(who.ben, now=tomorrow)) == 2


def test_the_queue_ends_at_its_cap_and_costs_three_queries(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_TODAY", 5)
    who = people()
    for number in range(12):
        lead(now, points=number + 1, owner=who.ben, team=who.north)
    with CaptureQueriesContext(connection) as seen:
        found = queries.today(who.ben, now=now)
    assert [row.card.points for row in found] == [12, 11, 10, 9, 8]
    assert len(seen) == 3
