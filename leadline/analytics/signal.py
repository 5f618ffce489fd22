"""Whether the score of a history says anything about who is won.

It does when even the lower end of the 99 % interval of ROC-AUC is above one half, which a score
that knows nothing reaches in about one of 200 histories (a test holds it below one in twenty). 99
rather than 95, because a draft is edited until the picture pleases: each edit is one more try.
Below ten won leads, or ten others, the interval itself is not to be believed, and nothing is said.
"""

from typing import NamedTuple

from leadline.analytics import advice
from leadline.analytics.ranking import Ranked, Spread, interval
from leadline.analytics.shares import Interval
from leadline.lib.refusal import Phrase

LEAST = 10
"""Leads that were won, and leads that were not, below which nothing is said."""

NO_OUTCOMES = Phrase("no outcomes yet")


class Signal(NamedTuple):
    """The verdict on a history; `area` is None where there is no pair to compare."""

    is_there: bool
    area: float | None
    area_range: Interval | None
    phrase: Phrase


def judged(found: Ranked, spread: Spread, *, leads: int, won: int) -> Signal:
    """The verdict; `leads` and `won` count each lead once."""
    area, around = found.area, interval(found, spread)
    if not won:
        return Signal(False, area, around, NO_OUTCOMES)
    if min(won, leads - won) < LEAST:
        return Signal(False, area, around, _too_few(leads, won))
    if area is None or around is None or around.low <= 0.5 <= around.high:
        return Signal(False, area, around, Phrase("no signal in this data"))
    if around.high < 0.5:
        words = Phrase("the wrong way round: leads with more points were won less often")
        return Signal(False, area, around, words)
    words = Phrase(
        "Of a won lead and another one, the won lead had more points in %(share)s of cases"
        " (%(low)s to %(high)s).",
        share=advice.percent(area), low=advice.percent(around.low),
        high=advice.percent(around.high),
    )  # fmt: skip
    return Signal(True, area, around, words)


def _too_few(leads: int, won: int) -> Phrase:
    if won < LEAST:
        return Phrase("not enough data: %(won)s of %(least)s conversions", won=won, least=LEAST)
    return Phrase("not enough data: %(others)s of %(least)s leads that were not won",
                  others=leads - won, least=LEAST)  # fmt: skip
