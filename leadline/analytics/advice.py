"""From which score on a lead is worth a call: the line that serves the user's objective best.

A lead counts once for each line, when it first comes over it; it was won when that happened
within the horizon from then. Those below a line are the leads that never came over it. So each
figure is about different people, and Wilson's and Newcombe's intervals hold as they are.

Without a limit to the calls, every line would be beaten by a higher one with two lucky leads.
So conversions per rep hour go by the lower end of the rate's interval; with a limit the line is
the one from which the calendar is full, since a call not made wins nobody.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from leadline.analytics import bands, shares
from leadline.analytics.objective import VALUE, Objective
from leadline.analytics.ranking import Steps
from leadline.analytics.shares import Interval, Share
from leadline.criteria.nodes import MICRO
from leadline.lib.refusal import Phrase
from leadline.workspace import reasons

LEAST_WON = 30
"""Conversions below which nothing is advised."""

LEAST_OVER = 30
"""Leads that must have come over a line for it to be advised."""

MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Climb:
    """How leads rose through the scores of a history.

    `reached`: every look at a lead, by its total. `held`: every look but the lead's first, by the
    lower of its total and the most it had before: what is over a line there had come over it
    before. `begun`: the looks at the first instant. `peaks`: each lead once, by the most it ever
    had, won when ever won. `working_days` lie between the first and the last instant.
    """

    reached: Steps
    held: Steps
    begun: Steps
    peaks: Steps
    working_days: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line and what it would have done. `flow`: leads that come over it on a working day, None
    where the history is too short to tell."""

    at: int
    over: Share
    below: Share
    flow: float | None


def advise(climb: Climb, objective: Objective, *, marks: Iterable[int] = ()) -> dict[str, object]:
    """The advice of a document; line None with the reason when the data cannot carry one."""
    won = sum(each.won for each in climb.peaks)
    if won < LEAST_WON:
        return none(Phrase("not enough data: %(won)s of %(least)s conversions",
                            won=won, least=LEAST_WON))  # fmt: skip
    if objective.capacity is not None and not climb.working_days:
        return none(Phrase("not enough data: the history is too short to count leads a day"))
    found = [each for each in lines(climb, marks=marks) if each.over.count >= LEAST_OVER]
    # Of equals the lowest, which serves more people, or the highest where not all can be called.
    downwards = -1 if objective.capacity is None else 1
    best = max(found, key=lambda each: (_worth(each, objective), downwards * each.at))
    if _worth(best, objective) <= 0:
        return none(Phrase("no line: a call costs more than it brings"))
    if best.below.count and shares.difference(best.over, best.below).low <= 0:
        return none(Phrase("no line: leads above and below it were won alike"))
    return _told(best, objective)


def lines(climb: Climb, *, marks: Iterable[int] = ()) -> list[Line]:
    """Every whole point (or a rounder step when there are many) from the lowest peak upwards.

    Of lines that the same leads come over the highest: it is the score that somebody had.
    """
    low, high = climb.peaks[0].total, climb.peaks[-1].total
    width = max(MICRO, bands.round_step(high - low, most=MOST_LINES))
    at = sorted({edge * width for edge in range(low // width, high // width + 1)} | set(marks))
    reached, held, begun, peaks = (
        _above(each, at) for each in (climb.reached, climb.held, climb.begun, climb.peaks)
    )
    everybody = Share(sum(s.won for s in climb.peaks), sum(s.count for s in climb.peaks))
    found: list[Line] = []
    for index, edge in enumerate(at):
        over = _less(reached[index], held[index])
        below = _less(everybody, peaks[index])
        if found and (found[-1].over, found[-1].below) == (over, below):
            found.pop()
        later = over.count - begun[index].count
        flow = later / climb.working_days if climb.working_days else None
        found.append(Line(edge, over, below, flow))
    return found


def _less(one: Share, other: Share) -> Share:
    return Share(one.won - other.won, one.count - other.count)


def _above(steps: Steps, at: Sequence[int]) -> list[Share]:
    """For each line: how many looks lie on or over it."""
    totals = [each.total for each in steps]
    counts = [0, *accumulate(each.count for each in steps)]
    won = [0, *accumulate(each.won for each in steps)]
    found = []
    for line in at:
        below = bisect_left(totals, line)
        found.append(Share(won[-1] - won[below], counts[-1] - counts[below]))
    return found


def _worth(line: Line, objective: Objective) -> float:
    """What is maximised. Without a limit of calls: the cautious rate, or all the money."""
    rate = line.over.rate or 0.0
    if objective.capacity is not None:
        return objective.called(line.flow or 0.0) * objective.per_lead(rate)
    if objective.kind == VALUE:
        return line.over.count * objective.per_lead(rate)
    return shares.wilson(line.over).low


def _told(line: Line, objective: Objective) -> dict[str, object]:
    rate, rates = line.over.rate or 0.0, shares.wilson(line.over)
    is_limited = objective.capacity is not None
    called = objective.called(line.flow or 0.0) if is_limited else 1.0
    [value, _] = objective.expected(called, Interval(rate, rate))
    low, high = objective.expected(called, rates)
    return {
        "line": bands.points(line.at),
        "objective": objective.kind,
        "unit": _unit(objective),
        "expected": bands.rounded(value),
        "low": bands.rounded(low),
        "high": bands.rounded(high),
        "over": _share(line.over),
        "below": _share(line.below),
        "leads_a_day": bands.rounded(line.flow),
        "sentence": reasons.of(_sentence(line, objective)),
    }


def _unit(objective: Objective) -> str:
    if objective.capacity is None:
        return "money_per_call" if objective.kind == VALUE else "conversions_per_call"
    return "money_per_day" if objective.kind == VALUE else "conversions_per_rep_hour"


def _share(share: Share) -> dict[str, object]:
    low, high = shares.wilson(share)
    return {
        "leads": share.count,
        "won": share.won,
        "rate": bands.rounded(share.rate),
        "low": bands.rounded(low),
        "high": bands.rounded(high),
    }


def _sentence(line: Line, objective: Objective) -> Phrase:
    low, high = shares.wilson(line.over)
    words = {
        "line": bands.points(line.at),
        "rate": percent(line.over.rate),
        "low": percent(low),
        "high": percent(high),
        "below": percent(line.below.rate),
    }
    if objective.capacity is not None and (line.flow or 0.0) >= objective.capacity:
        return Phrase(
            "%(reps)s reps × %(calls)s calls a day: %(line)s. Of the leads that come over it"
            " %(rate)s were won (%(low)s to %(high)s), below it %(below)s.",
            reps=objective.reps, calls=objective.calls_a_day, **words,
        )  # fmt: skip
    if not line.below.count:
        return Phrase("Call everybody: %(rate)s were won (%(low)s to %(high)s).", **words)
    return Phrase(
        "%(line)s: of the leads that come over it %(rate)s were won (%(low)s to %(high)s),"
        " below it %(below)s.",
        **words,
    )


def percent(rate: float | None) -> str:
    """A share as a person reads it."""
    return "–" if rate is None else f"{rate * 100:.0f} %"


def none(phrase: Phrase) -> dict[str, object]:
    """No line, and why."""
    return {"line": None, "sentence": reasons.of(phrase)}
