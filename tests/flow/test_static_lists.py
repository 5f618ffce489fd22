"""Static lists get another name and end: what uses them goes on, or is named and keeps them."""

from datetime import timedelta
from uuid import UUID

import pytest

from leadline.cards import list_sizes, views
from leadline.flow import bulk_actions, intake, reactions, static_lists, trash
from leadline.flow.models import BulkAction
from leadline.flow.rule_places import Use
from leadline.flow.static_lists import NotAllowed, StillUsed
from leadline.routing.models import RoutingRule
from leadline.segments import lists
from leadline.segments.lists import NotAList
from leadline.segments.models import Segment
from leadline.workspace import audit
from leadline.workspace.audit import Doer
from leadline.workspace.models import User
from tests.flow import many
from tests.flow.many import LEADS, Do, later, listed, undo, work
from tests.segments import sample
from tests.world import World, form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("none_shipped")]
none_shipped = sample.none_shipped  # the fixture
lead_ids, do = many.lead_ids, many.do  # the fixtures


@pytest.fixture
def fair(world: World, lead_ids: list[UUID]) -> Segment:
    """Seven leads of Ben's on a list."""
    made = lists.named("Fair", by=world.ben.pk, now=world.now)
    lists.add(made.pk, lead_ids, by=world.ben.pk, now=world.now)
    return made


def by(user: User) -> Doer:
    return audit.by(user, origin="203.0.113.9")


def delete(world: World, segment: Segment, user: User | None = None) -> None:
    who = user or world.ada
    static_lists.delete(segment.pk, reader=who, by=by(who), now=later(world))


def keep_view(user: User, name: str, rule: dict[str, object], reach: str = "private") -> None:
    made = views.add(user, name, filter=rule, sort="-score", columns=[])
    views.describe(made, name=name, reach=reach, by=user)


# Another name


def test_another_name_is_written_down_and_breaks_no_view(world: World, fair: Segment) -> None:
    keep_view(world.ada, "Guests", {"all": [{"in_segment": "Fair"}, {"stage": "mql"}]})
    static_lists.rename(fair.pk, "Expo", by=by(world.ben), now=later(world))
    [entry] = audit.newest(limit=1)
    assert entry.act == "list.renamed"
    assert '"before": {"name": "Fair"}' in entry.details
    assert '"after": {"name": "Expo"}' in entry.details
    [use] = static_lists.uses(Segment.objects.get(), world.ada)
    assert use == Use("view", "Guests")
    choice = listed(world, {"in_segment": "Fair"}, seen=LEADS)
    assert choice.filter == {"in_segment": "Fair"}


def test_the_same_name_again_changes_nothing(world: World, fair: Segment) -> None:
    known = audit.newest(limit=1)
    static_lists.rename(fair.pk, " Fair", by=by(world.ben), now=later(world))
    assert audit.newest(limit=1) == known


def test_a_bulk_action_finds_its_list_under_another_name(
    world: World, lead_ids: list[UUID], do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 1)
    action = do("list", lead_ids, list="New")
    segment = Segment.objects.get(name="New")
    static_lists.rename(segment.pk, "Newer", by=by(world.ben), now=later(world))
    work(world)
    assert lists.sizes() == {segment.pk: LEADS}
    assert undo(world, action) is not None
    assert Segment.objects.get().name == "Newer"
    assert lists.sizes() == {}


# How many


def test_each_sees_how_many_of_the_leads_they_may_see(world: World, fair: Segment) -> None:
    reactions.assign(
        many.arrive(world, 1, start=90)[0], world.cleo.pk, by=world.ada.pk, because="-",
        now=world.now,
    )  # fmt: skip
    assert list_sizes.seen_by(world.ada) == {fair.pk: LEADS}
    assert list_sizes.seen_by(world.cleo) == {}
    assert [list_sizes.seen_of("Fair", each) for each in (world.ada, world.cleo)] == [LEADS, 0]


def test_merged_and_deleted_leads_do_not_count(
    world: World, fair: Segment, lead_ids: list[UUID]
) -> None:
    reactions.merge(lead_ids[0], lead_ids[1], because="same person", now=world.now)
    trash.move([lead_ids[2]], by=world.ada, now=world.now)
    assert list_sizes.of("Fair") == LEADS - 2
    assert list_sizes.seen_by(world.ada) == {fair.pk: LEADS - 2}


# The end


def test_a_list_ends_its_leads_stay_and_it_is_written_down(
    world: World, fair: Segment, lead_ids: list[UUID]
) -> None:
    delete(world, fair)
    assert lists.everything() == []
    assert list_sizes.of("Fair") == 0
    [entry] = audit.newest(limit=1)
    assert entry.act == "list.deleted"
    assert f'"lead_count": {LEADS}' in entry.details
    with pytest.raises(NotAList):
        delete(world, fair)


def test_who_does_not_see_every_lead_on_it_does_not_end_it(world: World, fair: Segment) -> None:
    reader = User.objects.create_user("r@acme.example", name="Rita", role="read_only")
    for user in (world.cleo, reader):
        assert not static_lists.may_delete(fair, user)
        with pytest.raises(NotAllowed):
            delete(world, fair, user)
    assert static_lists.may_delete(fair, world.ben)


def test_a_list_that_something_names_stays_and_says_where(world: World, fair: Segment) -> None:
    keep_view(world.ada, "Guests", {"not": {"in_segment": "Fair"}}, "everybody")
    keep_view(world.ben, "Mine", {"in_segment": "Fair"})
    keep_view(world.ben, "Other", {"in_segment": "Fair 2"})
    rule = RoutingRule.objects.order_by("position")[0]
    rule.criterion = {"any": [{"in_segment": "Fair"}, {"stage": "mql"}]}
    rule.save()
    with pytest.raises(StillUsed) as used:
        delete(world, fair)
    assert used.value.uses == [
        Use("routing", rule.name),
        Use("view", "Guests"),
        Use("view", "one of Ben, not shared with you"),
    ]
    assert Segment.objects.filter(pk=fair.pk).exists()


def test_a_view_that_was_removed_keeps_no_list(world: World, fair: Segment) -> None:
    keep_view(world.ada, "Guests", {"in_segment": "Fair"})
    views.remove(views.visible_to(world.ada)[-1], now=world.now)
    delete(world, fair)


@pytest.mark.parametrize(
    ("kind", "wanted"), [("list", {"list": "Fair", "is_off": True}), ("stage", {"stage": "mql"})]
)
def test_a_bulk_action_under_way_keeps_its_list(
    world: World, fair: Segment, do: Do, monkeypatch: pytest.MonkeyPatch, kind: str,
    wanted: dict[str, object],
) -> None:  # fmt: skip
    """One that changes the list, and one that means the leads on it."""
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 1)
    which = {"temperature": "hot"} if kind == "list" else {"in_segment": "Fair"}
    do(kind, listed(world, dict(which), seen=LEADS), **wanted)
    with pytest.raises(StillUsed) as used:
        delete(world, fair)
    assert used.value.uses == [Use("bulk", "begun by Ada")]
    work(world)
    delete(world, fair)


def test_undoing_what_a_list_that_ended_has_lost_makes_no_list(
    world: World, fair: Segment, lead_ids: list[UUID], do: Do
) -> None:
    off = do("list", lead_ids[:3], list="Fair", is_off=True)
    on = do("list", lead_ids[:3], list="Fair")
    delete(world, fair)
    for action in (on, off):
        undone = undo(world, action)
        assert undone is not None
        assert (undone.state, undone.returned_count, undone.kept_count) == ("undone", 0, 3)
    assert lists.everything() == []


def test_an_action_from_before_lists_had_numbers_is_undone_by_name(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    action = do("list", lead_ids, list="Old")
    BulkAction.objects.update(wanted={"list": "old", "is_off": False})
    off = do("list", lead_ids, list="Old", is_off=True)
    BulkAction.objects.filter(pk=off.pk).update(wanted={"list": "old", "is_off": True})
    undone = undo(world, off)
    assert undone is not None
    assert undone.returned_count == LEADS
    assert undo(world, action) is not None


def test_leads_that_come_by_a_merge_stay_on_the_list_that_is_counted(
    world: World, fair: Segment
) -> None:
    post = form("demo", email="late@firm.example", at=world.now + timedelta(minutes=1))
    [late] = intake.run([post], now=later(world)).lead_ids
    assert late is not None
    first = Segment.objects.get().memberships.order_by("pk")[0].lead_id
    reactions.merge(late, first, because="same person", now=later(world))
    assert list_sizes.of("Fair") == LEADS
