"""One thing done to many leads: at once or in portions, never twice, and taken back for a day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.activities.models import Activity, Task
from leadline.cards import filters, queries
from leadline.cards.models import Card
from leadline.cards.queries import Listing
from leadline.flow import bulk_actions, bulk_choice, intake, reactions
from leadline.flow.bulk_actions import CountChanged, NotAllowed
from leadline.flow.bulk_choice import Choice, NotAChoice
from leadline.flow.bulk_wanted import NotWanted
from leadline.flow.models import BulkAction, BulkChange
from leadline.leads.models import CurrentTrait, Lead
from leadline.lib import clock
from leadline.lifecycle.models import Standing
from leadline.routing.models import Clock, Notification
from leadline.segments import lists
from leadline.worker import kinds
from leadline.workspace.models import AuditEntry, Job, User
from tests.world import World, form

LEADS = 7
Do = Callable[..., BulkAction]


@pytest.fixture
def lead_ids(world: World) -> list[UUID]:
    """Seven leads of Ben's, who asked for a demo."""
    return arrive(world, LEADS)


def arrive(world: World, count: int, *, start: int = 0) -> list[UUID]:
    posts = [
        form("demo", email=f"p{n}@firm{n}.example", at=world.now, traits={"title": "VP Sales"})
        for n in range(start, start + count)
    ]
    found = intake.run(posts, now=world.now).lead_ids
    return [each for each in found if each is not None]


@pytest.fixture
def do(world: World) -> Do:
    """Does something to leads as Ada, unless it is said who."""

    def act(what: str, choice: Choice | list[UUID], by: User | None = None, **wanted: object):  # type: ignore[no-untyped-def]
        chosen = choice if isinstance(choice, Choice) else bulk_choice.of_leads(choice)
        return bulk_actions.begin(
            what, chosen, wanted, by=by or world.ada, origin="203.0.113.9", now=later(world)
        )

    return act


def later(world: World, minutes: int = 1) -> datetime:
    return world.now + timedelta(minutes=minutes)


def work(world: World) -> None:
    """What the worker does with the jobs that wait."""
    for job in Job.objects.filter(state="ready", kind__startswith="bulk.").order_by("id"):
        kinds.verb(job.kind)(job.arguments, later(world, 2))
        job.delete()


def undo(world: World, action: BulkAction, by: User | None = None) -> BulkAction | None:
    undone = bulk_actions.undo(action.pk, by=by or world.ada, now=later(world, 5))
    work(world)
    if undone is not None:
        undone.refresh_from_db()
    return undone


def listed(world: World, document: dict[str, object], *, seen: int) -> Choice:
    listing = Listing(world.ada, world.now, filters.read(document))
    return bulk_choice.of_listing(listing, is_everything=False, seen=seen)


def counts(action: BulkAction) -> tuple[int, int, int]:
    return action.done_count, action.same_count, action.left_out_count


def owners() -> set[UUID | None]:
    return set(Card.objects.values_list("owner", flat=True))


# Every act, there and back


@pytest.mark.django_db
def test_leads_go_to_a_colleague_who_hears_of_it_once(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    action = do("assign", lead_ids, owner=str(world.cleo.pk))
    assert (action.state, counts(action)) == ("done", (LEADS, 0, 0))
    assert owners() == {world.cleo.pk}
    assert Notification.objects.get(user=world.cleo).text == "Ada gave you 7 leads"
    undone = undo(world, action)
    assert undone is not None
    assert (undone.state, undone.returned_count, undone.kept_count) == ("undone", LEADS, 0)
    assert owners() == {world.ben.pk}


@pytest.mark.django_db
def test_a_stage_is_set_and_goes_back_to_who_had_set_it(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    before = list(Standing.objects.order_by("lead").values_list("stage", "stage_set_by"))
    action = do("stage", lead_ids, stage="disqualified", reason="Spam")
    assert set(Card.objects.values_list("stage", flat=True)) == {"disqualified"}
    assert not Clock.objects.filter(state="running").exists()
    undo(world, action)
    after = list(Standing.objects.order_by("lead").values_list("stage", "stage_set_by"))
    assert after == before


@pytest.mark.django_db
def test_a_field_is_set_with_what_follows_and_returned(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    action = do("field", lead_ids[:2], field="title", value="Intern")
    lead = Lead.objects.get(pk=lead_ids[0])
    assert lead.traits["title"] == "Intern"
    assert CurrentTrait.objects.filter(name="title", text="Intern").count() == 2
    undo(world, action)
    lead.refresh_from_db()
    assert lead.traits["title"] == "VP Sales"
    assert lead.traits["title_seniority"] == "vp"
    assert CurrentTrait.objects.filter(name="title", text="VP Sales").count() == LEADS


@pytest.mark.django_db
def test_a_field_is_emptied_and_returned(world: World, lead_ids: list[UUID], do: Do) -> None:
    action = do("field", lead_ids, field="title", value="")
    assert not CurrentTrait.objects.filter(name__in=["title", "title_seniority"]).exists()
    undo(world, action)
    assert CurrentTrait.objects.filter(name="title", text="VP Sales").count() == LEADS


@pytest.mark.django_db
def test_leads_go_on_a_list_and_off_it(world: World, lead_ids: list[UUID], do: Do) -> None:
    action = do("list", lead_ids, list="Trade fair")
    [segment] = lists.everything()
    assert lists.sizes() == {segment.pk: LEADS}
    off = do("list", lead_ids[:3], list="Trade fair", is_off=True)
    assert lists.sizes() == {segment.pk: LEADS - 3}
    undo(world, off)
    assert lists.sizes() == {segment.pk: LEADS}
    undone = undo(world, action)
    assert undone is not None
    assert (undone.returned_count, undone.kept_count) == (LEADS - 3, 3)
    assert lists.sizes() == {segment.pk: 3}


@pytest.mark.django_db
def test_a_call_is_logged_stops_the_clocks_and_lets_them_run_again(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    assert Clock.objects.filter(state="running").count() == LEADS
    action = do("log", lead_ids, kind="call", outcome="connected", text="Told them of the fair.")
    assert Activity.objects.count() == LEADS
    assert Clock.objects.filter(state="met").count() == LEADS
    undo(world, action)
    assert not Activity.objects.exists()
    assert Clock.objects.filter(state="running").count() == LEADS


@pytest.mark.django_db
def test_tasks_are_added_and_taken_back_unless_somebody_has_touched_them(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    due = clock.micros(later(world, 60 * 24))
    action = do("task", lead_ids, text="Call back", due_at=due)
    assert Task.objects.filter(owner=world.ada).count() == LEADS
    from leadline.activities import tasks

    touched = Task.objects.filter(lead=lead_ids[0]).get()
    tasks.complete(touched.pk, by=world.ben.pk, now=later(world, 2))
    undone = undo(world, action)
    assert undone is not None
    assert (undone.returned_count, undone.kept_count) == (LEADS - 1, 1)
    assert list(Task.objects.values_list("lead", flat=True)) == [lead_ids[0]]


@pytest.mark.django_db
def test_leads_go_to_the_trash_and_come_back(world: World, lead_ids: list[UUID], do: Do) -> None:
    action = do("trash", lead_ids)
    assert not Card.objects.exists()
    assert AuditEntry.objects.filter(act="leads.deleted").count() == 1
    undone = undo(world, action)
    assert undone is not None
    assert undone.returned_count == LEADS
    assert Card.objects.count() == LEADS


# Which leads


@pytest.mark.django_db
def test_ids_of_hidden_leads_are_like_ids_of_nobody(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    action = do("list", [*lead_ids[:2], uuid4()], by=world.cleo, list="Mine")
    assert (action.lead_count, counts(action)) == (0, (0, 0, 0))
    assert not BulkChange.objects.exists()


@pytest.mark.django_db
def test_leads_that_one_may_only_see_are_left_out(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    reactions.assign(lead_ids[0], world.ada.pk, by=world.ada.pk, because="-", now=world.now)
    action = do("stage", lead_ids, by=world.ben, stage="opportunity")
    assert counts(action) == (LEADS - 1, 0, 1)
    assert Standing.objects.get(lead=lead_ids[0]).stage != "opportunity"


@pytest.mark.django_db
def test_what_a_role_may_not_do_it_may_not_do_to_many(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    for kind in ("trash", "export"):
        with pytest.raises(NotAllowed):
            do(kind, lead_ids, by=world.ben)
    with pytest.raises(NotWanted):
        do("assign", lead_ids, by=world.ben, owner=str(world.cleo.pk))
    assert not BulkAction.objects.exists()


@pytest.mark.django_db
def test_a_list_means_the_leads_that_match(world: World, lead_ids: list[UUID], do: Do) -> None:
    reactions.set_stage(lead_ids[0], "customer", by=world.ada.pk, reason="-", now=world.now)
    action = do("list", listed(world, {"stage": "customer"}, seen=1), list="Customers")
    assert (action.state, counts(action)) == ("done", (1, 0, 0))


@pytest.mark.django_db
@pytest.mark.parametrize("document", [{}, None])
def test_a_list_without_a_filter_is_refused(
    world: World, lead_ids: list[UUID], do: Do, document: dict[str, object] | None
) -> None:
    with pytest.raises(NotAChoice):
        listed(world, document or {}, seen=LEADS)
    with pytest.raises(NotAChoice):
        do("list", Choice(is_list=True, filter=document or {}, seen=LEADS), list="All")
    assert not BulkAction.objects.exists()


@pytest.mark.django_db
def test_everything_must_be_said(world: World, lead_ids: list[UUID], do: Do) -> None:
    listing = Listing(world.ada, world.now)
    choice = bulk_choice.of_listing(listing, is_everything=True, seen=LEADS)
    assert counts(do("list", choice, list="All")) == (LEADS, 0, 0)


@pytest.mark.django_db
def test_a_filter_that_cannot_be_read_any_more_means_nothing(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    with pytest.raises(NotAChoice):
        do("list", Choice(is_list=True, filter={"trait": "gone", "is": "x"}, seen=1), list="All")


@pytest.mark.django_db
def test_a_filter_that_takes_too_long_means_nothing(
    world: World, lead_ids: list[UUID], do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leadline.cards import time_box

    def slow(*_: object, **__: object) -> None:
        raise time_box.TooSlow

    monkeypatch.setattr(queries, "matching", slow)
    with pytest.raises(time_box.TooSlow):
        do("list", listed(world, {"temperature": "hot"}, seen=7), list="Hot")
    assert not BulkAction.objects.exists()


@pytest.mark.django_db
def test_a_list_that_has_changed_wildly_is_refused(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    with pytest.raises(CountChanged) as refused:
        do("list", listed(world, {"temperature": "hot"}, seen=400), list="Hot")
    assert (refused.value.seen, refused.value.found) == (400, LEADS)
    assert not BulkAction.objects.exists()


# In portions


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three leads are many, and a portion is two."""
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 3)
    monkeypatch.setattr(bulk_actions, "PORTION", 2)
    monkeypatch.setattr(bulk_actions, "GATHERED", 2)


@pytest.mark.django_db
def test_many_leads_are_done_in_a_job(
    world: World, lead_ids: list[UUID], do: Do, small: None
) -> None:
    action = do("assign", listed(world, {"temperature": "hot"}, seen=LEADS),
                owner=str(world.cleo.pk))  # fmt: skip
    assert (action.state, action.lead_count) == ("gathering", LEADS)
    assert owners() == {world.ben.pk}
    work(world)
    action.refresh_from_db()
    assert (action.state, counts(action)) == ("done", (LEADS, 0, 0))
    assert Notification.objects.filter(user=world.cleo).count() == 1
    undone = undo(world, action)
    assert undone is not None
    assert (undone.state, undone.returned_count) == ("undone", LEADS)
    assert owners() == {world.ben.pk}


@pytest.mark.django_db
def test_a_thousand_leads_go_there_and_back(world: World, do: Do) -> None:
    count = 1_000
    arrive(world, count)
    action = do("assign", listed(world, {"temperature": "hot"}, seen=count),
                owner=str(world.cleo.pk))  # fmt: skip
    work(world)
    action.refresh_from_db()
    assert (action.state, counts(action)) == ("done", (count, 0, 0))
    assert Notification.objects.get(user=world.cleo).text == "Ada gave you 1,000 leads"
    undone = undo(world, action)
    assert undone is not None
    assert (undone.returned_count, undone.kept_count) == (count, 0)
    assert owners() == {world.ben.pk}


@pytest.mark.django_db
def test_a_killed_job_goes_on_and_does_nothing_twice(
    world: World, lead_ids: list[UUID], do: Do, small: None
) -> None:
    action = do("log", lead_ids, kind="note", text="Met at the fair.")
    bulk_actions._portion(action.pk, "working", bulk_actions._do_some, later(world))
    assert Activity.objects.count() == 2
    work(world)
    bulk_actions.run({"action": str(action.pk)}, later(world, 3))
    assert Activity.objects.count() == LEADS
    assert len(set(Activity.objects.values_list("lead", flat=True))) == LEADS


@pytest.mark.django_db
def test_leads_that_come_while_it_runs_are_not_meant(
    world: World, lead_ids: list[UUID], do: Do, small: None
) -> None:
    action = do("list", listed(world, {"temperature": "hot"}, seen=LEADS), list="Hot")
    world.now += timedelta(minutes=2)
    arrive(world, 2, start=50)
    work(world)
    action.refresh_from_db()
    assert counts(action) == (LEADS, 0, 0)


@pytest.mark.django_db
def test_a_cancelled_job_stops_and_what_it_did_can_be_undone(
    world: World, lead_ids: list[UUID], do: Do, small: None
) -> None:
    action = do("stage", lead_ids, stage="opportunity")
    bulk_actions._portion(action.pk, "working", bulk_actions._do_some, later(world))
    assert bulk_actions.cancel(action.pk, now=later(world))
    work(world)
    assert Standing.objects.filter(stage="opportunity").count() == 2
    assert not bulk_actions.cancel(action.pk, now=later(world))
    undone = undo(world, action)
    assert undone is not None
    assert undone.returned_count == 2


@pytest.mark.django_db
def test_who_may_not_any_more_does_no_more(
    world: World, lead_ids: list[UUID], do: Do, small: None
) -> None:
    action = do("stage", lead_ids, by=world.ben, stage="opportunity")
    User.objects.filter(pk=world.ben.pk).update(is_active=False)
    work(world)
    action.refresh_from_db()
    assert (action.state, action.problem) == ("refused", "NotAllowed")
    assert not Standing.objects.filter(stage="opportunity").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("assign", {"owner": "cleo"}),
        ("stage", {"stage": "opportunity"}),
        ("field", {"field": "title", "value": "Head"}),
        ("list", {"list": "Fair"}),
        ("log", {"kind": "call", "outcome": "connected"}),
        ("task", {"text": "Call", "due_at": "2026-03-20T09:00:00Z"}),
        ("trash", {}),
    ],
)
def test_a_portion_costs_the_same_for_two_leads_and_for_ninety(
    world: World, do: Do, monkeypatch: pytest.MonkeyPatch, kind: str, wanted: dict[str, str]
) -> None:
    """Below and above 25 rows PostgreSQL writes in two ways; the costs are of one way each."""
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 1)
    said = {k: str(world.cleo.pk) if v == "cleo" else v for k, v in wanted.items()}
    lists.named("Fair", by=world.ada.pk, now=world.now)
    costs = []
    for count, start in ((30, 0), (90, 200)):
        action = do(kind, arrive(world, count, start=start), **said)
        with CaptureQueriesContext(connection) as seen:
            bulk_actions._portion(action.pk, "working", bulk_actions._do_some, later(world))
        there = len(seen)
        with CaptureQueriesContext(connection) as seen:
            bulk_actions._portion(action.pk, "working", bulk_actions._finish, later(world))
        bulk_actions.undo(action.pk, by=world.ada, now=later(world))
        with CaptureQueriesContext(connection) as seen:
            bulk_actions._portion(action.pk, "undoing", bulk_actions._return_some, later(world))
        costs.append((there, len(seen)))
    assert costs[0] == costs[1], kind
    assert max(costs[0]) < 80


# Undoing


@pytest.mark.django_db
def test_what_somebody_changed_since_is_kept_and_listed(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    action = do("assign", lead_ids, owner=str(world.cleo.pk))
    reactions.assign(lead_ids[3], world.ada.pk, by=world.ada.pk, because="-", now=later(world))
    undone = undo(world, action)
    assert undone is not None
    assert (undone.returned_count, undone.kept_count) == (LEADS - 1, 1)
    assert Card.objects.get(pk=lead_ids[3]).owner == world.ada
    kept = BulkChange.objects.filter(action=action, state="kept")
    assert list(kept.values_list("lead", flat=True)) == [lead_ids[3]]


@pytest.mark.django_db
def test_the_second_of_two_actions_wins_and_undoing_the_first_lists_it(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    first = do("field", lead_ids, field="title", value="Intern")
    do("field", lead_ids[:4], field="title", value="Director")
    undone = undo(world, first)
    assert undone is not None
    assert (undone.returned_count, undone.kept_count) == (LEADS - 4, 4)
    titles = [lead.traits["title"] for lead in Lead.objects.order_by("pk")]
    assert titles == ["Director"] * 4 + ["VP Sales"] * 3


@pytest.mark.django_db
def test_it_is_undone_once_within_a_day_by_its_doer_or_who_runs_the_workspace(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    action = do("stage", lead_ids, by=world.ben, stage="opportunity")
    assert bulk_actions.undo(action.pk, by=world.cleo, now=later(world)) is None
    tomorrow = later(world, 60 * 24 + 2)
    assert bulk_actions.undo(action.pk, by=world.ben, now=tomorrow) is None
    assert undo(world, action, by=world.ada) is not None
    assert undo(world, action, by=world.ben) is None


@pytest.mark.django_db
def test_after_a_month_it_is_forgotten(world: World, lead_ids: list[UUID], do: Do) -> None:
    do("stage", lead_ids, stage="opportunity")
    assert bulk_actions.forget(now=later(world)) == 0
    assert bulk_actions.forget(now=later(world, 60 * 24 * 31)) == LEADS + 1
    assert not BulkChange.objects.exists()
