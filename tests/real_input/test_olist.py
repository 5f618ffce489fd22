"""Olist: 8,000 marketing qualified leads and 842 won deals; the funnel by origin is exact.

The origin of a lead is the source of its first touch, its landing page the touch's page. The set
went through a spreadsheet: dates are day first, and one deal is dated before its first contact.
"""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import pytest

from leadline.cards.models import Card
from leadline.deals import deals, funnel
from leadline.deals.deals import Entry
from leadline.deals.models import DealChange
from leadline.flow import reactions
from leadline.leads.models import Binding, Lead
from leadline.routing.models import Assignment, Notification
from leadline.timeline.models import Event, Touch
from tests.real_input import files, workspace
from tests.real_input.workspace import FrontDoor, Item

pytestmark = pytest.mark.django_db

Rows = list[dict[str, str]]


@pytest.fixture
def mqls() -> Rows:
    return files.rows(
        files.find("olist_marketing_funnel") / "olist_marketing_qualified_leads_dataset.csv"
    )


@pytest.fixture
def closed() -> Rows:
    return files.rows(files.find("olist_marketing_funnel") / "olist_closed_deals_dataset.csv")


def day(written: str, pattern: str = "%d-%m-%Y") -> datetime:
    return datetime.strptime(written, pattern).replace(tzinfo=UTC)


def items(row: dict[str, str]) -> list[Item]:
    """The visit that found the landing page, and its form; what the set calls origin is both
    source and medium."""
    identity, at = f"olist:{row['mql_id']}", day(row["first_contact_date"])
    page = {"path": f"/l/{row['landing_page_id']}"}
    campaign = {"source": row["origin"], "medium": row["origin"]}
    return [
        workspace.past(
            "track", identity, f"{row['mql_id']}-visit", at=at, event="Visit Started",
            context={"campaign": campaign, "page": page},
        ),
        workspace.past(
            "track", identity, row["mql_id"], at=at, event="Form Submitted",
            properties={"form": "landing-page", "purpose": "other"},
            context={"traits": {"lead_source": row["origin"]}},
        ),
    ]  # fmt: skip


def won(row: dict[str, str], first: dict[str, datetime], leads: dict[str, UUID]) -> Entry:
    closed_at = day(row["won_date"], "%d-%m-%Y %H:%M")
    return Entry(
        currency="BRL",
        opened_at=min(first[row["mql_id"]], closed_at),
        external_id=f"olist:{row['mql_id']}",
        lead_id=leads[row["mql_id"]],
        name=row["business_segment"],
        state="won",
        closed_at=closed_at,
    )


def leads_by_number() -> dict[str, UUID]:
    """The lead of each number of the set."""
    found = Binding.objects.filter(kind="external").values_list("value", "lead_id")
    return {value.removeprefix("olist:"): lead_id for value, lead_id in found if lead_id}


def test_the_funnel_by_origin_comes_out_exactly(
    door: FrontDoor, mqls: Rows, closed: Rows, now: datetime
) -> None:
    door.put_in([item for row in mqls for item in items(row)])
    leads = leads_by_number()
    first = {row["mql_id"]: day(row["first_contact_date"]) for row in mqls}
    done = deals.import_many([won(r, first, leads) for r in closed], because="olist", now=now)
    reactions.deals_changed(done.lead_ids, now=now)

    origins = {row["mql_id"]: row["origin"] for row in mqls}
    asked, bought = Counter(origins.values()), Counter(origins[row["mql_id"]] for row in closed)
    assert sum(asked.values()) == 8_000
    assert sum(bought.values()) == 842
    counted = funnel.by_source(currency="BRL")
    assert {row.source: row.lead_count for row in counted} == asked
    assert {row.source: row.won_lead_count for row in counted if row.won_lead_count} == bought
    assert Lead.objects.count() == Card.objects.count() == 8_000
    assert Card.objects.filter(stage="customer").count() == 842
    pages = Counter(Touch.objects.values_list("landing_page", flat=True))
    assert pages == Counter(f"/l/{row['landing_page_id']}" for row in mqls)
    assert DealChange.objects.count() == 2 * 842
    # The past wakes nobody.
    assert not Notification.objects.exists()
    assert not Assignment.objects.exists()


def test_putting_it_in_again_changes_nothing(door: FrontDoor, mqls: Rows) -> None:
    some = [item for row in mqls[:500] for item in items(row)]
    door.put_in(some)
    door.put_in(some)
    assert (Lead.objects.count(), Touch.objects.count(), Event.objects.count()) == (500, 500, 1_000)
