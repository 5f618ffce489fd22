"""How well scores rank, against hand-computed examples and the definition by pairs."""

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.analytics import ranking, signal
from leadline.analytics.ranking import Guess, Ranked, Spread, Step

#            total, count, won
HISTORY = [Step(10, 4, 0), Step(20, 3, 1), Step(30, 3, 2)]


def test_area_counts_pairs_and_a_tie_half() -> None:
    # 3 won, 7 others, 21 pairs. The one at 20: 4 below + ½·2 beside = 5; each of two at 30:
    # 4 + 2 below + ½·1 beside = 6.5. (5 + 13) / 21 = 18/21.
    assert ranking.ranked([HISTORY]) == Ranked(36, 21)
    assert ranking.ranked([HISTORY]).area == pytest.approx(18 / 21)


def test_leads_of_different_instants_are_never_compared() -> None:
    # Everybody at the second instant has more points and buys more often: no rank in that.
    first, second = [Step(10, 10, 1)], [Step(90, 10, 6)]
    assert ranking.ranked([first, second]).area == pytest.approx(0.5)
    assert ranking.ranked([[Step(10, 10, 1), Step(90, 10, 6)]]).area > 0.7


def test_average_precision_takes_equal_scores_together() -> None:
    # At 30: 2 of 3, twice; at 20: 3 of 6, once. (2·⅔ + ½) / 3 = 11/18.
    assert ranking.average_precision([HISTORY]) == pytest.approx(11 / 18)
    assert ranking.average_precision([[Step(0, 5, 0)]]) is None


def test_brier_is_the_mean_square_of_what_was_promised_less_what_came() -> None:
    # (1·0.8² + 3·0.2²) + (1·0.5² + 1·0.5²) = 0.76 + 0.5 over 6.
    assert ranking.brier([Guess(0.2, 4, 1), Guess(0.5, 2, 1)]) == pytest.approx(1.26 / 6)
    assert ranking.brier([]) is None


def test_a_promise_knows_only_outcomes_that_were_over() -> None:
    bands = {0: [(8, 2), (2, 2)], 30: [(4, 0), (0, 0)], 60: [(5, 1), (5, 4)], 90: [(1, 1), (1, 0)]}
    found = ranking.earlier_rates(bands, horizon_us=60)
    # Before 60 nothing is over; at 60 the first instant is: 2/8 and 2/2; at 90 also the second:
    # 2/12 and still 2/2.
    assert found == [
        Guess(0.25, 5, 1), Guess(1.0, 5, 4), Guess(2 / 12, 1, 1), Guess(1.0, 1, 0),
    ]  # fmt: skip


def test_a_band_nobody_was_in_promises_what_everybody_got() -> None:
    found = ranking.earlier_rates({0: [(8, 2), (0, 0)], 60: [(1, 0), (3, 1)]}, horizon_us=60)
    assert found == [Guess(0.25, 1, 0), Guess(0.25, 3, 1)]


rows = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=30)


@given(st.lists(rows, min_size=1, max_size=3))
def test_area_is_what_counting_all_pairs_gives(history: list[list[tuple[int, bool]]]) -> None:
    halves = pairs = 0
    for instant in history:
        won, others = ([t for t, w in instant if w is which] for which in (True, False))
        pairs += len(won) * len(others)
        halves += sum((mine > other) * 2 + (mine == other) for mine, other in product(won, others))
    found = ranking.ranked([tallied(instant) for instant in history])
    assert found == Ranked(halves, pairs)


def test_the_error_of_single_rows_is_that_of_delong() -> None:
    # Won at 2 and 3, others at 1, 2, 0: shares of others below, ties half: (2 + ½)/3 and 1; of
    # won above: 1, ¾, 1. Area 11/12. DeLong's variance with n in place of n - 1:
    # (1/12² + 1/12²)/2² + ((1/12)²·2 + (1/6)²)/3² = 1/288 + 6/144/9; then 5/4 for five leads.
    instant = [Step(0, 1, 0), Step(1, 1, 0), Step(2, 2, 1), Step(3, 1, 1)]
    found = ranking.ranked([instant])
    assert found.area == pytest.approx(11 / 12)
    spread = spread_of([tallied_rows(instant)])
    expected = (5 / 4 * (1 / 288 + 6 / 144 / 9)) ** 0.5
    assert ranking.error(found, spread) == pytest.approx(expected)


@pytest.mark.parametrize("looks", [1, 4])
def test_random_outcomes_show_no_signal_in_95_of_100_seeds(looks: int) -> None:
    """Also when a lead keeps its score and its outcome over several instants, which would fool
    whoever took its rows for different people."""
    seeds, found = 300, 0
    for seed in range(seeds):
        chance = Random(seed)
        leads = [(chance.randint(0, 8), chance.random() < 0.12) for _ in range(250)]
        history = [tallied(leads)] * looks
        spread = spread_of([[(*lead, index) for index, lead in enumerate(leads)]] * looks)
        won = sum(is_won for _, is_won in leads)
        judged = signal.judged(ranking.ranked(history), spread, leads=250, won=won)
        found += judged.is_there
        assert judged.is_there or judged.phrase.text != "no outcomes yet"
    assert found <= 0.05 * seeds


def test_a_planted_effect_is_a_signal() -> None:
    leads = []
    chance = Random(1)
    for index in range(300):
        score = chance.randint(0, 8)
        leads.append((score, chance.random() < 0.03 * score, index))
    won = sum(is_won for _, is_won, _ in leads)
    found = ranking.ranked([tallied([lead[:2] for lead in leads])])
    assert signal.judged(found, spread_of([leads]), leads=300, won=won).is_there
    turned = [(8 - score, is_won, index) for score, is_won, index in leads]
    found = ranking.ranked([tallied([lead[:2] for lead in turned])])
    judged = signal.judged(found, spread_of([turned]), leads=300, won=won)
    assert not judged.is_there
    assert "wrong way round" in str(judged.phrase)


@pytest.mark.parametrize(
    ("leads", "won", "said"),
    [
        (500, 0, "no outcomes yet"),
        (500, 9, "not enough data: 9 of 10 conversions"),
        (500, 493, "not enough data: 7 of 10 leads that were not won"),
        (500, 100, "no signal in this data"),
    ],
)
def test_too_little_to_say_is_said(leads: int, won: int, said: str) -> None:
    judged = signal.judged(Ranked(10, 10), Spread(leads, 1.0, 1.0, 1.0), leads=leads, won=won)
    assert not judged.is_there
    assert str(judged.phrase) == said


def tallied(instant: list[tuple[int, bool]]) -> list[Step]:
    return ranking.steps((total, 1, int(is_won)) for total, is_won in instant)


def tallied_rows(instant: list[Step]) -> list[tuple[int, bool, int]]:
    rows: list[tuple[int, bool, int]] = []
    for total, count, won in instant:
        rows += [(total, n < won, len(rows) + n) for n in range(count)]
    return rows


def spread_of(history: list[list[tuple[int, bool, int]]]) -> Spread:
    """What the engine sums, in plain Python: rows (total, won, lead) per instant."""
    halves: dict[int, int] = {}
    pairs: dict[int, int] = {}
    for rows in history:
        instant = tallied([row[:2] for row in rows])
        place = {each.total: each for each in ranking.places(instant)}
        won = sum(is_won for _, is_won, _ in rows)
        for total, is_won, lead in rows:
            mine = place[total].when_won if is_won else place[total].when_not
            halves[lead] = halves.get(lead, 0) + mine
            pairs[lead] = pairs.get(lead, 0) + (len(rows) - won if is_won else won)
    both = [(halves[lead], pairs[lead]) for lead in halves]
    return Spread(
        len(both),
        sum(a * a for a, _ in both),
        sum(a * p for a, p in both),
        sum(p * p for _, p in both),
    )
