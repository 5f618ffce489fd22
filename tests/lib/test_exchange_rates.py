"""Rates as others write them, and what an amount is worth elsewhere."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import exchange_rates
from leadline.lib.exchange_rates import Book, NotRates, convert, quote, read
from leadline.lib.money import Money

FRIDAY = date(2026, 11, 20)
WEEK = timedelta(days=7)

DAILY = "Date, USD, JPY, CZK, \n20 November 2026, 1.0567, 163.24, 25.281, \n"
HISTORY = "Date,USD,JPY,CYP,\n2026-11-20,1.0567,163.24,N/A,\n2026-11-19,1.0500,162.00,N/A,\n"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>
<Cube time="2026-11-20"><Cube currency="USD" rate="1.0567"/><Cube currency="JPY" rate="163.24"/>
</Cube></Cube></gesmes:Envelope>"""


def euro(currency: str, rate: str, day: date = FRIDAY) -> exchange_rates.Quote:
    return quote(day, currency, "EUR", Decimal(rate))


@pytest.mark.parametrize("written", [DAILY, HISTORY, XML])
def test_the_banks_files_are_read(written: str) -> None:
    found = read(written, against="CHF")

    assert [each for each in found if each.day == FRIDAY and each.currency != "CZK"] == [
        euro("USD", "1.0567"), euro("JPY", "163.24")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    ["day,currency,rate\n2026-11-20,usd,1.0567\n", "Day;Currency;Rate\r\n20.11.2026;USD;1,0567"],
)
def test_a_table_of_ones_own_is_against_ones_own_currency(written: str) -> None:
    assert read(written, against="EUR") == [euro("USD", "1.0567")]


@pytest.mark.parametrize(
    ("written", "line", "says"),
    [
        ("", 0, "empty"),
        ("name,mail\nAda,a@b.example\n", 1, "day, currency, rate"),
        ("day,currency,rate\n2026-11-20,USD,1.05\nyesterday,USD,1.05\n", 3, "not a day"),
        ("day,currency,rate\n2026-11-20,USD,lots\n", 2, "not a number"),
        ("day,currency,rate\n2026-11-20,USD,0\n", 2, "above 0"),
        ("day,currency,rate\n2026-11-20,USD,NaN\n", 2, "above 0"),
        ("day,currency,rate\n2026-11-20,DOLLAR,1.05\n", 2, "three letters"),
        ("day,currency,rate\n2026-11-20,EUR,1.05\n", 2, "against itself"),
        ("day,currency,rate\n2026-11-20,USD\n", 2, "needs a day"),
        ("<html><p>Hello</p></html>", 0, "no rates"),
        ("<Cube><oops", 1, "well-formed"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 0, "document type"),
    ],
)
def test_what_is_not_a_file_of_rates_is_refused_with_its_line(
    written: str, line: int, says: str
) -> None:
    with pytest.raises(NotRates, match=says) as refused:
        read(written, against="EUR")
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("amount", "to", "expected"),
    [
        (Money(10_567, "USD"), "EUR", 10_000),  # 105.67 / 1.0567 = 100.00
        (Money(10_000, "EUR"), "USD", 10_567),
        (Money(16_324, "JPY"), "EUR", 10_000),  # the yen has no minor unit
        (Money(16_324, "JPY"), "USD", 10_567),  # through the euro
        (Money(-10_567, "USD"), "EUR", -10_000),
        (Money(5, "EUR"), "EUR", 5),
    ],
)
def test_amounts_are_converted_directly_inversely_and_across(
    amount: Money, to: str, expected: int
) -> None:
    book = Book([euro("USD", "1.0567"), euro("JPY", "163.24")])
    rate = book.rate(amount.currency, to, on=FRIDAY)
    assert rate is not None
    assert convert(amount, rate, to) == Money(expected, to)


def test_a_missing_rate_is_nothing_and_never_one() -> None:
    book = Book([euro("USD", "1.0567")])
    assert book.rate("GBP", "EUR", on=FRIDAY) is None
    assert book.rate("GBP", "USD", on=FRIDAY) is None
    assert book.rate("USD", "EUR", on=FRIDAY - timedelta(days=1)) is None


def test_the_last_quote_before_a_day_counts_until_it_is_too_old() -> None:
    book = Book([euro("USD", "1.05", FRIDAY - WEEK), euro("USD", "1.10")])

    sunday = book.rate("USD", "EUR", on=FRIDAY + timedelta(days=2), oldest=WEEK)
    before = book.rate("USD", "EUR", on=FRIDAY - timedelta(days=1), oldest=WEEK)

    assert sunday is not None
    assert before is not None
    assert (sunday.day, before.day) == (FRIDAY, FRIDAY - WEEK)
    assert book.rate("USD", "EUR", on=FRIDAY + WEEK, oldest=WEEK) is not None
    assert book.rate("USD", "EUR", on=FRIDAY + timedelta(days=8), oldest=WEEK) is None


def test_of_two_ways_the_fresher_one_is_taken() -> None:
    old = quote(FRIDAY - WEEK, "USD", "CHF", Decimal("1.20"))
    book = Book([old, euro("USD", "1.05"), euro("CHF", "0.95")])
    rate = book.rate("USD", "CHF", on=FRIDAY)
    assert rate is not None
    assert rate.day == FRIDAY
    assert rate.shown == "0.904762"  # 0.95 / 1.05


@given(
    minor=st.integers(-(2**53), 2**53),
    rate=st.decimals("0.000001", "9000000", places=6, allow_nan=False),
)
def test_converting_rounds_once_and_half_up(minor: int, rate: Decimal) -> None:
    book = Book([quote(FRIDAY, "USD", "EUR", rate)])
    found = book.rate("EUR", "USD", on=FRIDAY)
    assert found is not None
    exact = Decimal(abs(minor)) * rate
    rounded = int((exact * 2 + 1) // 2)
    assert convert(Money(minor, "EUR"), found, "USD").minor == (rounded if minor >= 0 else -rounded)
