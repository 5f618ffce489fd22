"""Sums in one currency: what was used, what is missing, what stays."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.deals import closing_values, deals, sums
from leadline.deals.deals import Entry
from leadline.deals.models import ClosingValue, Deal
from leadline.lib.exchange_rates import quote
from leadline.lib.money import Money
from leadline.workspace import rates
from leadline.workspace.models import ExchangeRate, Workspace

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def on(day: date, currency: str, rate: str) -> None:
    rates.put([quote(day, currency, "EUR", Decimal(rate))])


def deal(now: datetime, key: str, amount: int | None, currency: str, **said: object) -> Entry:
    entry = {"opened_at": now - 90 * DAY, "external_id": key, "amount_minor": amount, **said}
    return Entry(currency=currency, **entry)  # type: ignore[arg-type]  # by name


def won(now: datetime, key: str, amount: int, currency: str, ago: int = 10) -> Entry:
    return deal(now, key, amount, currency, state="won", closed_at=now - ago * DAY)


def put(now: datetime, *entries: Entry) -> None:
    deals.import_many(entries, because="import", now=now)


def test_open_amounts_count_at_the_newest_rate(now: datetime) -> None:
    on(now.date() - 30 * DAY, "USD", "2")
    on(now.date() - 3 * DAY, "USD", "1.25")
    put(
        now,
        deal(now, "a", 100_00, "EUR"),
        deal(now, "b", 100_00, "USD"),
        deal(now, "c", None, "X" * 3),
    )

    total = sums.of_open(Deal.objects.all(), now=now)

    assert total.amount == Money(180_00, "EUR")  # 100 + 100 / 1.25
    assert total.is_approximate
    assert [(part.own.currency, part.count) for part in total.parts] == [("EUR", 1), ("USD", 1)]


def test_a_rate_of_a_day_to_come_does_not_hide_the_one_that_counts(now: datetime) -> None:
    on(now.date() - DAY, "USD", "1.25")
    on(now.date() + 400 * DAY, "USD", "9")
    put(now, deal(now, "b", 100_00, "USD"))
    assert sums.of_open(Deal.objects.all(), now=now).amount == Money(80_00, "EUR")


def test_today_is_the_day_in_the_house(now: datetime) -> None:
    """At 12:30 UTC it is tomorrow in Auckland, and what was typed there counts."""
    Workspace.objects.update(time_zone="Pacific/Auckland")
    on(now.date() + DAY, "USD", "1.25")
    put(now, deal(now, "b", 100_00, "USD"))
    total = sums.of_open(Deal.objects.all(), now=now.replace(hour=12, minute=30))
    assert total.amount == Money(80_00, "EUR")


def test_amounts_in_the_currency_of_the_house_ask_for_no_rate(now: datetime) -> None:
    put(now, deal(now, "a", 100_00, "EUR"))
    with CaptureQueriesContext(connection) as captured:
        assert sums.of_open(Deal.objects.all(), now=now).amount == Money(100_00, "EUR")
    assert not any("workspace_exchangerate" in each["sql"] for each in captured)


def test_the_newest_rates_are_found_by_the_index(now: datetime) -> None:
    on(now.date(), "USD", "1.25")
    with CaptureQueriesContext(connection) as captured:
        rates.newest({"USD", "EUR", "GBP"}, on=now.date())
    (asked,) = captured
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + asked["sql"])
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "rate_newest" in plan or "one_rate_a_day" in plan
        assert "SCAN workspace_exchangerate" not in plan


def test_an_amount_without_a_rate_is_named_and_not_counted(now: datetime) -> None:
    put(
        now,
        deal(now, "a", 100_00, "EUR"),
        deal(now, "b", 70_00, "GBP"),
        won(now, "c", 50_00, "GBP"),
    )

    opened, closed = (
        sums.of_open(Deal.objects.all(), now=now),
        sums.of_won(Deal.objects.all()),
    )

    assert (opened.amount, opened.is_approximate) == (Money(100_00, "EUR"), False)
    assert [part.own for part in opened.missing] == [Money(70_00, "GBP")]
    assert closed.amount == Money(0, "EUR")
    assert [part.own for part in closed.missing] == [Money(50_00, "GBP")]


def test_a_closed_amount_keeps_the_rate_of_its_closing_day(now: datetime) -> None:
    on(now.date() - 10 * DAY, "USD", "1.25")
    put(now, won(now, "a", 100_00, "USD"))
    on(now.date() - 10 * DAY, "USD", "4")
    closing_values.freeze_missing()
    put(now + DAY, won(now, "a", 100_00, "USD"))

    assert sums.of_won(Deal.objects.all()).amount == Money(80_00, "EUR")


def test_the_closing_day_is_the_one_on_the_wall_of_the_house(now: datetime) -> None:
    late = now.replace(hour=23, minute=30)  # already the next day in Berlin
    on(late.date(), "USD", "2")
    on(late.date() + DAY, "USD", "4")
    put(late, deal(late, "a", 100_00, "USD", state="won", closed_at=late))

    value = ClosingValue.objects.get()
    assert (value.of_day, value.amount_minor) == (late.date() + DAY, 25_00)


def test_a_correction_is_valued_again_and_a_reopened_deal_loses_its_value(now: datetime) -> None:
    on(now.date() - 10 * DAY, "USD", "1.25")
    put(now, won(now, "a", 100_00, "USD"), won(now, "b", 10_00, "EUR"))
    put(now, won(now, "a", 200_00, "USD"))
    assert sums.of_won(Deal.objects.all()).amount == Money(170_00, "EUR")

    put(now, won(now, "a", 200_00, "USD", ago=40))  # no rate on that day
    assert [part.own for part in sums.of_won(Deal.objects.all()).missing] == [Money(200_00, "USD")]

    deals.change(Deal.objects.get(external_id="b").pk, state="open", because="back", now=now)
    assert not ClosingValue.objects.exists()


def test_a_deal_won_by_hand_is_valued_at_once(now: datetime) -> None:
    on(now.date() - DAY, "USD", "1.25")
    made = deals.open(deal(now, "a", 100_00, "USD"), because="call", now=now)
    assert made is not None
    deals.change(made.pk, state="won", because="signed", now=now)
    assert ClosingValue.objects.get().amount_minor == 80_00


def test_a_closing_day_that_moves_is_valued_again(now: datetime) -> None:
    on(now.date() - 5 * DAY, "USD", "2")
    on(now.date() - DAY, "USD", "1.25")
    made = deals.open(deal(now, "a", 100_00, "USD"), because="call", now=now)
    assert made is not None
    deals.change(made.pk, state="won", because="signed", now=now)
    deals.change(made.pk, state="won", because="typo", now=now, closed_at=now - 3 * DAY)
    value = ClosingValue.objects.get()
    assert (value.amount_minor, value.of_day) == (50_00, now.date() - 3 * DAY)


def test_rates_that_come_later_value_what_waited_for_them(now: datetime) -> None:
    put(now, *(won(now, str(n), 100_00, "USD") for n in range(30)))
    on(now.date() - 12 * DAY, "USD", "1.25")

    assert closing_values.freeze_missing() == 30
    assert sums.of_won(Deal.objects.all()).amount == Money(30 * 80_00, "EUR")
    assert closing_values.freeze_missing() == 0


def test_another_currency_of_the_house_values_everything_again(now: datetime) -> None:
    on(now.date() - 10 * DAY, "USD", "1.25")
    put(now, won(now, "a", 100_00, "USD"), won(now, "b", 100_00, "EUR"))
    Workspace.objects.update(currency="USD")

    closing_values.value_again()

    assert sums.of_won(Deal.objects.all()).amount == Money(225_00, "USD")  # 100 + 100 × 1.25


def test_a_value_that_was_left_in_another_currency_is_made_again(now: datetime) -> None:
    """Two who change the house's currency and close a deal at once may leave one behind."""
    on(now.date() - 12 * DAY, "USD", "1.25")
    put(now, won(now, "a", 100_00, "USD"))
    ClosingValue.objects.update(currency="CHF")
    closing_values.freeze_missing()
    assert sums.of_won(Deal.objects.all()).amount == Money(80_00, "EUR")


def test_one_row_per_day_and_pair_and_the_last_one_stays(now: datetime) -> None:
    on(now.date(), "USD", "1.25")
    on(now.date(), "USD", "1.5")
    assert ExchangeRate.objects.get().rate == "1.5"


def test_sums_and_values_take_a_fixed_number_of_statements(now: datetime) -> None:
    on(now.date() - 10 * DAY, "USD", "1.25")
    counts = []
    for many in (2, 60):
        entries = [won(now, f"{many}-{n}", 100_00, "USD") for n in range(many)]
        put(now, *(deal(now, f"{many}-{n}", 1, "USD") for n in range(many)))
        keys = list(
            Deal.objects.filter(external_id__startswith=f"{many}-").values_list("pk", flat=True)
        )
        put(now, *entries)
        with CaptureQueriesContext(connection) as captured:
            closing_values.freeze(keys)
            sums.of_won(Deal.objects.all())
            sums.of_open(Deal.objects.all(), now=now)
        counts.append(len(captured))
    assert counts[0] == counts[1]
