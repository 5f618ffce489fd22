"""What the engine adds up is what adding up by hand gives."""

from collections import Counter, defaultdict
from random import Random

import pytest

from leadline.analytics import counting, ranking
from leadline.analytics.ranking import Step
from leadline.analytics.shares import Clustered
from tests.analytics.looking import looks, micro

Rows = list[tuple[int, int, int, int]]


def made_up(seed: int) -> Rows:
    """Some leads at some of four instants, scores that rise and fall, some of them won."""
    chance = Random(seed)
    return [
        (at, lead, chance.randint(-5, 60) * 5, int(chance.random() < 0.3))
        for lead in range(40)
        for at in (10, 20, 30, 40)
        if chance.random() < 0.8
    ]


@pytest.mark.parametrize("seed", range(5))
def test_a_history_is_counted_per_instant_and_total(seed: int) -> None:
    rows = made_up(seed)
    found = counting.history(looks(rows))
    assert list(found) == [10, 20, 30, 40]
    for at, instant in found.items():
        mine = [row for row in rows if row[0] == at]
        count = Counter(row[2] for row in mine)
        won = Counter(row[2] for row in mine if row[3])
        assert instant == [Step(micro(t), count[t], won[t]) for t in sorted(count)]
    assert counting.people(looks(rows)) == (
        len({row[1] for row in rows}), len({row[1] for row in rows if row[3]})
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_the_spread_between_leads_is_that_of_their_own_sums(seed: int) -> None:
    rows = made_up(seed)
    table = looks(rows)
    halves: dict[int, int] = defaultdict(int)
    pairs: dict[int, int] = defaultdict(int)
    for at, lead, total, won in rows:
        others = [(t, w) for a, _, t, w in rows if a == at and w != won]
        sign = 1 if won else -1
        halves[lead] += sum(1 + (sign * total > sign * t) - (sign * total < sign * t)
                            for t, _ in others)  # fmt: skip
        pairs[lead] += len(others)
    found = counting.spread(table, counting.history(table))
    assert found == (
        len(halves),
        sum(halves[lead] ** 2 for lead in halves),
        sum(halves[lead] * pairs[lead] for lead in halves),
        sum(pairs[lead] ** 2 for lead in halves),
    )
    # Every pair is counted at both of its ends.
    assert sum(halves.values()) == 2 * ranking.ranked(counting.history(table).values()).halves


@pytest.mark.parametrize("seed", range(3))
def test_bands_add_up_what_each_lead_did_in_them(seed: int) -> None:
    rows = made_up(seed)
    begins = [micro(-50), micro(100), micro(200), micro(1_000)]
    found = counting.in_bands(looks(rows), begins)
    for low, high, band in zip((-50, 100, 200), (100, 200, 1_000), found, strict=False):
        n: Counter[int] = Counter()
        w: Counter[int] = Counter()
        for _, lead, total, won in rows:
            if low <= total < high:
                n[lead] += 1
                w[lead] += won
        assert band == Clustered(
            len(n), sum(n.values()), sum(w.values()), sum(each**2 for each in n.values()),
            sum(n[lead] * w[lead] for lead in n), sum(each**2 for each in w.values()),
        )  # fmt: skip
    assert found[3] == Clustered(0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_leads_rise_over_a_line_once(seed: int) -> None:
    rows = made_up(seed)
    climb = counting.climb(looks(rows), working_days=60.0)
    best: dict[int, int] = {}
    for line in range(-30, 310, 7):
        over = {lead for _, lead, total, _ in rows if total >= line}
        reached = sum(step.count for step in climb.reached if step.total >= micro(line))
        held = sum(step.count for step in climb.held if step.total >= micro(line))
        assert reached - held == len(over)
        won = {lead: w for _, lead, total, w in reversed(rows) if total >= line}
        first = sum(step.won for step in climb.reached if step.total >= micro(line))
        first -= sum(step.won for step in climb.held if step.total >= micro(line))
        assert first == sum(won.values())
        begun = sum(step.count for step in climb.begun if step.total >= micro(line))
        assert begun == sum(1 for at, _, total, _ in rows if at == 10 and total >= line)
        best |= dict.fromkeys(over, line)
    assert sum(step.count for step in climb.peaks) == len({row[1] for row in rows})
