"""Deals change by rows, and importing them again changes nothing."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.deals import deals
from leadline.deals.deals import Entry, NotADeal
from leadline.deals.models import Deal, DealChange
from leadline.leads.models import Lead
from leadline.lib import ids

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def lead(now: datetime) -> Lead:
    return Lead.objects.create(created_at=now, known_at=now, updated_at=now)


def entry(now: datetime, **stated: object) -> Entry:
    plain = Entry(currency="EUR", opened_at=now - 9 * DAY, external_id="d1", amount_minor=10_000)
    return msgspec.structs.replace(plain, **stated)


def changes() -> list[tuple[str, str, int | None]]:
    return list(
        DealChange.objects.order_by("id").values_list("state_before", "state", "amount_minor")
    )


def test_a_won_deal_that_is_imported_was_open_first(lead: Lead, now: datetime) -> None:
    won = entry(now, lead_id=lead.id, state="won", closed_at=now - DAY)

    done = deals.import_many([won], because="import", now=now)

    assert (done.created_count, done.lead_ids) == (1, (lead.id,))
    assert changes() == [("", "open", 10_000), ("open", "won", 10_000)]
    assert Deal.objects.get().closed_at == now - DAY


def test_the_same_import_again_changes_nothing(lead: Lead, now: datetime) -> None:
    stated = [entry(now, lead_id=lead.id), entry(now, external_id="d2", name="Zoë\x00")]
    deals.import_many(stated, because="import", now=now)

    again = deals.import_many(stated, because="import", now=now + DAY)

    assert (again.created_count, again.changed_count, again.unchanged_count) == (0, 0, 2)
    assert again.lead_ids == ()
    assert DealChange.objects.count() == 2


def test_a_later_import_adds_the_change(lead: Lead, now: datetime) -> None:
    deals.import_many([entry(now, lead_id=lead.id)], because="import", now=now)

    lost = entry(now, lead_id=lead.id, state="lost", closed_at=now, reason="price")
    done = deals.import_many([lost], because="import", now=now)

    assert (done.changed_count, done.lead_ids) == (1, (lead.id,))
    assert changes() == [("", "open", 10_000), ("open", "lost", 10_000)]
    assert Deal.objects.get().reason == "price"


def test_a_deal_that_moves_to_another_lead_touches_both(lead: Lead, now: datetime) -> None:
    other = Lead.objects.create(created_at=now, known_at=now, updated_at=now)
    deals.import_many([entry(now, lead_id=lead.id)], because="import", now=now)

    done = deals.import_many([entry(now, lead_id=other.id)], because="import", now=now)

    assert set(done.lead_ids) == {lead.id, other.id}
    assert len(changes()) == 1


def test_the_number_of_queries_does_not_depend_on_the_number_of_deals(now: datetime) -> None:
    def cost(prefix: str, count: int) -> int:
        stated = [entry(now, external_id=f"{prefix}{n}") for n in range(count)]
        with CaptureQueriesContext(connection) as queries:
            deals.import_many(stated, because="import", now=now)
        return len([q for q in queries.captured_queries if "SAVEPOINT" not in q["sql"]])

    cost("stages are made once", 300)
    assert cost("a", 300) == cost("b", 500)
    assert cost("a", 300) < cost("c", 60)


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ({"state": "maybe"}, "write open, won or lost"),
        ({"state": "won"}, "exactly when closed"),
        ({"currency": "euro"}, "such as EUR"),
        ({"amount_minor": 10**18}, "more than can be stored"),
        ({"external_id": None}, "no external id"),
        ({"external_id": "x" * 201}, "more than 200"),
    ],
)
def test_one_bad_deal_stops_the_import_before_any_write(
    now: datetime, stated: dict[str, object], reason: str
) -> None:
    with pytest.raises(NotADeal, match=reason):
        deals.import_many([entry(now), entry(now, **stated)], because="import", now=now)

    assert not Deal.objects.exists()


def test_closing_before_opening_is_refused(now: datetime) -> None:
    stated = entry(now, state="won", closed_at=now - 30 * DAY)

    with pytest.raises(NotADeal, match="closed before it was opened"):
        deals.import_many([stated], because="import", now=now)


def test_a_deal_is_opened_once(lead: Lead, now: datetime) -> None:
    made = deals.open(entry(now, lead_id=lead.id), because="Ada opened it", now=now)

    assert made is not None
    assert made.state == "open"
    assert deals.open(entry(now, lead_id=lead.id), because="again", now=now) is None
    assert changes() == [("", "open", 10_000)]


def test_winning_is_a_row_with_its_reason(now: datetime) -> None:
    deal = deals.open(entry(now), because="Ada opened it", now=now)
    assert deal is not None

    made = deals.change(deal.id, state="won", because="signed", now=now, amount_minor=12_000)

    assert made is not None
    assert (made.state_before, made.state, made.because) == ("open", "won", "signed")
    deal.refresh_from_db()
    assert (deal.amount_minor, deal.closed_at) == (12_000, now)
    assert deals.change(deal.id, state="won", because="signed", now=now) is None


def test_a_new_amount_leaves_the_closing_date(now: datetime) -> None:
    deal = deals.open(entry(now), because="x", now=now)
    assert deal is not None
    deals.change(deal.id, state="won", because="signed", now=now)

    deals.change(deal.id, state="won", because="typo", now=now + DAY, amount_minor=1)

    deal.refresh_from_db()
    assert (deal.amount_minor, deal.closed_at) == (1, now)


def test_a_won_deal_cannot_be_lost_without_being_reopened(now: datetime) -> None:
    deal = deals.open(entry(now), because="x", now=now)
    assert deal is not None
    deals.change(deal.id, state="won", because="signed", now=now)

    with pytest.raises(NotADeal, match="is won cannot become lost"):
        deals.change(deal.id, state="lost", because="no", now=now)

    deals.change(deal.id, state="open", because="cancelled", now=now)
    deal.refresh_from_db()
    assert deal.closed_at is None


def test_a_reason_is_kept_until_another_is_said_and_has_no_row(now: datetime) -> None:
    deal = deals.open(entry(now), because="x", now=now)
    assert deal is not None
    deals.change(deal.id, state="lost", because="called", now=now, reason="price")
    deals.change(deal.id, state="lost", because="typo", now=now, amount_minor=1)
    deal.refresh_from_db()
    assert deal.reason == "price"

    assert deals.change(deal.id, state="lost", because="x", now=now, reason="no budget") is None

    deal.refresh_from_db()
    assert (deal.reason, deal.closed_at, len(changes())) == ("no budget", now, 3)
    deals.change(deal.id, state="lost", because="x", now=now, reason="")
    deal.refresh_from_db()
    assert deal.reason == ""


def test_a_closing_time_is_corrected_by_a_row(now: datetime) -> None:
    deal = deals.open(entry(now), because="x", now=now)
    assert deal is not None
    deals.change(deal.id, state="won", because="signed", now=now)
    earlier = now - 2 * DAY

    moved = deals.change(deal.id, state="won", because="typo", now=now, closed_at=earlier)

    assert moved is not None
    assert (moved.state_before, moved.state, moved.at) == ("won", "won", earlier)
    deal.refresh_from_db()
    assert deal.closed_at == earlier
    assert deals.change(deal.id, state="won", because="x", now=now, closed_at=earlier) is None


def test_a_closing_time_that_cannot_be_is_refused(now: datetime) -> None:
    deal = deals.open(entry(now), because="x", now=now)
    assert deal is not None
    with pytest.raises(NotADeal, match="only a closed one has a closing date"):
        deals.change(deal.id, state="open", because="x", now=now, closed_at=now)
    with pytest.raises(NotADeal, match="closed before it was opened"):
        deals.change(deal.id, state="won", because="x", now=now, closed_at=now - 30 * DAY)
    assert len(changes()) == 1


def test_an_unknown_deal_is_an_error(now: datetime) -> None:
    with pytest.raises(Deal.DoesNotExist):
        deals.change(UUID(int=ids.uuid7().int), state="won", because="x", now=now)
