"""Static lists: on one once, found by it in lists, kept through a merge and its undoing."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.cards import filters, queries
from leadline.cards.queries import Listing
from leadline.criteria import sentence
from leadline.criteria.errors import CriterionError
from leadline.flow import intake, reactions
from leadline.lib import personal_data
from leadline.segments import lists
from leadline.segments.models import Membership, Segment
from tests.segments import sample
from tests.world import World, form

pytestmark = pytest.mark.usefixtures("none_shipped")
none_shipped = sample.none_shipped  # the fixture


@pytest.fixture
def lead_ids(world: World) -> list[UUID]:
    posts = [form("demo", email=f"p{n}@firm{n}.example", at=world.now) for n in range(3)]
    return [found for found in intake.run(posts, now=world.now).lead_ids if found is not None]


def fair(world: World) -> Segment:
    return lists.named("Trade fair", by=world.ada.pk, now=world.now)


def found_in(world: World, name: str) -> set[UUID]:
    rule = filters.read({"in_segment": name})
    page = queries.page(Listing(world.ada, world.now + timedelta(minutes=1), rule))
    return {row.lead_id for row in page.rows}


@pytest.mark.django_db
def test_a_name_makes_one_list_however_it_is_written(world: World) -> None:
    assert lists.named(" trade  FAIR ", by=world.ben.pk, now=world.now).pk == fair(world).pk
    assert lists.names() == {"trade FAIR": "trade FAIR"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * 81])
def test_a_list_without_a_name_cannot_be(world: World, name: str) -> None:
    with pytest.raises(lists.NotAList):
        lists.named(name, by=world.ada.pk, now=world.now)


@pytest.mark.django_db
def test_a_list_with_another_name_is_found_by_the_rules_that_know_it(
    world: World, lead_ids: list[UUID]
) -> None:
    segment = fair(world)
    lists.add(segment.pk, lead_ids[:2], by=world.ada.pk, now=world.now)
    later = world.now + timedelta(hours=1)
    assert lists.rename(segment, "  Expo  2026 ", now=later)
    assert not lists.rename(segment, "Expo 2026", now=later + timedelta(hours=1))
    segment.refresh_from_db()
    assert (segment.name, segment.key, segment.changed_at) == ("Expo 2026", "Trade fair", later)
    assert found_in(world, "Trade fair") == set(lead_ids[:2])
    rule = filters.read({"in_segment": "Trade fair"})
    assert rule is not None
    assert sentence.sentence(rule) == "is in the segment “Expo 2026”"


@pytest.mark.django_db
def test_a_name_that_is_free_again_makes_another_list_with_another_key(world: World) -> None:
    first = fair(world)
    lists.rename(first, "Expo", now=world.now)
    second = fair(world)
    assert second.pk != first.pk
    assert lists.names() == {"Trade fair": "Expo", "Trade fair 2": "Trade fair"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Expo", " eXPO ", "ÄPFEL", "äpfel"])
def test_the_name_of_another_list_is_refused(world: World, name: str) -> None:
    segment = fair(world)
    lists.named("Expo", by=world.ada.pk, now=world.now)
    lists.named("Äpfel", by=world.ada.pk, now=world.now)
    with pytest.raises(lists.NotAList, match="Another list has this name"):
        lists.rename(segment, name, now=world.now)
    assert lists.rename(segment, "TRADE fair", now=world.now), "its own in other letters is free"


@pytest.mark.django_db
def test_a_list_says_when_it_was_changed_last(world: World, lead_ids: list[UUID]) -> None:
    segment, hour = fair(world), timedelta(hours=1)

    def changed_after() -> timedelta:
        changed_at: datetime = Segment.objects.get().changed_at
        return changed_at - world.now

    added = lists.add(segment.pk, lead_ids[:2], by=world.ada.pk, now=world.now + hour)
    assert changed_after() == hour
    lists.add(segment.pk, lead_ids[:2], by=world.ada.pk, now=world.now + 2 * hour)
    assert changed_after() == hour, "all of them were on it"
    lists.take_off(segment.pk, lead_ids[:1], now=world.now + 3 * hour)
    assert changed_after() == 3 * hour
    lists.forget(added, now=world.now + 4 * hour)
    assert changed_after() == 4 * hour


@pytest.mark.django_db
def test_a_list_that_is_gone_takes_nobody(world: World, lead_ids: list[UUID]) -> None:
    segment = fair(world)
    lists.add(segment.pk, lead_ids, by=world.ada.pk, now=world.now)
    assert lists.delete(segment.pk) == len(lead_ids)
    assert not Membership.objects.exists()
    with pytest.raises(lists.NotAList):
        lists.add(segment.pk, lead_ids, by=world.ada.pk, now=world.now)


@pytest.mark.django_db
def test_a_lead_is_on_a_list_once(world: World, lead_ids: list[UUID]) -> None:
    added = lists.add(fair(world).pk, lead_ids[:2], by=world.ada.pk, now=world.now)
    assert set(added) == set(lead_ids[:2])
    again = lists.add(fair(world).pk, lead_ids, by=world.ben.pk, now=world.now)
    assert set(again) == {lead_ids[2]}
    assert lists.sizes() == {fair(world).pk: 3}


@pytest.mark.django_db
def test_adding_costs_the_same_for_one_and_for_many(world: World, lead_ids: list[UUID]) -> None:
    costs = []
    for wanted in (lead_ids[:1], lead_ids[1:]):
        segment = fair(world)
        with CaptureQueriesContext(connection) as queries_seen:
            lists.add(segment.pk, wanted, by=world.ada.pk, now=world.now)
        costs.append(len(queries_seen))
    assert costs == [5, 5]


@pytest.mark.django_db
def test_a_filter_finds_who_is_on_a_list(world: World, lead_ids: list[UUID]) -> None:
    lists.add(fair(world).pk, lead_ids[:2], by=world.ada.pk, now=world.now)
    assert found_in(world, "Trade fair") == set(lead_ids[:2])
    assert lists.take_off(fair(world).pk, lead_ids[:1], now=world.now) == lead_ids[:1]
    assert found_in(world, "Trade fair") == {lead_ids[1]}


@pytest.mark.django_db
def test_a_filter_by_a_list_that_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(CriterionError):
        filters.read({"not": {"in_segment": "Nowhere"}})


@pytest.mark.django_db
def test_a_merge_keeps_both_on_their_lists_and_undoing_it_parts_them(
    world: World, lead_ids: list[UUID]
) -> None:
    kept, absorbed, _other = lead_ids
    lists.add(fair(world).pk, [absorbed], by=world.ben.pk, now=world.now)
    merge = reactions.merge(kept, absorbed, because="same person", now=world.now)
    assert found_in(world, "Trade fair") == {kept}
    [membership] = lists.of_lead(kept)
    assert membership.by == world.ben
    reactions.undo_merge(merge, now=world.now)
    assert found_in(world, "Trade fair") == {absorbed}
    assert lists.of_lead(kept) == []


@pytest.mark.django_db
def test_who_stays_merged_keeps_the_lead_on_the_list(world: World, lead_ids: list[UUID]) -> None:
    kept, first, second = lead_ids
    lists.add(fair(world).pk, [first, second], by=world.ben.pk, now=world.now)
    merges = [reactions.merge(kept, each, because="", now=world.now) for each in (first, second)]
    reactions.undo_merge(merges[0], now=world.now)
    assert found_in(world, "Trade fair") == {kept, first}
    lists.take_off(fair(world).pk, [kept], now=world.now)
    reactions.undo_merge(merges[1], now=world.now)
    assert found_in(world, "Trade fair") == {first, second}


@pytest.mark.django_db
def test_undoing_a_merge_puts_nobody_back_who_was_taken_off(
    world: World, lead_ids: list[UUID]
) -> None:
    kept, first, second = lead_ids
    expo = lists.named("Expo", by=world.ada.pk, now=world.now)
    for segment in (fair(world), expo):
        lists.add(segment.pk, [first, second], by=world.ben.pk, now=world.now)
    merges = [reactions.merge(kept, each, because="", now=world.now) for each in (first, second)]
    lists.take_off(fair(world).pk, [kept], now=world.now)
    reactions.undo_merge(merges[0], now=world.now)
    assert found_in(world, "Trade fair") == {first}
    assert found_in(world, "Expo") == {kept, first}


@pytest.mark.django_db
def test_who_is_erased_is_on_no_list(world: World, lead_ids: list[UUID]) -> None:
    lists.add(fair(world).pk, lead_ids[:1], by=world.ada.pk, now=world.now)
    [holder] = [h for h in personal_data.registered() if h.model_label == "segments.Membership"]
    assert holder.exporter is not None
    assert holder.eraser is not None
    assert [row["list"] for row in holder.exporter(lead_ids[0])] == ["Trade fair"]
    assert holder.eraser(lead_ids[:1], now=world.now) == 1
    assert not Membership.objects.exists()
