"""What changes by itself changes exactly then."""

from datetime import timedelta

import pytest

from leadline.cards.models import Card
from leadline.delivery.models import Message
from leadline.flow import intake, reactions, timers
from leadline.lifecycle import standings
from leadline.lifecycle.models import StageChange
from leadline.routing.models import Clock, Notification
from tests.world import World, form, said

pytestmark = pytest.mark.django_db


def visits(world: World, count: int) -> list:  # type: ignore[type-arg]  # submissions
    return [
        said("track", "Visit Started", email="a@gmail.com", at=world.now - timedelta(hours=i))
        for i in range(count)
    ]


def test_a_window_of_hours_closes_to_the_microsecond(world: World) -> None:
    # Three visits within 24 hours give 10 points, free mail takes 10.
    intake.run(visits(world, 3), now=world.now)
    assert Card.objects.get().total == 0
    # The oldest of the three leaves the window 22 hours from now.
    edge = world.now + timedelta(hours=22)
    assert timers.check_up(limit=10, now=edge - timedelta(microseconds=1)) == 0
    assert timers.check_up(limit=10, now=edge) == 1
    assert Card.objects.get().total == -10_000_000


def test_fading_moves_at_the_day_boundary_of_the_workspace(world: World) -> None:
    page = said("page", email="a@acme.test", properties={"path": "/pricing"}, at=world.now)
    intake.run([page], now=world.now)
    before = Card.objects.get().total
    # Days are cut at 23:00 UTC: the workspace's standard time is one hour ahead.
    midnight = world.now.replace(hour=23, minute=0)
    timers.check_up(limit=10, now=midnight - timedelta(seconds=1))
    assert Card.objects.get().total == before
    timers.check_up(limit=10, now=midnight)
    assert Card.objects.get().total < before


def test_a_fall_at_the_day_boundary_tells_nobody(world: World) -> None:
    intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    told = Notification.objects.count()
    timers.check_up(limit=10, now=world.now + timedelta(days=20))
    assert Card.objects.get().temperature != "hot"
    assert Notification.objects.count() == told


def test_a_clock_that_runs_out_is_told_once(world: World) -> None:
    intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    late = world.now + timedelta(minutes=6)
    assert timers.breaches(now=late) == 1
    assert timers.breaches(now=late) == 0
    assert Notification.objects.filter(kind="breached", user=world.ben).count() == 1


def test_the_first_real_response_stops_the_clock_and_undo_starts_it_again(world: World) -> None:
    intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    lead = Card.objects.get().pk
    call = reactions.log_activity(
        lead,
        kind="call",
        outcome="connected",
        text="",
        by=world.ben.id,
        began_at=world.now + timedelta(minutes=2),
        now=world.now + timedelta(minutes=3),
    )
    assert Clock.objects.get().state == "met"
    assert Card.objects.get().response_due_at is None
    reactions.undo_activity(call.id, by=world.ben.id, now=world.now + timedelta(minutes=4))
    assert Clock.objects.get().state == "running"
    assert Card.objects.get().response_due_at == world.now + timedelta(minutes=5)


def test_undo_of_disqualified_lets_the_clock_go_on_and_tells_nobody_again(world: World) -> None:
    intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    lead = Card.objects.get().pk
    was = standings.place_of(lead)
    stopped, again = world.now + timedelta(minutes=2), world.now + timedelta(minutes=3)
    told, mailed = Notification.objects.count(), Message.objects.count()
    change = reactions.set_stage(
        lead, "disqualified", by=world.ben.id, reason="student", now=stopped
    )
    assert change is not None
    assert Card.objects.get().response_due_at is None
    assert reactions.undo_stage(change.pk, was, by=world.ben.id, now=again) is not None
    row = Clock.objects.get()
    assert (row.state, row.started_at, row.because) == ("running", world.now, "asked for a demo")
    # Two of five minutes were used; three are left.
    due = again + timedelta(minutes=3)
    assert Card.objects.get().response_due_at == row.due_at == due
    assert (Notification.objects.count(), Message.objects.count()) == (told, mailed)
    # A second Undo changes nothing, and the end of the time is told once.
    assert reactions.undo_stage(change.pk, was, by=world.ben.id, now=again) is None
    assert timers.breaches(now=due - timedelta(microseconds=1)) == 0
    assert [timers.breaches(now=due) for _ in range(2)] == [1, 0]


def test_what_was_told_before_disqualifying_is_not_told_again_after_its_undo(
    world: World,
) -> None:
    intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    lead = Card.objects.get().pk
    was, late = standings.place_of(lead), world.now + timedelta(minutes=6)
    assert timers.breaches(now=late) == 1
    told = Notification.objects.count()
    change = reactions.set_stage(lead, "disqualified", by=world.ben.id, reason="spam", now=late)
    assert change is not None
    reactions.undo_stage(change.pk, was, by=world.ben.id, now=late + timedelta(minutes=1))
    assert Clock.objects.get().due_at == world.now + timedelta(minutes=5)
    assert timers.breaches(now=late + timedelta(hours=1)) == 0
    assert Notification.objects.count() == told


def test_whoever_was_answered_while_disqualified_waits_no_more_after_its_undo(
    world: World,
) -> None:
    intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    lead, was = Card.objects.get().pk, standings.place_of(Card.objects.get().pk)
    stopped, called = world.now + timedelta(minutes=2), world.now + timedelta(minutes=3)
    change = reactions.set_stage(lead, "disqualified", by=world.ben.id, reason="spam", now=stopped)
    assert change is not None
    call = reactions.log_activity(
        lead,
        kind="call",
        outcome="connected",
        text="",
        by=world.ben.id,
        began_at=called,
        now=called,
    )
    reactions.undo_stage(change.pk, was, by=world.ben.id, now=world.now + timedelta(hours=1))
    row = Clock.objects.get()
    assert (row.state, row.responded_at) == ("met", called)
    assert Card.objects.get().response_due_at is None
    # Without that call the lead would wait.
    reactions.undo_activity(call.id, by=world.ben.id, now=world.now + timedelta(hours=1))
    assert Clock.objects.get().state == "running"


def test_what_a_person_decided_stays_until_something_new_happens(world: World) -> None:
    intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    lead = Card.objects.get().pk
    later = world.now + timedelta(hours=1)
    reactions.set_stage(lead, "disqualified", by=world.ben.id, reason="student", now=later)
    timers.check_up(limit=10, now=later + timedelta(days=1))
    assert Card.objects.get().stage == "disqualified"
    again = later + timedelta(days=2)
    intake.run([form("demo", email="a@acme.test", at=again)], now=again)
    assert Card.objects.get().stage == "sql"
    assert list(StageChange.objects.order_by("id").values_list("stage", "set_by")) == [
        ("sql", "rule"),
        ("disqualified", "person"),
        ("sql", "rule"),
    ]


def test_a_qualified_lead_falls_back_only_by_its_own_rule(world: World) -> None:
    traits = {"title": "CEO", "company.employee_count": 300}
    intake.run(
        [
            said("identify", email="a@acme.test", traits=traits, at=world.now, is_history=True),
            said("page", email="a@acme.test", properties={"path": "/pricing"}, at=world.now,
                 is_history=True),
        ],
        now=world.now,
    )  # fmt: skip
    # C-level 20 + 200 or more 15 + pricing 15 = 50.
    assert (Card.objects.get().total, Card.objects.get().stage) == (50_000_000, "mql")
    timers.check_up(limit=10, now=world.now + timedelta(days=10))
    assert 40_000_000 < Card.objects.get().total < 50_000_000
    assert Card.objects.get().stage == "mql"
    timers.check_up(limit=10, now=world.now + timedelta(days=60))
    assert Card.objects.get().total < 40_000_000
    assert Card.objects.get().stage == "lead"


def test_a_warm_lead_that_asks_for_a_demo_must_be_answered_in_five_minutes(world: World) -> None:
    intake.run([form("download", email="a@acme.test", at=world.now)], now=world.now)
    assert Card.objects.get().temperature == "warm"
    four_hours_of_work = Card.objects.get().response_due_at
    later = world.now + timedelta(minutes=10)
    intake.run([form("demo", email="a@acme.test", at=later)], now=later)
    assert Card.objects.get().response_due_at == later + timedelta(minutes=5)
    assert four_hours_of_work is not None
    assert four_hours_of_work > later + timedelta(minutes=5)
