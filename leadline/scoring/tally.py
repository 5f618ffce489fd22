"""The score of a lead: a pure function of model, snapshot and instant.

`total_only` is the path of every pass, `score` adds the lines that explain it. Both add up the
same numbers, so the points of the lines are the total, always.
"""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from leadline.criteria.evaluate import compile_node, leaver, when
from leadline.criteria.occurrences import finder
from leadline.criteria.sentence import Translate, plain
from leadline.criteria.snapshot import Snapshot
from leadline.criteria.span import NEVER, start_of
from leadline.lib.clock import DAY, MINUTE
from leadline.scoring import decay, manual
from leadline.scoring.lines import Line, explainers, limit
from leadline.scoring.rules import EachRule, FirstOfRule, Model, Rule, WhenRule, reach

Worth = tuple[int, int, int]
"""(micro-points, due_us, revalue_day) of one rule; NEVER where nothing changes by itself."""

Weigh = Callable[[Snapshot, int], Worth]
"""(snapshot, at_us) → Worth."""


class Score(msgspec.Struct, frozen=True):
    """Micro-points at an instant, and when they can change without new facts.

    `due_us`: the earliest such instant within a day (exact windows, events still to come).
    `revalue_day`: the earliest fixed-offset day at whose start it can change (whole-day windows,
    fading points). `until_us`: the earlier of the two. None: never. `lines` is empty where it was
    not asked for; otherwise the points of the lines add up to `total`. `manual` is what people
    gave or took by hand.
    """

    total: int
    fit: int
    engagement: int
    until_us: int | None
    due_us: int | None
    revalue_day: int | None
    lines: tuple[Line, ...] = ()
    manual: int = 0


def total_only(model: Model, snapshot: Snapshot, at_us: int) -> Score:
    """The score without its lines."""
    return added(model, worths(model, snapshot, at_us))


def score(model: Model, snapshot: Snapshot, at_us: int, *, translate: Translate = plain) -> Score:
    """The score with a line for every rule and every person that gave or took points.

    When floor or cap clips the total, a last line says so and carries the difference.
    """
    return explained(model, snapshot, at_us, worths(model, snapshot, at_us), translate=translate)


def worths(model: Model, snapshot: Snapshot, at_us: int) -> list[Worth]:
    """What each rule gives, fit first, then what people gave: `added` and `explained` make a score
    of it."""
    found = [weigh(snapshot, at_us) for weigh in _scale(model)]
    found.append(manual.worth(snapshot, at_us, day_offset_minutes=model.day_offset_minutes))
    return found


def explained(
    model: Model,
    snapshot: Snapshot,
    at_us: int,
    weighed: list[Worth],
    *,
    translate: Translate = plain,
) -> Score:
    """The score that the worths add up to, with its lines; nothing is weighed again."""
    found = added(model, weighed)
    of_rules = weighed[:-1]
    lines = [
        explainer.line(snapshot, at_us, points)
        for explainer, (points, _, _) in zip(explainers(model, translate), of_rules, strict=True)
        if points
    ]
    offset, after = model.day_offset_minutes, len(of_rules)
    lines += manual.lines(snapshot, at_us, day_offset_minutes=offset, index=after)
    clipped = found.total - found.fit - found.engagement - found.manual
    if clipped:
        lines.append(limit(clipped, found.total, index=after, translate=translate))
    return msgspec.structs.replace(found, lines=tuple(lines))


def added(model: Model, weighed: list[Worth]) -> Score:
    """The score that the worths add up to, without lines."""
    points, dues_us, days = zip(*weighed, strict=True)
    fit, by_hand = sum(points[: len(model.fit)]), points[-1]
    engagement = sum(points) - fit - by_hand
    due_us, day = min(dues_us), min(days)
    until_us = min(due_us, start_of(day, day_offset_minutes=model.day_offset_minutes))
    total = _clipped(fit + engagement + by_hand, low=model.floor_micro, high=model.cap_micro)
    return Score(total, fit, engagement, when(until_us), when(due_us), when(day), manual=by_hand)


@lru_cache(maxsize=64)
def _scale(model: Model) -> tuple[Weigh, ...]:
    """One function per rule, fit first."""
    return tuple(_weigh(rule, model.day_offset_minutes) for _, rule in model.grouped)


def _weigh(rule: Rule, offset: int) -> Weigh:
    if isinstance(rule, WhenRule):
        return _weigh_when(rule, offset)
    if isinstance(rule, FirstOfRule):
        return _weigh_first_of(rule, offset)
    return _weigh_each(rule, offset) if rule.half_life_days is None else _weigh_fading(rule, offset)


def _weigh_when(rule: WhenRule, offset: int) -> Weigh:
    check, points = compile_node(rule.when, day_offset_minutes=offset), rule.points_micro

    def weigh(snapshot: Snapshot, at_us: int) -> Worth:
        holds, due_us, day = check(snapshot, at_us)
        return points if holds else 0, due_us, day

    return weigh


def _weigh_first_of(rule: FirstOfRule, offset: int) -> Weigh:
    bands = [
        (compile_node(band.when, day_offset_minutes=offset), band.points_micro)
        for band in rule.bands
    ]

    def weigh(snapshot: Snapshot, at_us: int) -> Worth:
        due_us = day = NEVER
        for check, points in bands:
            holds, band_due_us, band_day = check(snapshot, at_us)
            due_us = band_due_us if band_due_us < due_us else due_us
            day = band_day if band_day < day else day
            if holds:
                return points, due_us, day
        return 0, due_us, day

    return weigh


def _weigh_each(rule: EachRule, offset: int) -> Weigh:
    """Looks at no more events than reach the cap: while those stay, so does the sum."""
    find = finder(rule.acts, rule.within, day_offset_minutes=offset)
    leaving, points, cap = leaver(rule.within, offset), rule.points_micro, rule.cap_micro
    enough = 0 if cap is None else -(-cap // points)

    def weigh(snapshot: Snapshot, at_us: int) -> Worth:
        found, coming_us = find(snapshot, at_us, enough)
        if not found:
            return 0, coming_us, NEVER
        due_us, day = leaving(found[-1].occurred_us)
        given = _capped(len(found) * points, cap)
        return given, due_us if due_us < coming_us else coming_us, day

    return weigh


def _weigh_fading(rule: EachRule, offset: int) -> Weigh:
    """Changes at the next day boundary as long as any event still gives points."""
    span = reach(rule)
    find, leaving = finder(rule.acts, span, day_offset_minutes=offset), leaver(span, offset)
    table = decay.table(rule.points_micro, rule.half_life_days or 1)
    end, cap, offset_us = len(table), rule.cap_micro, offset * MINUTE

    def weigh(snapshot: Snapshot, at_us: int) -> Worth:
        found, coming_us = find(snapshot, at_us, 0)
        if not found:
            return 0, coming_us, NEVER
        today = (at_us + offset_us) // DAY
        total = 0
        for event in found:
            age = today - (event.occurred_us + offset_us) // DAY
            if age < end:  # an exact window may be longer than the table
                total += table[age]
        due_us, _ = leaving(found[-1].occurred_us)
        given = _capped(total, cap)
        return given, due_us if due_us < coming_us else coming_us, today + 1

    return weigh


def _capped(points: int, cap: int | None) -> int:
    if cap is None:
        return points
    return min(points, cap) if cap > 0 else max(points, cap)


def _clipped(points: int, *, low: int | None, high: int | None) -> int:
    if low is not None and points < low:
        return low
    return high if high is not None and points > high else points
