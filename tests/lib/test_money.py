"""Money is whole minor units (G06)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import money
from leadline.lib.money import Money

READ = [
    ("1.234,56", "EUR", 123_456),
    ("1,234.56", "USD", 123_456),
    ("1234.5", "USD", 123_450),
    ("1 234,56 €", "EUR", 123_456),
    ("1'234.50", "CHF", 123_450),
    ("€ 1.234", "EUR", 123_400),  # three digits behind a lone mark are thousands
    ("1.234.567", "EUR", 123_456_700),
    ("0.125", "EUR", 13),  # half up
    ("12,3", "EUR", 1_230),
    ("10 EUR", "EUR", 1_000),
    ("eur10", "EUR", 1_000),
    ("$5", "USD", 500),
    ("CA$5".removeprefix("CA"), "CAD", 500),
    ("-3,50 €", "EUR", -350),
    ("−3.50", "EUR", -350),
    ("$-5", "USD", -500),
    ("-$5", "USD", -500),
    ("(12.00)", "USD", -1_200),
    ("1,234", "JPY", 1_234),
    ("¥1,234", "JPY", 1_234),
    ("1.5", "KWD", 1_500),
    ("1.234", "KWD", 1_234),  # three decimals, so the mark is the decimal one
    (19.99, "EUR", 1_999),
    (0.1 + 0.2, "EUR", 30),
    (7, "JPY", 7),
    (Decimal("2.675"), "USD", 268),
    (1e-300, "USD", 0),
    ("0", "USD", 0),
]
REFUSED = [
    ("", "EUR"),
    ("free", "EUR"),
    ("$5", "EUR"),
    ("£5", "USD"),
    ("1_000", "EUR"),
    ("١٢٣", "EUR"),
    ("1e3", "EUR"),
    ("0x10", "EUR"),
    ("5-3", "EUR"),
    ("--5", "EUR"),
    ("1,2,3", "EUR"),
    ("12.34.56", "EUR"),
    ("1.2345,00", "EUR"),
    ("10 USD", "EUR"),
    ("9" * 30, "EUR"),
    ("9" * 5_000, "EUR"),
    (float("nan"), "EUR"),
    (float("inf"), "EUR"),
    (1e30, "EUR"),
    (True, "EUR"),
    (None, "EUR"),
    ("5", "euro"),
    ("5", ""),
    ("5", None),
]


@pytest.mark.parametrize(("written", "currency", "minor"), READ)
def test_an_amount_is_read(written: str | float, currency: str, minor: int) -> None:
    assert money.parse(written, currency) == Money(minor, currency)


@pytest.mark.parametrize(("written", "currency"), REFUSED, ids=lambda v: repr(v)[:20])
def test_what_is_no_amount_is_refused(written: str, currency: str) -> None:
    with pytest.raises(money.NotMoney):
        money.parse(written, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (123_456, "EUR", "EUR 1,234.56"),
        (-50, "USD", "USD -0.50"),
        (1_234, "JPY", "JPY 1,234"),
        (1_500, "KWD", "KWD 1.500"),
    ],
)
def test_an_amount_is_written_with_its_currencys_decimals(
    minor: int, currency: str, written: str
) -> None:
    assert money.format(Money(minor, currency)) == written


@given(st.integers(-money.MAX_MINOR, money.MAX_MINOR), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_written_reads_back_the_same(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert money.parse(money.format(amount), currency) == amount
