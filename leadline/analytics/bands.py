"""Scores cut into bands of round points. Plain numbers, no engine.

Totals are integer micro-points; documents speak of points.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from leadline.analytics.ranking import Step, Steps
from leadline.analytics.shares import Share, lift, wilson
from leadline.criteria.nodes import MICRO

MOST_BANDS = 12
NARROWEST = MICRO // 10
EDGE_RATE = 0.01
"""The share of leads at either end that may lie beyond the round bands: one lead of 5,000 points
must not put all others into one band."""


def points(micro: int) -> int | float:
    """Points as people write them: whole ones without a fraction."""
    return micro // MICRO if micro % MICRO == 0 else micro / MICRO


def edges(scores: Steps, *, marks: Iterable[int] = (), most: int = MOST_BANDS) -> tuple[int, ...]:
    """Where each band begins, ascending; the last has no end. Empty without scores.

    Round steps between the outermost percent; `marks` (lines of the model) become edges too when
    they lie among them. The first band begins at or below the lowest score.
    """
    if not scores:
        return ()
    low, high = _quantile(scores, EDGE_RATE), _quantile(scores, 1 - EDGE_RATE)
    width = round_step(high - low, most=most)
    found = {edge * width for edge in range(low // width, high // width + 1)}
    first, last = min(found), max(found)
    found |= {mark for mark in marks if first < mark < last + width}
    lowest = scores[0].total // width * width
    return tuple(sorted((found - {first}) | {min(first, lowest)}))


def round_step(span: int, *, most: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, … (times a tenth of a point) that cuts `span` into at
    most so many pieces, edges that lie anywhere included."""
    width = NARROWEST
    while True:
        for factor in (1, 2, 5):
            if span // (width * factor) + 2 <= most:
                return width * factor
        width *= 10


def of(total: int, begins: Sequence[int]) -> int:
    """The index of the band that the score is in; what lies below all is in the first."""
    return max(0, bisect_right(begins, total) - 1)


def table(begins: Sequence[int], shares: Sequence[Share]) -> list[dict[str, object]]:
    """The bands of a document: how many leads, how many won, rate with its interval, lift.

    Bands without leads stay, with no rate: a gap is something to see.
    """
    everybody = Share(sum(each.won for each in shares), sum(each.count for each in shares))
    return [
        _band(begins, index, share=share, everybody=everybody) for index, share in enumerate(shares)
    ]


def _band(
    begins: Sequence[int], index: int, *, share: Share, everybody: Share
) -> dict[str, object]:
    low, high = wilson(share)
    is_last = index + 1 == len(begins)
    return {
        "from": points(begins[index]),
        "to": None if is_last else points(begins[index + 1]),
        "leads": share.count,
        "won": share.won,
        "rate": rounded(share.rate),
        "low": rounded(low),
        "high": rounded(high),
        "lift": rounded(lift(share, everybody)),
    }


def bars(scores: Steps, begins: Sequence[int]) -> list[dict[str, object]]:
    """How many leads there are in each band, and nothing about outcomes."""
    counts = [0] * len(begins)
    for total, count, _ in scores:
        counts[of(total, begins)] += count
    return [
        {"from": points(edge), "leads": count} for edge, count in zip(begins, counts, strict=True)
    ]


def rounded(value: float | None) -> float | None:
    """As documents carry it: no engine's order of additions shows in the sixth place."""
    return None if value is None else round(value, 6)


def pooled(history: Iterable[Steps]) -> list[Step]:
    """All instants together."""
    counts: dict[int, list[int]] = {}
    for instant in history:
        for total, count, won in instant:
            mine = counts.setdefault(total, [0, 0])
            mine[0] += count
            mine[1] += won
    return [Step(total, *counts[total]) for total in sorted(counts)]


def _quantile(scores: Steps, share: float) -> int:
    wanted, count = share * sum(each.count for each in scores), 0
    for each in scores:
        count += each.count
        if count >= wanted:
            return each.total
    return scores[-1].total
