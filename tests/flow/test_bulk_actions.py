"""One thing done to many leads: every act there and back, and which leads it means."""

from uuid import UUID, uuid4

import pytest

from leadline.activities.models import Activity, Task
from leadline.cards import queries
from leadline.cards.models import Card
from leadline.cards.queries import Listing
from leadline.flow import bulk_choice, reactions
from leadline.flow.bulk_actions import CountChanged, NotAllowed
from leadline.flow.bulk_choice import Choice, NotAChoice
from leadline.flow.bulk_wanted import NotWanted
from leadline.flow.models import BulkAction, BulkChange
from leadline.leads import by_hand_values, current_traits
from leadline.leads.models import CurrentTrait, Lead
from leadline.lib import clock
from leadline.lifecycle.models import StageChange, Standing
from leadline.routing.models import Assignment, Clock, Notification
from leadline.segments import lists
from leadline.workspace.models import AuditEntry, Team
from tests.flow import many
from tests.flow.many import LEADS, Do, counts, later, listed, owners, undo
from tests.world import World

lead_ids, do = many.lead_ids, many.do  # the fixtures


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
def test_undo_gives_back_the_team_too_also_none(world: World, lead_ids: list[UUID], do: Do) -> None:
    nobodys, gone = lead_ids[:2]
    Assignment.objects.filter(lead=nobodys).delete()
    ended = Team.objects.create(name="Ended")
    Assignment.objects.filter(lead=gone).update(owner=None, team=ended)
    reactions.look_again([nobodys, gone], now=world.now)
    before = dict(Card.objects.values_list("lead", "team"))
    action = do("assign", lead_ids, owner=str(world.cleo.pk))
    assert set(Card.objects.values_list("team", flat=True)) == {world.other.pk}
    Team.objects.filter(pk=ended.pk).update(archived_at=later(world))
    undo(world, action)
    assert dict(Card.objects.values_list("lead", "team")) == {**before, gone: None}


@pytest.mark.django_db
def test_one_lead_goes_back_to_its_team_too(world: World, lead_ids: list[UUID]) -> None:
    [lead_id, *_others] = lead_ids
    Assignment.objects.filter(lead=lead_id).update(owner=None, team=None)
    ada, now = world.ada.pk, later(world)
    made = reactions.assign(lead_id, world.cleo.pk, by=ada, because="x", now=now)
    assert made is not None
    assert reactions.undo_assign(lead_id, made.pk, None, by=ada, now=now)
    card = Card.objects.get(pk=lead_id)
    assert card.owner is None
    assert card.team is None


@pytest.mark.django_db
def test_a_stage_is_set_and_goes_back_to_who_had_set_it(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    before = list(Standing.objects.order_by("lead").values_list("stage", "stage_set_by"))
    action = do("stage", lead_ids, stage="disqualified", reason="Spam")
    assert set(Card.objects.values_list("stage", flat=True)) == {"disqualified"}
    assert not Clock.objects.filter(state="running").exists()
    told = Notification.objects.count()
    undo(world, action)
    # Each clock stood still from the one change of its stage to the other.
    for lead_id in lead_ids:
        stopped, again = StageChange.objects.filter(lead=lead_id).order_by("-id")[:2][::-1]
        row = Clock.objects.get(lead=lead_id, state="running")
        assert row.due_at == later(world, 5) + (again.at - stopped.at)
        assert row.due_at > later(world, 8)
    assert Notification.objects.count() == told
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


FULL = {"name": "Dr. Grace Lindqvist", "first_name": "Grace", "last_name": "Lindqvist"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Ada King"), ("name", ""), ("first_name", "Ada"), ("first_name", "")],
)
def test_all_of_a_name_comes_back(
    world: World, lead_ids: list[UUID], do: Do, field: str, value: str
) -> None:
    known = {}
    for lead in Lead.objects.filter(pk__in=lead_ids[:2]):
        known[lead.pk] = lead.traits = {**lead.traits, **FULL}
        lead.save()
        current_traits.write_all(lead.pk, lead.traits)
    undo(world, do("field", lead_ids[:2], field=field, value=value))
    assert dict(Lead.objects.filter(pk__in=known).values_list("pk", "traits")) == known
    for name, said in FULL.items():
        assert CurrentTrait.objects.filter(name=name, text=said).count() == 2


@pytest.mark.django_db
def test_a_part_of_a_name_that_somebody_gave_since_stays(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    lead = Lead.objects.get(pk=lead_ids[0])
    lead.traits = {**lead.traits, **FULL}
    lead.save()
    action = do("field", lead_ids[:1], field="name", value="A. King")
    by_hand_values.write(
        Lead.objects.get(pk=lead.pk), "first_name", "Augusta", by=world.ben.pk,
        now_us=clock.micros(later(world, 1)),
    )  # fmt: skip
    undo(world, action)
    lead.refresh_from_db()
    told = {name: lead.traits.get(name) for name in FULL}
    assert told == {**FULL, "first_name": "Augusta"}


@pytest.mark.django_db
def test_a_field_is_emptied_and_returned(world: World, lead_ids: list[UUID], do: Do) -> None:
    action = do("field", lead_ids, field="title", value="")
    assert not CurrentTrait.objects.filter(name__in=["title", "title_seniority"]).exists()
    undo(world, action)
    assert CurrentTrait.objects.filter(name="title", text="VP Sales").count() == LEADS


@pytest.mark.django_db
def test_leads_go_on_a_list_and_off_it(world: World, lead_ids: list[UUID], do: Do) -> None:
    action = do("list", lead_ids, list="Trade fair")
    [segment] = lists.static()
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
