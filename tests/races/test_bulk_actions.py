"""Two bulk actions on the same leads take turns; two workers on one action do nothing twice."""

from uuid import UUID, uuid4

import pytest

from leadline.activities.models import Activity
from leadline.flow import bulk_actions, bulk_changes, bulk_choice, bulk_once, intake
from leadline.flow.bulk_once import Once, UsedOtherwise
from leadline.flow.models import BulkAction, BulkChange
from leadline.routing import assignments
from leadline.workspace import audit
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
    return bulk_actions.begin(
        what, choice, wanted, by=audit.by(world.ada, origin=""), now=world.now
    )


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
    bulk_actions.undo(both[0].pk, by=audit.by(world.ada, origin=""), now=world.now)
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
    with meeting(monkeypatch, bulk_changes, "leads_in"):
        found = at_once(lambda: run(world, action), lambda: run(world, action))
    assert sum(int(str(each)) for each in found) == LEADS
    assert Activity.objects.count() == LEADS


def test_without_its_locks_an_action_logs_twice_or_breaks(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    action = asked(world, lead_ids, "log", kind="note", text="Met at the fair.")
    with unguarded(monkeypatch), meeting(monkeypatch, bulk_changes, "leads_in"):
        found = at_once(lambda: run(world, action), lambda: run(world, action))
    is_broken = any(isinstance(each, Exception) for each in found)
    assert is_broken or Activity.objects.count() > LEADS


# Sent twice at once


def twice(world: World, lead_ids: list[UUID], *, sent: Once | None) -> list[object]:
    """The same note to the same leads, asked for twice at once; what each was answered."""
    choice, wanted = bulk_choice.of_leads(lead_ids[:1]), {"kind": "note", "text": "Met."}
    by = audit.by(world.ada, origin="")

    def send() -> object:
        return bulk_actions.begin("log", choice, wanted, by=by, now=world.now, sent=sent).pk

    return at_once(send, send)


def test_two_at_once_under_one_key_make_one_action(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = bulk_once.once(uuid4(), {"text": "Met."})
    with meeting(monkeypatch, bulk_once, "begun"):
        found = twice(world, lead_ids, sent=sent)
    assert found == [sent.key, sent.key]
    assert (BulkAction.objects.count(), Activity.objects.count()) == (1, 1)


def test_two_at_once_without_a_key_make_two(world: World, lead_ids: list[UUID]) -> None:
    found = twice(world, lead_ids, sent=None)
    assert len(set(found)) == 2
    assert (BulkAction.objects.count(), Activity.objects.count()) == (2, 2)


def test_of_two_at_once_under_one_key_with_other_words_one_is_refused(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, by = uuid4(), audit.by(world.ada, origin="")

    def send(text: str) -> object:
        choice, wanted = bulk_choice.of_leads(lead_ids[:1]), {"kind": "note", "text": text}
        sent = bulk_once.once(key, wanted)
        try:
            return bulk_actions.begin("log", choice, wanted, by=by, now=world.now, sent=sent).pk
        except UsedOtherwise:
            return "refused"

    with meeting(monkeypatch, bulk_once, "begun"):
        found = at_once(lambda: send("Met."), lambda: send("Met twice."))
    assert sorted(map(str, found)) == sorted([str(key), "refused"])
    assert Activity.objects.count() == 1
