"""Leads and money are counted under the first touch, each lead once."""

from datetime import datetime, timedelta

import pytest

from leadline.activities import homes
from leadline.deals import funnel
from leadline.deals.models import Deal
from leadline.leads.models import Binding, Lead
from leadline.timeline.models import Touch

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class World:
    """Leads with touches and deals, made row by row."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def lead(self, *sources: str, **columns: object) -> Lead:
        """A lead that came from these sources, oldest first; each touch on a binding of its own."""
        now = self.now
        lead = Lead.objects.create(created_at=now, known_at=now, updated_at=now, **columns)
        for age, source in enumerate(sources):
            at = now - (len(sources) - age) * DAY
            binding = Binding.objects.create(
                kind="anonymous", value=f"{lead.id}-{age}", lead=lead, opened_at=at, known_at=at
            )
            Touch.objects.create(
                binding=binding, source=source, channel="referral", occurred_at=at, known_at=now
            )
        return lead

    def won(self, lead: Lead, amount_minor: int | None, currency: str = "EUR") -> None:
        self.deal(lead, "won", amount_minor, currency)

    def deal(self, lead: Lead, state: str, amount_minor: int | None, currency: str) -> None:
        Deal.objects.create(
            lead=lead,
            state=state,
            amount_minor=amount_minor,
            currency=currency,
            opened_at=self.now,
            closed_at=None if state == "open" else self.now,
            known_at=self.now,
        )


@pytest.fixture
def world(now: datetime) -> World:
    return World(now)


def counted() -> dict[str, tuple[int, int, int, int]]:
    return {
        row.source: (row.lead_count, row.won_lead_count, row.won_deal_count, row.amount_minor)
        for row in funnel.by_source(currency="EUR")
    }


def test_the_first_touch_decides(world: World) -> None:
    won = world.lead("fair", "google")
    world.lead("google", "fair")
    world.lead("google")
    world.won(won, 500)

    assert counted() == {"fair": (1, 1, 1, 500), "google": (2, 0, 0, 0)}


def test_two_won_deals_are_one_customer(world: World) -> None:
    lead = world.lead("fair")
    world.won(lead, 500)
    world.won(lead, None)
    world.deal(lead, "open", 900, "EUR")
    world.deal(lead, "lost", 900, "EUR")

    assert counted() == {"fair": (1, 1, 2, 500)}


def test_a_lead_without_a_touch_is_counted_under_nothing(world: World) -> None:
    world.lead()

    assert counted() == {"": (1, 0, 0, 0)}


def test_another_currency_is_never_added(world: World) -> None:
    lead = world.lead("fair")
    world.won(lead, 500)
    world.won(lead, 700, "USD")

    (row,) = funnel.by_source(currency="EUR")
    assert (row.amount_minor, row.won_deal_count, row.other_currency_count) == (500, 2, 1)


def test_test_leads_and_merged_leads_do_not_count_but_their_deals_do(world: World) -> None:
    kept = world.lead("fair")
    absorbed = world.lead("google", merged_into=kept)
    world.lead("google", is_test=True)
    world.won(absorbed, 300)
    homes.absorb(Deal, [(kept.pk, absorbed.pk)])

    assert counted() == {"fair": (1, 1, 1, 300)}


def test_rates_are_customers_per_lead(world: World) -> None:
    world.won(world.lead("fair"), 1)
    world.lead("fair")

    (row,) = funnel.by_source(currency="EUR")
    assert row.won_rate == 0.5
