"""How well scores put those who were won above the others. Plain numbers, no engine.

What a figure needs to know of a history is how many leads had which score and how many of them
were won: a list of steps, per instant. Leads of different instants are never compared, since who
asks in March may buy more often than who asks in July whatever the score says.

Sources: ROC-AUC as Mann and Whitney's statistic, a tie counting half: J. A. Hanley and
B. J. McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC)
curve", Radiology 143 (1982), 29-36. Its error with many rows of one lead: N. A. Obuchowski,
"Nonparametric analysis of clustered ROC curve data", Biometrics 53 (1997), 567-578. PR-AUC as
average precision, leads with one score taken together: J. Davis and M. Goadrich, "The
relationship between precision-recall and ROC curves", ICML (2006). Brier score: G. W. Brier,
"Verification of forecasts expressed in terms of probability", Monthly Weather Review 78 (1950).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import sqrt
from operator import attrgetter
from typing import NamedTuple

from leadline.analytics.shares import Z99, Interval


class Step(NamedTuple):
    """`count` leads with a score of exactly `total` micro-points, of whom `won` were won."""

    total: int
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    won: int


Steps = Sequence[Step]
"""Ascending by total, each total once."""


class Placed(NamedTuple):
    """What a lead with `total` adds to the half pairs counted: when it was won, when it was not."""

    total: int
    when_won: int
    when_not: int


class Ranked(NamedTuple):
    """Half pairs in order, and pairs, of a won and another lead of the same instant."""

    halves: int
    pairs: int

    @property
    def area(self) -> float | None:
        """ROC-AUC: the share of pairs in which the won lead has more points; ties count half."""
        return self.halves / (2 * self.pairs) if self.pairs else None


def steps(rows: Iterable[tuple[int, int, int]]) -> list[Step]:
    """The rows (total, count, won) in order, those with the same total put together."""
    ordered = sorted((Step(*row) for row in rows), key=attrgetter("total"))
    return [
        Step(total, sum(each.count for each in mine), sum(each.won for each in mine))
        for total, same in groupby(ordered, key=attrgetter("total"))
        if (mine := list(same))
    ]


def places(instant: Steps) -> list[Placed]:
    """Per total: twice the others below it (plus those beside it), twice the won above it (plus
    those beside it)."""
    won_above = sum(each.won for each in instant)
    others_below, found = 0, []
    for total, count, won in instant:
        others = count - won
        won_above -= won
        found.append(Placed(total, 2 * others_below + others, 2 * won_above + won))
        others_below += others
    return found


def ranked(history: Iterable[Steps]) -> Ranked:
    """Over all instants; more leads at an instant weigh more, as there are more pairs."""
    halves = pairs = 0
    for instant in history:
        won = sum(each.won for each in instant)
        pairs += won * (sum(each.count for each in instant) - won)
        at = zip(instant, places(instant), strict=True)
        halves += sum(step.won * place.when_won for step, place in at)
    return Ranked(halves, pairs)


def average_precision(history: Iterable[Steps]) -> float | None:
    """PR-AUC: precision at each total that adds won leads, weighted by how many it adds."""
    found, everybody = 0.0, 0
    for instant in history:
        count = won = 0
        for step in reversed(instant):
            count, won = count + step.count, won + step.won
            found += step.won * won / count
        everybody += won
    return found / everybody if everybody else None


class Spread(NamedTuple):
    """Sums over leads of what each adds: a its half pairs, p its pairs: Σa², Σap, Σp²; how many
    leads."""

    leads: int
    aa: float
    ap: float
    pp: float


def error(found: Ranked, spread: Spread) -> float | None:
    """Standard error of the area, the rows of one lead taken as one; None below two leads."""
    if not found.pairs or spread.leads < 2:
        return None
    twice = 2 * (found.area or 0.0)
    variance = spread.aa - 2 * twice * spread.ap + twice * twice * spread.pp
    return sqrt(max(0.0, variance) * spread.leads / (spread.leads - 1)) / (2 * found.pairs)


def interval(found: Ranked, spread: Spread) -> Interval | None:
    """Of the area: in 99 of 100 histories it holds the true one; None where it cannot be said."""
    size = error(found, spread)
    if size is None or found.area is None:
        return None
    return Interval(max(0.0, found.area - Z99 * size), min(1.0, found.area + Z99 * size))


class Guess(NamedTuple):
    """`count` leads that were given the probability `chance`, of whom `won` were won."""

    chance: float
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    won: int


def brier(guesses: Iterable[Guess]) -> float | None:
    """Mean square of probability less outcome: 0 is perfect, and never to know better than
    one half is 0.25. None of no guess."""
    squares, everybody = 0.0, 0
    for chance, count, won in guesses:
        squares += won * (1 - chance) ** 2 + (count - won) * chance**2
        everybody += count
    return squares / everybody if everybody else None


def earlier_rates(
    instants: Mapping[int, Sequence[tuple[int, int]]], *, horizon_us: int
) -> list[Guess]:
    """What the bands would have promised: each band's rate among instants whose outcome was
    known by then.

    `instants`: by instant (microseconds) and band: (count, won). A band that nobody was in gets
    everybody's rate; an instant before which nothing was known is left out.
    """
    guesses: list[Guess] = []
    for at_us, bands in instants.items():
        known = [each for before_us, each in instants.items() if before_us + horizon_us <= at_us]
        everybody = [pair for each in known for pair in each]
        if not sum(count for count, _ in everybody):
            continue
        for index, (count, won) in enumerate(bands):
            mine = [each[index] for each in known]
            guesses.append(Guess(_rate(mine, otherwise=everybody), count, won))
    return guesses


def _rate(pairs: Sequence[tuple[int, int]], *, otherwise: Sequence[tuple[int, int]]) -> float:
    chosen = pairs if sum(count for count, _ in pairs) else otherwise
    return sum(won for _, won in chosen) / sum(count for count, _ in chosen)
