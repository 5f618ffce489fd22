"""Intervals of shares, against printed and hand-computed examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.analytics import shares
from leadline.analytics.shares import Clustered, Share


@pytest.mark.parametrize(
    ("won", "count", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_printed_intervals(won: int, count: int, low: float, high: float) -> None:
    found = shares.wilson(Share(won, count))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_of_nothing_anything_may_be_true() -> None:
    assert shares.wilson(Share(0, 0)) == (0.0, 1.0)
    assert Share(0, 0).rate is None


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:873, table II, method 10.
        (Share(56, 70), Share(48, 80), 0.0524, 0.3339),
        (Share(9, 10), Share(3, 10), 0.1705, 0.8090),
        (Share(6, 7), Share(2, 7), 0.0582, 0.8062),
        (Share(5, 56), Share(0, 29), -0.0381, 0.1926),
    ],
)
def test_differences_have_the_printed_intervals(
    one: Share, other: Share, low: float, high: float
) -> None:
    found = shares.difference(one, other)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_a_lead_that_is_looked_at_three_times_counts_once() -> None:
    # 4 leads, 3 rows each; of one lead all rows are won: Σn=12, Σw=3, Σn²=36, Σnw=9, Σw²=9.
    # p=1/4; spread = 9 - 2·9/4 + 36/16 = 6.75; variance = 4/3·6.75/144 = 1/16;
    # against p(1-p)/12 = 1/64: four times, so that 12 rows know as much as 3.
    share = Clustered(leads=4, n=12, w=3, nn=36, nw=9, ww=9).share()
    assert share == Share(3, 12, pytest.approx(4.0))


def test_rows_of_different_leads_keep_their_weight() -> None:
    # 40 leads, one row each, 10 won: spread = 10 - 2·10/4 + 40/16 = 7.5; 40/39·7.5/1600 against
    # 3/16/40 is 40/39.
    share = Clustered(leads=40, n=40, w=10, nn=40, nw=10, ww=10).share()
    assert share.effect == pytest.approx(40 / 39)


def test_rows_without_a_single_win_weigh_as_many_as_there_are_leads() -> None:
    assert Clustered(leads=5, n=15, w=0, nn=45, nw=0, ww=0).share() == Share(0, 15, 3.0)
    # Wilson of 0 of 5, not of 0 of 15.
    low, high = shares.wilson(Share(0, 15, 3.0))
    assert (low, high) == pytest.approx(shares.wilson(Share(0, 5)))


def test_lift_is_how_many_times_as_often_as_everybody() -> None:
    assert shares.lift(Share(3, 10), Share(10, 100)) == pytest.approx(3.0)
    assert shares.lift(Share(0, 0), Share(10, 100)) is None
    assert shares.lift(Share(0, 10), Share(0, 100)) is None


@given(st.integers(0, 500), st.integers(1, 500), st.floats(1, 50))
def test_an_interval_holds_its_rate_and_grows_with_the_design_effect(
    won: int, count: int, effect: float
) -> None:
    won = min(won, count)
    plain, wider = shares.wilson(Share(won, count)), shares.wilson(Share(won, count, effect))
    for low, high in (plain, wider):
        assert 0 <= low <= won / count <= high <= 1
    assert wider.high - wider.low >= plain.high - plain.low - 1e-12
