"""What holds a stage: a person's word, an open deal, a task that lies ahead, a touch of 30 days.

The lead has 50 points at first: C-level 20, 200 or more people 15, prices 15. The last fade by half
in 30 days, so that from the 48th day on it has under 40 and `leave` of marketing qualified holds.
"""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadline.activities.due import Due
from leadline.activities.tasks import Plan
from leadline.cards.models import Card
from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.flow import intake, reactions, tasks, timers
from leadline.lifecycle import standings
from leadline.lifecycle.models import StageChange, Standing
from tests.world import World, said

pytestmark = pytest.mark.django_db

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def lead_id(world: World) -> UUID:
    known = said(
        "identify", email="a@acme.test", at=world.now, is_history=True,
        traits={"title": "CEO", "company.employee_count": 300},
    )  # fmt: skip
    prices = said("page", email="a@acme.test", at=world.now, is_history=True,
                  properties={"path": "/pricing"})  # fmt: skip
    intake.run([known, prices], now=world.now)
    card = Card.objects.get()
    assert (card.stage, card.total) == ("mql", 50_000_000)
    assert isinstance(card.pk, UUID)
    return card.pk


def at(world: World, *, days: float) -> datetime:
    return world.now + timedelta(days=days)


def look(now: datetime) -> tuple[str, bool]:
    """Every check-up that is due by then; the stage, and whether its return is proposed."""
    while timers.check_up(limit=10, now=now):
        pass
    found = Standing.objects.get()
    assert Card.objects.get().stage == found.stage
    return found.stage, found.return_since is not None


def call(lead_id: UUID, world: World, now: datetime) -> None:
    reactions.log_activity(
        lead_id, kind="call", outcome="connected", text="", by=world.ben.id, began_at=now, now=now
    )


def test_a_lead_that_nobody_touched_falls_back_without_a_question(
    world: World, lead_id: UUID
) -> None:
    assert look(at(world, days=10)) == ("mql", False)
    assert look(at(world, days=60)) == ("lead", False)
    assert StageChange.objects.latest("id").because == "no longer qualifies"


def test_a_touch_holds_the_stage_for_thirty_days_to_the_microsecond(
    world: World, lead_id: UUID
) -> None:
    call(lead_id, world, at(world, days=30))
    call(lead_id, world, at(world, days=40))
    end = at(world, days=70)
    assert look(end - MOMENT) == ("mql", True)
    assert timers.check_up(limit=10, now=end - MOMENT) == 0
    assert look(end) == ("lead", False)


def test_the_proposal_comes_when_the_lead_has_cooled_off_and_not_before(
    world: World, lead_id: UUID
) -> None:
    call(lead_id, world, at(world, days=40))
    assert look(at(world, days=46)) == ("mql", False)
    assert look(at(world, days=50)) == ("mql", True)
    asked = Standing.objects.get().return_since
    assert look(at(world, days=55)) == ("mql", True)
    assert Standing.objects.get().return_since == asked


def test_a_note_is_no_touch(world: World, lead_id: UUID) -> None:
    reactions.log_activity(
        lead_id, kind="note", outcome="", text="Seen at the fair", by=world.ben.id,
        began_at=at(world, days=50), now=at(world, days=50),
    )  # fmt: skip
    assert look(at(world, days=60)) == ("lead", False)


def test_a_task_that_lies_ahead_holds_the_stage_until_it_is_due(
    world: World, lead_id: UUID
) -> None:
    due = at(world, days=70)
    plan = Plan("Call again", Due(due, None), world.ben.id)
    tasks.add(lead_id, plan, by=world.ben, now=world.now)
    assert look(due - MOMENT) == ("mql", True)
    assert look(due) == ("lead", False)


def test_an_open_deal_holds_its_stage_for_ever(world: World, lead_id: UUID) -> None:
    _deal(lead_id, world)
    assert look(at(world, days=400))[0] == "opportunity"


def test_an_open_deal_holds_an_earlier_stage_too(world: World, lead_id: UUID) -> None:
    # Somebody says that it is only marketing qualified, whatever the deal says.
    _deal(lead_id, world)
    reactions.set_stage(lead_id, "mql", by=world.ben.id, reason="Too early", now=at(world, days=1))
    assert look(at(world, days=400)) == ("mql", True)


def _deal(lead_id: UUID, world: World) -> None:
    opened = Entry(
        currency="EUR", opened_at=world.now, external_id="x", lead_id=lead_id, name="Licences",
        state="open",
    )  # fmt: skip
    done = deals.import_many([opened], because="test", now=world.now)
    reactions.deals_changed(done.lead_ids, now=world.now)


def test_what_a_person_said_stays_and_is_asked_about_after_thirty_days(
    world: World, lead_id: UUID
) -> None:
    said_at = at(world, days=50)
    reactions.set_stage(lead_id, "mql", by=world.ben.id, reason="I know them", now=said_at)
    later = said_at + timedelta(days=30)
    assert look(later - MOMENT) == ("mql", False)
    assert look(later) == ("mql", True)
    assert look(at(world, days=400)) == ("mql", True)


def test_whoever_keeps_the_stage_is_not_asked_again_for_thirty_days(
    world: World, lead_id: UUID
) -> None:
    call(lead_id, world, at(world, days=30))
    now = at(world, days=55)
    assert look(now) == ("mql", True)
    for round_ in range(2):
        kept_at = now + timedelta(days=30 * round_)
        assert look(kept_at) == ("mql", True)
        kept = reactions.set_stage(
            lead_id, "mql", by=world.ben.id, reason="Kept by Ben", now=kept_at
        )
        assert kept is not None
        assert look(kept_at + timedelta(days=29)) == ("mql", False)


def test_undo_gives_the_stage_back_with_who_had_set_it_and_the_proposal(
    world: World, lead_id: UUID
) -> None:
    call(lead_id, world, at(world, days=30))
    now = at(world, days=55)
    assert look(now) == ("mql", True)
    was = standings.place_of(lead_id)
    change = reactions.set_stage(lead_id, "recycled", by=world.ben.id, reason="cold", now=now)
    assert change is not None
    assert look(now) == ("recycled", False)
    undone = reactions.undo_stage(change.pk, was, by=world.ben.id, now=now + MOMENT)
    assert undone is not None
    assert look(now + MOMENT) == ("mql", True)
    assert standings.place_of(lead_id) == was
    # The rules move it again, as before; a second Undo changes nothing.
    assert reactions.undo_stage(change.pk, was, by=world.ben.id, now=now + 2 * MOMENT) is None
    assert look(at(world, days=60)) == ("lead", False)


def recycle(lead_id: UUID, world: World) -> datetime:
    """Ben returns the lead to nurture while it has 50 points; when."""
    now = at(world, days=1)
    reactions.set_stage(lead_id, "recycled", by=world.ben.id, reason="next year", now=now)
    return now


def test_a_recycled_lead_stays_whatever_it_did_before(world: World, lead_id: UUID) -> None:
    now = recycle(lead_id, world)
    assert look(now + timedelta(days=3)) == ("recycled", False)
    late = said("page", email="a@acme.test", at=world.now, properties={"path": "/pricing"})
    intake.run([late], now=now + timedelta(days=3))
    assert look(now + timedelta(days=100)) == ("recycled", False)


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("Content Downloaded", "mql"),
        ("Webinar Attended", "mql"),
        ("Demo Requested", "sql"),
        ("Email Opened", "recycled"),
        ("Visit Started", "recycled"),
    ],
)
def test_new_activity_wakes_a_recycled_lead_to_where_it_now_belongs(
    world: World, lead_id: UUID, name: str, stage: str
) -> None:
    now = recycle(lead_id, world) + timedelta(days=3)
    intake.run([said("track", name, email="a@acme.test", at=now)], now=now)
    assert look(now)[0] == stage


def test_a_woken_lead_that_qualifies_for_little_starts_where_it_belongs(
    world: World, lead_id: UUID
) -> None:
    now = recycle(lead_id, world) + timedelta(days=200)
    intake.run([said("track", "Ebook Downloaded", email="a@acme.test", at=now)], now=now)
    change = StageChange.objects.latest("id")
    assert (change.stage, change.because, change.set_by) == ("iql", "active again", "rule")


def test_an_open_deal_takes_a_recycled_lead_to_sales(world: World, lead_id: UUID) -> None:
    now = recycle(lead_id, world) + timedelta(days=3)
    opened = Entry(currency="EUR", opened_at=now, external_id="y", lead_id=lead_id, name="n",
                   state="open")  # fmt: skip
    done = deals.import_many([opened], because="test", now=now)
    reactions.deals_changed(done.lead_ids, now=now)
    assert look(now)[0] == "opportunity"
