"""How points fade."""

import pytest

from leadline.scoring import decay


def test_a_half_life_halves() -> None:
    fading = decay.table(15_000_000, 30)
    assert [fading[age] for age in (0, 30, 60, 90)] == [15_000_000, 7_500_000, 3_750_000, 1_875_000]
    assert fading[1] == 14_657_400  # 15 · 10⁶ · 2^(−1/30) = 14 657 399.527


def test_a_table_is_the_formula_at_every_age() -> None:
    for points, half_life in ((1, 1), (15, 30), (-30, 7), (3, 109), (25, 365)):
        expected = [
            round(points * 10**6 * 2 ** (-age / half_life))
            for age in range(decay.end_days(half_life) + 1)
        ]
        assert list(decay.table(points * 10**6, half_life)) == expected


@pytest.mark.parametrize(
    ("half_life", "end"),
    [(1, 10), (30, 300), (109, 1_090), (110, 1_095), (3_650, 1_095)],
)
def test_fading_ends_after_ten_half_lives_and_three_years(half_life: int, end: int) -> None:
    assert decay.end_days(half_life) == end
    assert len(decay.table(1_000_000, half_life)) == end + 1


def test_what_is_taken_away_fades_like_what_is_given() -> None:
    given, taken = decay.table(7_000_000, 14), decay.table(-7_000_000, 14)
    assert [-points for points in taken] == list(given)
