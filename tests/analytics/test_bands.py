"""Scores in bands of round points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.analytics import bands
from leadline.analytics.ranking import Step
from leadline.analytics.shares import Share
from leadline.criteria.nodes import MICRO


def scores(*points: float) -> list[Step]:
    return [Step(round(each * MICRO), 1, 0) for each in sorted(points)]


def test_bands_are_round_and_the_models_line_is_an_edge() -> None:
    found = bands.edges(scores(*range(0, 101)), marks=[55 * MICRO])
    assert [bands.points(each) for each in found] == [0, 10, 20, 30, 40, 50, 55, 60, 70, 80, 90]


def test_one_lead_far_away_does_not_put_the_others_into_one_band() -> None:
    many = [Step(each * MICRO, 10, 0) for each in range(50)]
    found = bands.edges([*many, Step(5_000 * MICRO, 1, 0)])
    assert [bands.points(each) for each in found] == list(range(0, 50, 5))
    last = bands.bars([*many, Step(5_000 * MICRO, 1, 0)], found)[-1]
    assert last == {"from": 45, "leads": 51}


def test_what_lies_below_the_round_bands_is_in_the_first() -> None:
    many = [Step(each * MICRO, 10, 0) for each in range(50)]
    found = bands.edges([Step(-2_000 * MICRO, 1, 0), *many])
    assert [bands.points(each) for each in found] == [-2000, *range(5, 50, 5)]


def test_a_band_tells_leads_won_rate_interval_and_lift() -> None:
    found = bands.table([0, 50 * MICRO], [Share(5, 100), Share(30, 100)])
    assert found[1] == {
        "from": 50, "to": None, "leads": 100, "won": 30, "rate": 0.3,
        # Wilson of 30 of 100; 30 % is 12/7 of everybody's 17.5 %.
        "low": 0.218949, "high": 0.395849, "lift": round(12 / 7, 6),
    }  # fmt: skip
    assert (found[0]["from"], found[0]["to"], found[0]["rate"]) == (0, 50, 0.05)


def test_an_empty_band_stays_and_has_no_rate() -> None:
    (found,) = bands.table([0], [Share(0, 0)])
    assert (found["leads"], found["rate"], found["lift"]) == (0, None, None)
    assert (found["low"], found["high"]) == (0, 1)


def test_nobody_has_no_bands() -> None:
    assert bands.edges([]) == ()


totals = st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=50)


@given(totals, st.lists(st.integers(-(10**9), 10**9), max_size=3))
def test_every_score_is_in_exactly_one_band(found: list[int], marks: list[int]) -> None:
    steps = [Step(each, 1, 0) for each in sorted(set(found))]
    begins = bands.edges(steps, marks=marks)
    assert list(begins) == sorted(set(begins))
    assert len(begins) <= bands.MOST_BANDS + len(marks)
    assert begins[0] <= steps[0].total
    assert sum(bar["leads"] for bar in bands.bars(steps, begins)) == len(steps)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("micro", "told"), [(15_000_000, 15), (1_500_000, 1.5), (-30_000_000, -30), (0, 0)]
)
def test_points_are_told_as_people_write_them(micro: int, told: float) -> None:
    assert repr(bands.points(micro)) == repr(told)
