"""Segments with a rule: saved and filled, moved by passes and checkups, asked by other rules."""

import itertools
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from leadline.criteria.errors import CriterionError
from leadline.flow import (
    bulk_acts,
    intake,
    reactions,
    recomputation,
    rulebook,
    segments,
    static_lists,
    timers,
    trash,
)
from leadline.flow.rule_places import Use
from leadline.flow.static_lists import StillUsed
from leadline.leads.models import Lead
from leadline.routing.models import Assignment, RoutingRule
from leadline.segments import dynamic, lists, memberships
from leadline.segments.lists import NotAList
from leadline.segments.models import Membership, MembershipChange, Segment, SegmentVersion
from leadline.workspace import audit, settings
from leadline.workspace.models import Job
from tests.flow import many
from tests.flow.many import Do
from tests.flow.test_properties import Counting
from tests.segments import sample
from tests.segments.sample import by, fill_all, make, members
from tests.world import World, form, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("none_shipped")]
none_shipped = sample.none_shipped  # the fixture
lead_ids, do = many.lead_ids, many.do  # the fixtures
CEO = {"trait": "title", "is": "CEO"}


def arrive(world: World, who: str, **fields: object) -> UUID:
    fields = {"at": world.now, "name": "Page Viewed", "user_id": who, **fields}
    [lead_id] = intake.run([said(**fields)], now=world.now).lead_ids  # type: ignore[arg-type]
    assert lead_id is not None
    return lead_id


def told(lead_id: UUID) -> list[tuple[str, bool]]:
    mine = MembershipChange.objects.filter(lead=lead_id).order_by("id")
    return list(mine.values_list("segment__key", "entered"))


# By a pass and by time


def test_who_arrives_enters_with_the_cause_and_leaves_when_time_is_up(world: World) -> None:
    make(world, "Just now")
    lead_id = arrive(world, "a", properties={"path": "/pricing"})
    [change] = MembershipChange.objects.all()
    assert change.because == "visited a page whose path starts with /pricing within 12 hours"
    assert len(change.event_ids) == 1
    assert members("Just now") == {lead_id}
    for minutes, inside in ((12 * 60 - 1, True), (12 * 60, False)):
        timers.check_up(limit=10, now=world.now + timedelta(minutes=minutes))
        assert (lead_id in members("Just now")) is inside
    assert told(lead_id) == [("Just now", True), ("Just now", False)]


def test_a_value_typed_by_a_colleague_moves_the_lead_at_once(world: World) -> None:
    make(world, "Deciders")
    lead_id = arrive(world, "a", traits={"title": "CEO"})
    assert members("Deciders") == {lead_id}
    reactions.look_again([lead_id], now=world.now)
    assert told(lead_id) == [("Deciders", True)], "looking again changes nothing"


def test_a_lead_that_is_merged_or_deleted_is_in_no_segment_until_it_is_back(world: World) -> None:
    make(world, "Deciders")
    kept, absorbed = (arrive(world, each, traits={"title": "CEO"}) for each in "ab")
    merge = reactions.merge(kept, absorbed, because="same person", now=world.now)
    assert members("Deciders") == {kept}
    reactions.undo_merge(merge, now=world.now)
    assert members("Deciders") == {kept, absorbed}
    trash.move([kept], by=world.ada, now=world.now)
    assert members("Deciders") == {absorbed}
    trash.restore([kept], by=world.ada, now=world.now)
    assert members("Deciders") == {kept, absorbed}
    assert told(absorbed)[1:] == [("Deciders", False), ("Deciders", True)]


def test_who_comes_back_from_the_trash_by_asking_is_in_its_segments(world: World) -> None:
    make(world, "Deciders")
    post = {"email": "a@firm.example", "traits": {"title": "CEO"}, "is_trusted": True}
    lead_id = intake.run([form("demo", at=world.now, **post)], now=world.now).lead_ids[0]  # type: ignore[arg-type]
    assert lead_id is not None
    trash.move([lead_id], by=world.ada, now=world.now)
    assert members("Deciders") == set()
    later = world.now + timedelta(minutes=1)
    intake.run([form("demo", at=later, **post)], now=later)  # type: ignore[arg-type]
    assert members("Deciders") == {lead_id}


def test_a_pass_costs_the_same_for_any_number_of_leads_and_segments(world: World) -> None:
    def cost(number: int, tag: str) -> int:
        batch = [
            said(user_id=f"{tag}{n}", at=world.now, name="Page Viewed", traits={"title": "CEO"})
            for n in range(number)
        ]
        with connection.execute_wrapper(counting := Counting()):
            intake.run(batch, now=world.now)
        return counting.statements

    first = ("Deciders", "Long assigned", "Silent")  # the last two have a statement of their own
    for name in first:
        make(world, name)
    cost(1, "warm")  # reads the rules
    one_segment = cost(60, "few")
    for name in set(sample.RULES).difference(first):
        make(world, name) if "in_segment" not in str(sample.RULES[name]) else None
    for number in range(20):
        make(world, f"More {number}", {"trait": "title", "is": f"T{number}"})
    cost(1, "warm again")
    assert [cost(60, "many"), cost(120, "more")] == [one_segment] * 2
    assert Membership.objects.count() > 240


# Saving and filling


def test_a_new_segment_is_filled_in_portions_and_says_how_far(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "PORTION", 2)
    everyone = [arrive(world, f"u{n}", traits={"title": "CEO"}) for n in range(5)]
    segment = make(world, "Deciders")
    version = dynamic.newest()[segment.pk]
    assert (version.lead_count, version.filled_at, members("Deciders")) == (5, None, set())
    [job] = Job.objects.filter(kind=segments.FILL)
    assert job.arguments == {"version": version.pk}
    assert segments.fill_portion(version.pk, now=world.now)
    version.refresh_from_db()
    assert (version.done_count, len(members("Deciders"))) == (2, 2)
    segments.fill(job.arguments, world.now)  # goes on
    version.refresh_from_db()
    assert (version.done_count, version.filled_at is not None) == (5, True)
    assert members("Deciders") == set(everyone)
    segments.fill(job.arguments, world.now)  # a second run changes nothing
    assert MembershipChange.objects.count() == 5


def test_a_newer_rule_ends_the_filling_of_the_one_before(world: World) -> None:
    ceo = arrive(world, "a", traits={"title": "CEO"})
    clerk = arrive(world, "b", traits={"title": "Clerk"})
    segment = make(world, "Deciders")
    segments.change(
        segment.pk, "Clerks", {"trait": "title", "is": "Clerk"}, by=by(world.ada), now=world.now
    )
    old, new = SegmentVersion.objects.order_by("number")
    assert not segments.fill_portion(old.pk, now=world.now)
    assert members("Deciders") == set()
    fill_all(world)
    assert members("Deciders") == {clerk}
    assert told(ceo) == []
    # A pass decides by the newest rule, also before the filling has come to the lead.
    segments.change(segment.pk, "Deciders", CEO, by=by(world.ada), now=world.now)
    reactions.look_again([ceo, clerk], now=world.now)
    assert members("Deciders") == {ceo}
    assert new.number == 2


def test_the_same_rule_written_otherwise_is_no_new_version(world: World) -> None:
    segment = make(world, "Two", {"any": [CEO, {"trait": "title", "is": "VP"}]})
    again = {"any": [{"trait": "title", "is": "VP"}, CEO]}
    assert segments.change(segment.pk, "Two", again, by=by(world.ada), now=world.now) is None
    assert SegmentVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"trait": "shoe_size", "gte": 40}, "/trait"),
        ({"all": []}, "/all"),
        ({"did": "Page Viewed", "within": "-3d"}, "/within"),
        ({"trait": "title", "matches": "(a+)+$(?=x)"}, "/matches"),
        ({"not": {"in_segment": "Nowhere"}}, "/not/in_segment"),
        ({"any": [CEO, {"in_segment": "Outer"}]}, "/any/1/in_segment"),
        ({"owner": "ada@acme.example"}, "/owner"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_path_and_nothing_is_saved(
    world: World, rule: dict[str, object], path: str
) -> None:
    segment = make(world, "Inner", CEO)
    make(world, "Outer", {"in_segment": "Inner"})
    with pytest.raises(CriterionError) as refused:
        segments.change(segment.pk, "Inner", rule, by=by(world.ada), now=world.now)
    assert refused.value.path == path
    if path != "/any/1/in_segment":
        with pytest.raises(CriterionError):
            segments.create("Another", rule, by=by(world.ada), now=world.now)
    assert SegmentVersion.objects.count() == 2
    assert Segment.objects.count() == 2


def test_names_are_shared_with_lists_and_nobody_is_put_in_by_hand(world: World) -> None:
    lists.named("Fair", by=world.ada.pk, now=world.now)
    segment = make(world, "Deciders")
    for name in ("fair", "DECIDERS", " "):
        with pytest.raises(NotAList):
            segments.create(name, CEO, by=by(world.ada), now=world.now)
    with pytest.raises(NotAList):
        lists.named("Deciders", by=world.ada.pk, now=world.now)
    assert [each.name for each in lists.static()] == ["Fair"]
    assert Segment.objects.count() == 2
    assert segment.kind == "dynamic"


def test_saving_is_written_down(world: World) -> None:
    segment = make(world, "Deciders")
    segments.change(segment.pk, "Bosses", CEO, by=by(world.ada), now=world.now)
    changed, created = audit.newest(limit=2)
    assert (created.act, changed.act) == ("segment.created", "segment.changed")
    assert '"name": "Bosses"' in changed.details
    assert '"rule"' not in changed.details


# What asks for a segment


def test_a_segment_that_something_names_stays_and_says_where(world: World) -> None:
    inner = make(world, "Inner", CEO)
    outer = make(world, "Outer", {"not": {"in_segment": "Inner"}})
    with pytest.raises(StillUsed) as used:
        static_lists.delete(inner.pk, reader=world.ada, by=by(world.ada), now=world.now)
    assert used.value.uses == [Use("segment", "Outer")]
    for each in (outer, inner):
        static_lists.delete(each.pk, reader=world.ada, by=by(world.ada), now=world.now)
    assert not Segment.objects.exists()
    assert rulebook.current(world.now).segments.rules == ()


def test_a_rule_about_a_static_list_follows_who_is_put_on_it(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    lists.named("Fair", by=world.ada.pk, now=world.now)
    make(world, "Guests", {"in_segment": "Fair"})
    do("list", lead_ids[:3], list="Fair")
    assert members("Guests") == set(lead_ids[:3])
    do("list", lead_ids[:1], list="Fair", is_off=True)
    assert members("Guests") == set(lead_ids[1:3])


def test_lists_that_no_rule_asks_for_are_looked_at_by_nobody(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reactions, "look_again", lambda *_a, **_k: pytest.fail("looked"))
    bulk_acts.look_again("list", lead_ids, now=world.now)


@pytest.mark.parametrize("kind", ["static", "dynamic"])
def test_routing_asks_for_segments_as_they_are_after_this_pass(world: World, kind: str) -> None:
    """Both sorts: who is on a list since before, and who has entered with what just arrived."""
    if kind == "dynamic":
        make(world, "Wanted", {"did": "Demo Requested"})
    else:
        wanted = lists.named("Wanted", by=world.ada.pk, now=world.now)
        post = form("newsletter", email="a@firm.example", at=world.now)
        intake.run([post], now=world.now)
        lead = Lead.objects.get()
        Assignment.objects.all().delete()
        lists.add(wanted.pk, [lead.pk], by=world.ada.pk, now=world.now)
    RoutingRule.objects.all().delete()
    RoutingRule.objects.create(
        name="Wanted ones", position=0, team=world.other, criterion={"in_segment": "Wanted"}
    )
    settings.rules_changed()
    later = world.now + timedelta(minutes=1)
    intake.run([said(name="Demo Requested", email="a@firm.example", at=later)], now=later)
    assert set(Assignment.objects.values_list("team", flat=True)) == {world.other.pk}


def test_routing_reads_events_that_only_routing_mentions(world: World) -> None:
    RoutingRule.objects.all().delete()
    RoutingRule.objects.create(
        name="Quizzed", position=0, team=world.other, criterion={"did": "Quiz Solved"}
    )
    settings.rules_changed()
    batch = [
        said(name=name, email="a@firm.example", at=world.now)
        for name in ("Quiz Solved", "Demo Requested")
    ]
    intake.run(batch, now=world.now)
    assert set(Assignment.objects.values_list("team", flat=True)) == {world.other.pk}


# Erasure, and computing everything again


def test_who_is_removed_for_good_leaves_no_trace_in_segments(world: World) -> None:
    make(world, "Deciders")
    lead_id = arrive(world, "a", traits={"title": "CEO"})
    trash.move([lead_id], by=world.ada, now=world.now)
    assert trash.empty(now=world.now + timedelta(days=31)) == 1
    assert not MembershipChange.objects.exists()
    assert not Membership.objects.exists()


def test_a_member_that_should_not_be_is_found_and_put_right(world: World) -> None:
    segment = make(world, "Deciders")
    ceo = arrive(world, "a", traits={"title": "CEO"})
    clerk = arrive(world, "b", traits={"title": "Clerk"})
    fill_all(world)
    Membership.objects.all().delete()
    Membership.objects.create(segment=segment, lead_id=clerk, at=world.now)
    found = list(itertools.chain(*(segments.check(ids, now=world.now) for ids in portions())))
    assert set(found) == {
        segments.Difference(ceo, "Deciders", False), segments.Difference(clerk, "Deciders", True)
    }  # fmt: skip
    for ids in portions():
        recomputation.recompute(ids, now=world.now)
    assert members("Deciders") == {ceo}


def portions() -> list[list[UUID]]:
    return list(recomputation.portions())


def test_memberships_are_read_with_the_names_that_rules_use(world: World) -> None:
    make(world, "Deciders")
    lead_id = arrive(world, "a", traits={"title": "CEO"})
    assert memberships.of([lead_id]) == {lead_id: frozenset({"Deciders"})}
