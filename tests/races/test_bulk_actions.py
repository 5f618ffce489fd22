"""Two bulk actions on the same leads take turns; two workers on one action do nothing twice."""

from uuid import UUID

import pytest

from leadline.activities.models import Activity
from leadline.flow import bulk_actions, bulk_choice, intake
from leadline.flow.models import BulkAction, BulkChange
from leadline.routing import assignments
from leadline.workspace.models import Job, User
from tests.races.side_by_side import at_once, meeting, unguarded
from tests.world import World, form

pytestmark = pytest.mark.django_db(transaction=True)
LEADS = 12


@pytest.fixture
def lead_ids(world: World, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Twelve leads of Ben's, in portions of three."""
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 1)
    monkeypatch.setattr(bulk_actions, "PORTION", 3)
    posts = [form("demo", email=f"p{n}@firm{n}.example", at=world.now) for n in range(LEADS)]
    return [each for each in intake.run(posts, now=world.now).lead_ids if each is not None]


def asked(world: World, lead_ids: list[UUID], what: str, **wanted: str) -> BulkAction:
    choice = bulk_choice.of_leads(lead_ids)
    return bulk_actions.begin(what, choice, wanted, by=world.ada, origin="", now=world.now)


def run(world: World, action: BulkAction) -> int:
    return bulk_actions.run({"action": str(action.pk)}, world.now)


def test_the_last_of_two_actions_wins_each_lead_and_undoing_the_first_leaves_it(
    world: World, lead_ids: list[UUID]
) -> None:
    takers: list[User] = [world.cleo, world.ada]
    both = [asked(world, lead_ids, "assign", owner=str(each.pk)) for each in takers]
    found = at_once(lambda: run(world, both[0]), lambda: run(world, both[1]))
    assert found == [LEADS, LEADS]
    last = {lead_id: each.owner_id for lead_id, each in assignments.current(lead_ids).items()}
    Job.objects.all().delete()
    bulk_actions.undo(both[0].pk, by=world.ada, now=world.now)
    bulk_actions.run_undo({"action": str(both[0].pk)}, world.now)
    kept = BulkChange.objects.filter(action=both[0], state="kept")
    won = {lead_id for lead_id, owner in last.items() if owner == world.ada.pk}
    assert set(kept.values_list("lead", flat=True)) == won
    now_theirs = assignments.current(lead_ids)
    assert {each for each in won if now_theirs[each].owner_id == world.ada.pk} == won


def test_two_workers_on_one_action_log_once(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    action = asked(world, lead_ids, "log", kind="note", text="Met at the fair.")
    with meeting(monkeypatch, bulk_actions, "_next"):
        found = at_once(lambda: run(world, action), lambda: run(world, action))
    assert sum(int(str(each)) for each in found) == LEADS
    assert Activity.objects.count() == LEADS


def test_without_its_locks_an_action_logs_twice_or_breaks(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    action = asked(world, lead_ids, "log", kind="note", text="Met at the fair.")
    with unguarded(monkeypatch), meeting(monkeypatch, bulk_actions, "_next"):
        found = at_once(lambda: run(world, action), lambda: run(world, action))
    is_broken = any(isinstance(each, Exception) for each in found)
    assert is_broken or Activity.objects.count() > LEADS
