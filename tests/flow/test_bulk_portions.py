"""A bulk action in portions: never twice, cancelled, gone on with, and taken back for a day."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.activities.models import Activity
from leadline.cards.models import Card
from leadline.flow import bulk_actions, reactions
from leadline.flow.models import BulkChange
from leadline.leads.models import Lead
from leadline.lifecycle.models import Standing
from leadline.routing.models import Notification
from leadline.segments import lists
from leadline.workspace import audit
from leadline.workspace.models import User
from tests.flow import many
from tests.flow.many import LEADS, Do, arrive, counts, later, listed, owners, undo, work
from tests.world import World

lead_ids, do = many.lead_ids, many.do  # the fixtures


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
        bulk_actions.undo(action.pk, by=audit.by(world.ada, origin=""), now=later(world))
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
    assert (
        bulk_actions.undo(action.pk, by=audit.by(world.cleo, origin=""), now=later(world)) is None
    )
    tomorrow = later(world, 60 * 24 + 2)
    assert bulk_actions.undo(action.pk, by=audit.by(world.ben, origin=""), now=tomorrow) is None
    assert undo(world, action, by=world.ada) is not None
    assert undo(world, action, by=world.ben) is None


@pytest.mark.django_db
def test_after_a_month_it_is_forgotten(world: World, lead_ids: list[UUID], do: Do) -> None:
    do("stage", lead_ids, stage="opportunity")
    assert bulk_actions.forget(now=later(world)) == 0
    assert bulk_actions.forget(now=later(world, 60 * 24 * 31)) == LEADS + 1
    assert not BulkChange.objects.exists()
