"""Response clocks start once, stop at the first real response, and breach once."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.criteria.vocabulary import Vocabulary
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.routing import assignments, calendars, clocks, policies, queries
from leadline.routing.assignments import Request
from leadline.routing.clocks import Start
from leadline.routing.models import Clock, SlaPolicy
from leadline.routing.policies import Policy
from leadline.workspace.models import Role
from tests.routing.people import NOW, leads, rep, team_of

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
VOCABULARY = Vocabulary(traits={})


@pytest.fixture
def hot() -> Policy:
    """Five minutes, Monday to Friday 09:00 to 17:00 UTC."""
    week = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = calendars.save("Office", time_zone="UTC", week=week, is_default=True)
    policies.save(
        "Hot", position=0, criterion={}, response_minutes=5, calendar_id=calendar.id,
        vocabulary=VOCABULARY,
    )  # fmt: skip
    (policy,) = policies.load(vocabulary=VOCABULARY, day_offset_minutes=0)
    return policy


def run(policy: Policy, *those: Lead, at: datetime = NOW) -> list[clocks.Running]:
    return clocks.start(
        [Start(lead.id, policy, clock.micros(at), "asked for a demo") for lead in those]
    )


def test_a_clock_is_due_after_the_minutes_of_its_policy(hot: Policy) -> None:
    (lead,) = leads(1)
    (running,) = run(hot, lead)
    assert running == clocks.Running(lead.id, clock.micros(NOW + 5 * MINUTE))
    row = queries.clock_of(lead.id)
    assert row is not None
    assert (row.state, row.started_at, row.because) == ("running", NOW, "asked for a demo")


def test_a_second_request_does_not_restart_the_time(hot: Policy) -> None:
    (lead,) = leads(1)
    first = run(hot, lead)
    assert run(hot, lead, lead, at=NOW + 3 * MINUTE) == first
    assert Clock.objects.count() == 1


def test_clocks_are_started_with_a_fixed_number_of_statements(hot: Policy) -> None:
    asked = []
    for count in (60, 200):
        those = leads(count)
        with CaptureQueriesContext(connection) as captured:
            assert len(run(hot, *those)) == count
        asked.append(len(captured))
    # On PostgreSQL a batch goes through a stage: create, empty, copy, insert.
    assert asked[0] == asked[1]
    assert asked[0] <= 5


@pytest.mark.parametrize(
    ("began", "now", "state", "responded"),
    [
        (2 * MINUTE, 3 * MINUTE, "met", 2 * MINUTE),
        (5 * MINUTE, 9 * MINUTE, "met", 5 * MINUTE),  # on the dot
        (5 * MINUTE + timedelta(microseconds=1), 9 * MINUTE, "late", None),
        (-60 * MINUTE, 2 * MINUTE, "met", 0 * MINUTE),  # before the lead came: its arrival
        (60 * MINUTE, 2 * MINUTE, "met", 2 * MINUTE),  # in the future: now
    ],
)
def test_the_first_response_stops_the_clock(
    hot: Policy, began: timedelta, now: timedelta, state: str, responded: timedelta | None
) -> None:
    (lead,) = leads(1)
    run(hot, lead)
    found = clocks.respond(lead.id, began_at=NOW + began, now=NOW + now)
    assert found is not None
    found.refresh_from_db()
    assert found.state == state
    assert found.responded_at == NOW + (began if responded is None else responded)
    assert clocks.respond(lead.id, began_at=NOW, now=NOW) is None
    assert clocks.running([lead.id]) == []


def test_after_an_answer_a_new_request_starts_a_new_clock(hot: Policy) -> None:
    (lead,) = leads(1)
    run(hot, lead)
    clocks.respond(lead.id, began_at=NOW, now=NOW)
    (again,) = run(hot, lead, at=NOW + 60 * MINUTE)
    assert again.due_us == clock.micros(NOW + 65 * MINUTE)
    assert Clock.objects.filter(lead=lead).count() == 2


def test_a_response_that_is_taken_back_lets_its_clock_run_again(hot: Policy) -> None:
    (lead,) = leads(1)
    run(hot, lead)
    began = NOW + MINUTE
    clocks.respond(lead.id, began_at=began, now=began)
    # A later mail stopped nothing, so taking it back changes nothing.
    assert clocks.resume(lead.id, began_at=NOW + 2 * MINUTE) is None
    assert clocks.running([lead.id]) == []
    resumed = clocks.resume(lead.id, began_at=began)
    assert resumed is not None
    assert clocks.running([lead.id]) == [clocks.Running(lead.id, clock.micros(NOW + 5 * MINUTE))]
    assert clocks.resume(lead.id, began_at=began) is None


def test_a_clock_does_not_run_again_beside_a_newer_one(hot: Policy) -> None:
    (lead,) = leads(1)
    run(hot, lead)
    clocks.respond(lead.id, began_at=NOW, now=NOW)
    run(hot, lead, at=NOW + 60 * MINUTE)
    assert clocks.resume(lead.id) is None
    assert Clock.objects.filter(state="running").count() == 1


def test_the_timer_asks_first_whether_anything_is_due(hot: Policy) -> None:
    run(hot, *leads(1))
    assert not clocks.is_any_due(NOW + 4 * MINUTE)
    assert clocks.is_any_due(NOW + 5 * MINUTE)
    clocks.due_breaches(NOW + 5 * MINUTE)
    assert not clocks.is_any_due(NOW + 6 * MINUTE)


def test_a_breach_is_told_once_to_the_owner_and_the_managers_of_the_team(hot: Policy) -> None:
    team, (ben,) = team_of("Ben")
    max_ = rep("Max", team=team, takes_leads=False, role=Role.MANAGER)
    rep("Cleo", team=None, role=Role.MANAGER)
    (lead,) = leads(1)
    assignments.deal([Request(lead.id, team.id)], now=NOW)
    run(hot, lead)
    assert clocks.due_breaches(NOW + 5 * MINUTE - timedelta(microseconds=1)) == []
    (breach,) = clocks.due_breaches(NOW + 5 * MINUTE)
    assert (breach.lead_id, breach.owner_id) == (lead.id, ben.id)
    assert breach.told == (ben.id, max_.id)
    assert clocks.due_breaches(NOW + 60 * MINUTE) == []
    # The clock goes on: whoever answers now is late.
    answered = clocks.respond(lead.id, began_at=NOW + 9 * MINUTE, now=NOW + 9 * MINUTE)
    assert answered is not None
    assert answered.state == Clock.State.LATE


def test_a_breach_with_nobody_to_answer_for_it_is_told_to_the_owner_of_the_workspace(
    hot: Policy,
) -> None:
    ada = rep("Ada", team=None, role=Role.OWNER)
    (lead,) = leads(1)
    run(hot, lead)
    (breach,) = clocks.due_breaches(NOW + 5 * MINUTE)
    assert breach.told == (ada.id,)


def test_the_owner_alone_is_warned_once_when_three_fifths_of_the_time_are_over(
    hot: Policy,
) -> None:
    team, (ben,) = team_of("Ben")
    rep("Max", team=team, takes_leads=False, role=Role.MANAGER)
    (lead,) = leads(1)
    assignments.deal([Request(lead.id, team.id)], now=NOW)
    run(hot, lead)
    # Three of five minutes.
    early, due = NOW + 3 * MINUTE - timedelta(microseconds=1), NOW + 3 * MINUTE
    assert (clocks.is_any_to_warn(early), clocks.due_warnings(early)) == (False, [])
    assert clocks.is_any_to_warn(due)
    (warning,) = clocks.due_warnings(due)
    assert (warning.lead_id, warning.told) == (lead.id, (ben.id,))
    assert clocks.due_warnings(NOW + 4 * MINUTE) == []
    assert len(clocks.due_breaches(NOW + 5 * MINUTE)) == 1


def test_a_worker_that_was_away_tells_the_breach_and_not_the_warning(hot: Policy) -> None:
    run(hot, *leads(1))
    assert clocks.due_warnings(NOW + 6 * MINUTE) == []
    assert len(clocks.due_breaches(NOW + 6 * MINUTE)) == 1


def test_a_deadline_that_comes_forward_is_warned_of_again(hot: Policy) -> None:
    rep("Ada", team=None, role=Role.OWNER)
    (lead,) = leads(1)
    run(replace(hot, response_minutes=60), lead)
    assert len(clocks.due_warnings(NOW + 36 * MINUTE)) == 1
    run(hot, lead, at=NOW + 40 * MINUTE)
    assert len(clocks.due_warnings(NOW + 43 * MINUTE)) == 1


def test_cancelled_clocks_do_not_breach(hot: Policy) -> None:
    those = leads(2)
    run(hot, *those)
    assert clocks.cancel([lead.id for lead in those], because="A student.", now=NOW) == 2
    assert clocks.due_breaches(NOW + 60 * MINUTE) == []
    said = {(each.because, each.cancelled_because) for each in Clock.objects.all()}
    assert said == {("asked for a demo", "A student.")}


def cancelled(lead: Lead, *, at: datetime) -> dict[UUID, datetime]:
    """Its clock is cancelled then; what takes that back names."""
    assert clocks.cancel([lead.id], because="A student.", now=at) == 1
    return {lead.id: at}


@pytest.mark.parametrize(
    ("stopped", "again", "due"),
    [
        (1, 20, 24),  # four of five minutes were left
        (5, 20, 5),  # on the dot: nothing was left
        (9, 20, 5),  # it was late before, by the same deadline
        # Two minutes were left at 9:33; at 17:30 nobody works, so 9:02 of the next day.
        (3, 8 * 60, 23 * 60 + 32),
    ],
)
def test_a_clock_that_goes_on_is_due_as_if_it_had_been_paused(
    hot: Policy, stopped: int, again: int, due: int
) -> None:
    (lead,) = leads(1)
    run(hot, lead)
    ended = cancelled(lead, at=NOW + stopped * MINUTE)
    assert clocks.go_on(ended, now=NOW + again * MINUTE) == {lead.id}
    assert clocks.running([lead.id]) == [clocks.Running(lead.id, clock.micros(NOW + due * MINUTE))]
    row = Clock.objects.get()
    assert (row.started_at, row.because) == (NOW, "asked for a demo")
    assert (row.cancelled_at, row.cancelled_because) == (None, "")
    assert clocks.go_on(ended, now=NOW + again * MINUTE) == set()


def test_a_clock_without_its_policy_counts_all_time_as_working_time(hot: Policy) -> None:
    (lead,) = leads(1)
    run(hot, lead)
    ended = cancelled(lead, at=NOW + 2 * MINUTE)
    SlaPolicy.objects.all().delete()
    clocks.go_on(ended, now=NOW + 12 * 60 * MINUTE)
    assert Clock.objects.get().due_at == NOW + (12 * 60 + 3) * MINUTE


def test_of_a_clock_that_goes_on_nobody_hears_twice(hot: Policy) -> None:
    rep("Ada", team=None, role=Role.OWNER)
    (lead,) = leads(1)
    run(hot, lead)
    assert len(clocks.due_warnings(NOW + 3 * MINUTE)) == 1
    clocks.go_on(cancelled(lead, at=NOW + 4 * MINUTE), now=NOW + 30 * MINUTE)
    assert clocks.due_warnings(NOW + 30 * MINUTE) == []
    # One minute was left.
    assert clocks.due_breaches(NOW + 31 * MINUTE - timedelta(microseconds=1)) == []
    assert len(clocks.due_breaches(NOW + 31 * MINUTE)) == 1
    clocks.go_on(cancelled(lead, at=NOW + 32 * MINUTE), now=NOW + 40 * MINUTE)
    assert clocks.due_breaches(NOW + 60 * MINUTE) == []


def test_the_warning_is_put_off_with_the_deadline(hot: Policy) -> None:
    rep("Ada", team=None, role=Role.OWNER)
    (lead,) = leads(1)
    run(hot, lead)
    clocks.go_on(cancelled(lead, at=NOW + 1 * MINUTE), now=NOW + 11 * MINUTE)
    # Warned after three of five minutes, ten of them a pause.
    assert clocks.due_warnings(NOW + 13 * MINUTE - timedelta(microseconds=1)) == []
    assert len(clocks.due_warnings(NOW + 13 * MINUTE)) == 1


def test_only_what_was_cancelled_at_that_instant_goes_on_and_never_beside_another(
    hot: Policy,
) -> None:
    (lead,) = leads(1)
    run(hot, lead)
    ended = cancelled(lead, at=NOW + MINUTE)
    assert clocks.go_on({lead.id: NOW + 2 * MINUTE}, now=NOW + 3 * MINUTE) == set()
    run(hot, lead, at=NOW + 2 * MINUTE)
    assert clocks.go_on(ended, now=NOW + 3 * MINUTE) == set()
    assert Clock.objects.filter(state="running").count() == 1


def test_clocks_go_on_with_a_fixed_number_of_statements(hot: Policy) -> None:
    asked = []
    for count in (60, 200):
        those = leads(count)
        run(hot, *those)
        clocks.cancel([lead.id for lead in those], because="Spam", now=NOW)
        with CaptureQueriesContext(connection) as captured:
            assert len(clocks.go_on({lead.id: NOW for lead in those}, now=NOW + MINUTE)) == count
        asked.append(len(captured))
    assert asked[0] == asked[1]
    assert set(Clock.objects.values_list("due_at", flat=True)) == {NOW + 6 * MINUTE}


def test_breaches_are_told_with_a_fixed_number_of_statements(hot: Policy) -> None:
    rep("Ada", team=None, role=Role.OWNER)
    asked = []
    for count in (60, 200):
        run(hot, *leads(count))
        with CaptureQueriesContext(connection) as captured:
            assert len(clocks.due_breaches(NOW + 60 * MINUTE)) == count
        asked.append(len(captured))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("winner_has_waited_longer", [True, False])
def test_after_a_merge_the_longer_wait_goes_on(hot: Policy, winner_has_waited_longer: bool) -> None:
    winner, loser = leads(2)
    run(hot, winner if winner_has_waited_longer else loser)
    run(hot, loser if winner_has_waited_longer else winner, at=NOW + 3 * MINUTE)
    for _ in range(2):
        found = clocks.absorb(winner.id, loser_id=loser.id, now=NOW + 4 * MINUTE)
        assert found == clocks.Running(winner.id, clock.micros(NOW + 5 * MINUTE))
    assert [each.state for each in Clock.objects.order_by("due_at")] == ["running", "cancelled"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_each_breach_once(hot: Policy) -> None:
    rep("Ada", team=None, role=Role.OWNER)
    run(hot, *leads(60))
    found: list[clocks.Breach] = []
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            while taken := clocks.due_breaches(NOW + 60 * MINUTE, limit=7):
                found.extend(taken)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len({breach.lead_id for breach in found}) == 60
