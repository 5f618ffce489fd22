"""People merge and part leads while others merge them, too, and while their events arrive."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.capture.submission import Submission
from leadline.cards.models import Card
from leadline.flow import intake, reactions
from leadline.leads import joining, merging
from leadline.leads.joining import Told
from leadline.leads.merging import CannotMerge
from leadline.leads.models import Binding, CurrentTrait, Lead, Merge
from leadline.timeline.models import Event
from tests.races.side_by_side import at_once, overtaken, unguarded
from tests.world import World, form, said

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(world: World) -> dict[str, UUID]:
    """Ada, Bob and Cyd, each with an address and one event."""
    for name in "abc":
        intake.run([form("demo", email=f"{name}@acme.test", at=world.now)], now=world.now)
    bound = Binding.objects.filter(kind="email", lead__isnull=False)
    return {value[0]: lead for value, lead in bound.values_list("value", "lead")}


def merging_of(
    people: dict[str, UUID], kept: str, absorbed: str, world: World
) -> Callable[[], int]:
    return lambda: reactions.merge(people[kept], people[absorbed], because="same", now=world.now)


def check_whole() -> None:
    """Nothing hangs on a lead that is part of another, nobody is part of themselves."""
    above = dict(Lead.objects.values_list("id", "merged_into"))
    for lead in above:
        way: list[UUID | None] = [lead]
        while way[-1] is not None:
            way.append(above[way[-1]])
            assert len(way) <= len(above) + 1, "leads are part of each other"
    holders = set(Binding.objects.values_list("lead", flat=True))
    assert all(above[lead] is None for lead in holders)
    assert set(Card.objects.values_list("lead", flat=True)) == {
        lead for lead, kept in above.items() if kept is None
    }


def test_two_merges_of_the_same_pair_in_both_directions_are_one(
    world: World, people: dict[str, UUID]
) -> None:
    found = at_once(merging_of(people, "a", "b", world), merging_of(people, "b", "a", world))
    assert sorted(type(one).__name__ for one in found) == ["CannotMerge", "int"]
    check_whole()


def test_a_chain_of_merges_at_once_loses_nobody(world: World, people: dict[str, UUID]) -> None:
    at_once(merging_of(people, "b", "a", world), merging_of(people, "c", "b", world))
    check_whole()
    kept = set(Binding.objects.values_list("lead", flat=True))
    assert Event.objects.filter(binding__lead__in=kept).count() == 3


def test_the_twin_without_locks_makes_two_leads_part_of_each_other(
    world: World, people: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    with unguarded(monkeypatch):
        failed = overtaken(
            monkeypatch,
            merging,
            "_locked",
            slow=merging_of(people, "a", "b", world),
            fast=merging_of(people, "b", "a", world),
        )
    if connection.vendor == "postgresql":
        assert failed == []
        assert Lead.objects.filter(merged_into__isnull=False).count() == 2
    else:
        assert [type(error) for error in failed] == [OperationalError]


def test_a_lead_is_not_merged_with_itself_or_twice(world: World, people: dict[str, UUID]) -> None:
    for absorbed in ("a", "b", "b"):
        try:
            reactions.merge(people["a"], people[absorbed], because="same", now=world.now)
        except CannotMerge:
            continue
    assert Merge.objects.count() == 1
    check_whole()


def test_events_that_arrive_during_a_merge_are_all_kept(
    world: World, people: dict[str, UUID]
) -> None:
    def arriving(number: int) -> Callable[[], object]:
        at = world.now + timedelta(seconds=number)
        batch = [form("demo", email=f"{name}@acme.test", at=at) for name in "abc"]
        return lambda: intake.run(batch, now=at)

    found = at_once(
        *(arriving(number) for number in range(1, 6)),
        merging_of(people, "a", "b", world),
        merging_of(people, "c", "a", world),
    )
    # Whoever comes second may find that a lead is part of another already; nothing else fails.
    assert {type(one) for one in found if isinstance(one, Exception)} <= {CannotMerge}
    check_whole()
    assert Event.objects.filter(binding__lead__merged_into=None).count() == 3 + 5 * 3


def test_a_merge_is_undone_once(world: World, people: dict[str, UUID]) -> None:
    number = merging_of(people, "a", "b", world)()
    found = at_once(*[lambda: reactions.undo_merge(number, now=world.now)] * 2)
    assert sorted(type(one).__name__ for one in found) == ["CannotMerge", "NoneType"]
    check_whole()
    assert Binding.objects.get(value="b@acme.test").lead_id == people["b"]


def test_a_chain_linked_in_one_batch_takes_closed_bindings_to_its_end(world: World) -> None:
    """Two links in one batch: what hung on the first lead must not stay on the second."""
    first = [
        said("identify", "Identified", user_id="u1", anonymous_id="v", at=world.now),
        said("page", anonymous_id="v", at=world.now),
        said("identify", "Identified", email="x@acme.test", anonymous_id="v", at=world.now),
    ]
    batches = [first, *[[said("track", user_id=None, email=f"{n}@acme.test", at=world.now)]
                        for n in "yz"]]  # fmt: skip
    for seconds, batch in enumerate(reversed(batches)):
        intake.run(batch, now=world.now + timedelta(seconds=seconds))
    links = [
        said("identify", "Identified", user_id="u1", email="y@acme.test", at=world.now),
        said("identify", "Identified", user_id="u1", email="z@acme.test", at=world.now),
    ]
    intake.run(links, now=world.now + timedelta(minutes=1))
    check_whole()
    merged = [merge.pk for merge in Merge.objects.order_by("-id")]
    for number in merged:
        reactions.undo_merge(number, now=world.now + timedelta(minutes=2))
    check_whole()
    assert {b.value: b.lead_id for b in Binding.objects.filter(value__in=["v", "u1"])}


texts = st.sampled_from(["CEO", "VP", "Intern", 7, True])
names = st.sampled_from(["title", "first_name", "city"])


@st.composite
def tolds(draw: st.DrawFn) -> Told:
    traits = draw(st.dictionaries(names, texts))
    marks = {
        name: [draw(st.integers(0, 3)), draw(st.integers(0, 1))]
        for name in traits
        if draw(st.booleans())
    }
    return Told(traits, marks, draw(st.dictionaries(names, texts)), None)


@given(kept=tolds(), absorbed=tolds())
def test_who_parts_knows_what_was_known_before(kept: Told, absorbed: Told) -> None:
    assert joining.part(joining.join(kept, absorbed), before=kept, absorbed=absorbed) == kept


@given(kept=tolds(), first=tolds(), second=tolds())
def test_parting_from_the_first_of_two_leaves_the_second(
    kept: Told, first: Told, second: Told
) -> None:
    """As if only the second had been absorbed: no value of it is lost, none of the first stays."""
    both = joining.join(joining.join(kept, first), second)
    rest = joining.part(both, before=kept, absorbed=first, others=[second])
    alone = joining.join(kept, second)
    for name, value in alone.traits.items():
        assert rest.traits[name] in (value, second.traits.get(name))
    assert rest.traits.keys() == alone.traits.keys()


@st.composite
def stories(draw: st.DrawFn) -> list[Submission]:
    """What two people say, each through an address, a user id and a browser of their own."""
    story = []
    for number in range(draw(st.integers(2, 10))):
        who = draw(st.sampled_from("ab"))
        story.append(
            said(
                draw(st.sampled_from(["identify", "track"])),
                draw(st.sampled_from(["Identified", "Demo Requested", "Page Viewed"])),
                email=f"{who}@acme.test",
                user_id=draw(st.sampled_from([None, f"user-{who}"])),
                anonymous_id=draw(st.sampled_from([None, "shared", f"visitor-{who}"])),
                traits=draw(st.dictionaries(names, texts)),
                is_trusted=draw(st.booleans()),
                is_history=True,
                at=1_773_135_000_000_000 + number * 1_000_000,
            )
        )
    return story


def picture() -> object:
    """Leads with all that a merge changes and its undoing must restore."""
    return {
        lead.pk: (
            lead.traits,
            lead.trait_marks,
            lead.undeclared,
            lead.company_id,
            lead.merged_into_id,
            sorted(Binding.objects.filter(lead=lead).values_list("id", "closed_at")),
            sorted(Event.objects.filter(binding__lead=lead).values_list("id", flat=True)),
            sorted(CurrentTrait.objects.filter(lead=lead).values_list("name", "text", "number")),
            Card.objects.filter(lead=lead).values_list("total", "stage", "name").first(),
        )
        for lead in Lead.objects.all()
    }


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories())
def test_undoing_a_merge_restores_both_leads(world: World, story: list[Submission]) -> None:
    with transaction.atomic():
        intake.run(story, now=world.now)
        leads = list(Lead.objects.filter(merged_into=None).values_list("id", flat=True)[:2])
        if len(leads) == 2:
            before = picture()
            number = reactions.merge(leads[0], leads[1], because="same", now=world.now)
            reactions.undo_merge(number, now=world.now)
            assert picture() == before
        transaction.set_rollback(True)
