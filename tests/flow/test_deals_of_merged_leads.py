"""A deal is its lead's, however often that lead was merged into another and parted from it."""

from datetime import datetime, timedelta
from importlib import import_module
from uuid import UUID

import pytest
from django.apps import apps

from leadline.cards import deals as cards
from leadline.cards.models import Card
from leadline.deals import deals, funnel
from leadline.deals.deals import Entry
from leadline.deals.models import Deal
from leadline.flow import deals as flow
from leadline.flow import intake, reactions
from leadline.leads import merging
from leadline.leads.models import Lead, Merge
from leadline.timeline.models import Touch
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def leads(world: World) -> list[UUID]:
    """Three leads of one person; the last has an open deal."""
    now = world.now
    said = [worlds.said("identify", email=f"p{number}@firm.example", at=now) for number in range(3)]
    found = [each for each in intake.run(said, now=now).lead_ids if each is not None]
    flow.state(_entry(now, found[2]), because="stated", now=now)
    return found


def _entry(now: datetime, lead_id: UUID) -> Entry:
    return Entry("EUR", now, external_id="crm-1", lead_id=lead_id, amount_minor=500)


def _merge(leads: list[UUID], now: datetime) -> list[int]:
    """The third becomes part of the second, then that of the first."""
    pairs = ((leads[1], leads[2]), (leads[0], leads[1]))
    return [reactions.merge(*pair, because="one person", now=now) for pair in pairs]


def _stages(leads: list[UUID]) -> list[str | None]:
    known = dict(Card.objects.values_list("pk", "stage"))
    return [known.get(each) for each in leads]


def test_a_deal_follows_two_merges_and_goes_back_when_both_are_undone(
    world: World, leads: list[UUID]
) -> None:
    deal, now = Deal.objects.get(), world.now
    merges = _merge(leads, now)
    deal.refresh_from_db()
    assert cards.visible_to(world.ada).get() == deal
    assert (cards.may_edit(world.ada, deal), _stages(leads)) == (
        True, ["opportunity", None, None]
    )  # fmt: skip
    for merge, home in ((merges[1], 1), (merges[0], 2)):
        reactions.undo_merge(merge, now=now + timedelta(minutes=1))
        assert Deal.objects.get().lead_id == leads[home]
        assert _stages(leads)[home] == "opportunity"
        assert cards.visible_to(world.ada).exists()


def test_the_funnel_counts_a_deal_of_a_lead_that_was_merged_twice(
    world: World, leads: list[UUID]
) -> None:
    now = world.now + timedelta(minutes=1)
    _merge(leads, now)
    flow.change(Deal.objects.get().pk, flow.Wanted(state="won"), because="signed", now=now)
    Touch.objects.all().delete()
    [row] = funnel.by_source(currency="EUR")
    assert (row.lead_count, row.won_lead_count, row.amount_minor) == (1, 1, 500)
    assert _stages(leads)[0] == "customer"


def test_a_deal_that_is_stated_again_for_its_first_lead_stays_where_that_is(
    world: World, leads: list[UUID]
) -> None:
    now = world.now + timedelta(minutes=1)
    merges = _merge(leads, now)
    again = deals.import_many([_entry(world.now, leads[2])], because="again", now=now)
    assert again.unchanged_count == 1
    new = Entry("EUR", now, external_id="crm-2", lead_id=leads[2])
    assert deals.import_many([new], because="new", now=now).lead_ids == (leads[0],)
    for merge in reversed(merges):
        reactions.undo_merge(merge, now=now)
    assert set(Deal.objects.values_list("lead", flat=True)) == {leads[2]}


def test_a_deal_that_was_stated_for_the_lead_that_stays_stays_with_it(
    world: World, leads: list[UUID]
) -> None:
    merges = _merge(leads, world.now)
    flow.state(_entry(world.now, leads[0]), because="stated", now=world.now)
    fresh = Entry("EUR", world.now, external_id="crm-3", lead_id=leads[0])
    flow.state(fresh, because="stated", now=world.now)
    for merge in reversed(merges):
        reactions.undo_merge(merge, now=world.now)
    assert dict(Deal.objects.values_list("external_id", "lead")) == {
        "crm-1": leads[2], "crm-3": leads[0]
    }  # fmt: skip


def test_the_end_of_merges_is_found_from_everywhere(world: World, leads: list[UUID]) -> None:
    assert merging.ends(leads) == {each: each for each in leads}
    _merge(leads, world.now)
    assert merging.ends(leads) == dict.fromkeys(leads, leads[0])
    assert merging.ends([]) == {}


def test_deals_from_before_are_moved_to_the_lead_that_is_left(
    world: World, leads: list[UUID]
) -> None:
    migration = import_module("leadline.deals.migrations.0006_deals_follow_merges")
    _merge(leads, world.now)
    Deal.objects.update(lead=leads[2], written_for=None)
    Deal.objects.create(currency="EUR", opened_at=world.now, known_at=world.now)
    for _ in range(2):
        migration.follow(apps, None)
    homes = set(Deal.objects.values_list("lead", "written_for"))
    assert homes == {(leads[0], leads[2]), (None, None)}
    migration.back(apps, None)
    assert set(Deal.objects.values_list("lead", flat=True)) == {leads[2], None}
    assert (Lead.objects.count(), Merge.objects.count()) == (3, 2)
