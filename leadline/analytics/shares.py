"""How sure one can be of a share: so many of so many. Plain numbers, no engine.

Sources: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
JASA 22 (1927), 209-212; R. G. Newcombe, "Interval estimation for the difference between
independent proportions", Statistics in Medicine 17 (1998), 873-890, method 10; for rows that
belong together (a lead looked at every month) the design effect of L. Kish, "Survey Sampling"
(1965), and Wilson's interval at the effective size: N. Dean and M. Pagano, "Evaluating
confidence interval methods for binomial proportions in clustered surveys", Journal of Survey
Statistics and Methodology 3 (2015), 484-503.
"""

from math import sqrt
from typing import NamedTuple

Z95 = 1.959963984540054
"""Of 100 intervals 95 hold the true value."""

Z99 = 2.5758293035489004


class Interval(NamedTuple):
    """From `low` to `high`, both included."""

    low: float
    high: float

    def times(self, number: float) -> "Interval":
        """The interval of `number` times as much; `number` is not negative."""
        return Interval(self.low * number, self.high * number)


class Share(NamedTuple):
    """`won` of `count`. `effect` is the design effect: so many rows know as much as one that
    stands for itself; never below 1."""

    won: int
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    effect: float = 1.0

    @property
    def rate(self) -> float | None:
        """From 0 to 1; None of nothing."""
        return self.won / self.count if self.count else None


class Clustered(NamedTuple):
    """Sums over leads, of which each has n rows with w won: Σn, Σw, Σn², Σnw, Σw²; `leads` ≥ 0."""

    leads: int
    n: int
    w: int
    nn: int
    nw: int
    ww: int

    def share(self) -> Share:
        """The share of won rows, with how much the rows of one lead repeat each other.

        Variance of the ratio estimator w/n over leads, against that of n independent rows.
        """
        if self.leads < 2 or not 0 < self.w < self.n:
            # Nothing to measure it by: as many rows as leads, which never claims too much.
            return Share(self.w, self.n, self.n / self.leads if self.leads else 1.0)
        rate = self.w / self.n
        spread = self.ww - 2 * rate * self.nw + rate * rate * self.nn
        variance = self.leads / (self.leads - 1) * spread / self.n**2
        return Share(self.w, self.n, max(1.0, variance * self.n / (rate * (1 - rate))))


def wilson(share: Share, *, z: float = Z95) -> Interval:
    """Wilson's score interval; from 0 to 1 while there is nothing to count.

    10 of 100: (0.0552, 0.1744), as in Newcombe's tables.
    """
    if not share.count:
        return Interval(0.0, 1.0)
    size = share.count / share.effect
    rate = share.won / share.count
    middle = rate + z * z / (2 * size)
    reach = z * sqrt(rate * (1 - rate) / size + z * z / (4 * size * size))
    scale = 1 + z * z / size
    # With none or all the bound is exactly 0 or 1, which the roots miss by a rounding.
    low = 0.0 if share.won == 0 else max(0.0, (middle - reach) / scale)
    high = 1.0 if share.won == share.count else min(1.0, (middle + reach) / scale)
    return Interval(low, high)


def difference(one: Share, other: Share, *, z: float = Z95) -> Interval:
    """Interval of the rate of `one` less that of `other`, both with something to count.

    Newcombe's method 10. 56 of 70 less 48 of 80: (0.0524, 0.3339).
    """
    rate, other_rate = one.won / one.count, other.won / other.count
    mine, others = wilson(one, z=z), wilson(other, z=z)
    middle = rate - other_rate
    return Interval(
        middle - sqrt((rate - mine.low) ** 2 + (others.high - other_rate) ** 2),
        middle + sqrt((mine.high - rate) ** 2 + (other_rate - others.low) ** 2),
    )


def lift(share: Share, everybody: Share) -> float | None:
    """How many times as often as everybody; None where either has no rate above nothing."""
    if share.rate is None or not everybody.rate:
        return None
    return share.rate / everybody.rate
