"""The score of every lead of a frame: the batch evaluator, beside `tally`.

The same integers are added up as in process, by expressions of Ibis that DuckDB and Spark run
alike: points in micro-points, fading by the literal tables of `decay`, sums that no order of
events can change. Nothing here computes a power or divides by floats.
"""

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any, TypeAlias

import ibis
from ibis.expr import types

from leadline.criteria.batch import Asking
from leadline.criteria.frame import Frame
from leadline.scoring import batch_adjustments, decay
from leadline.scoring.rules import EachRule, FirstOfRule, Model, Rule, WhenRule

Points: TypeAlias = types.IntegerValue

Worth = Callable[[ibis.Table], Points]
"""From the leads with their answers to the micro-points of one rule; never null."""


def scores(model: Model, frame: Frame) -> ibis.Table:
    """`lead`, `total`, `fit`, `engagement` (int64 micro-points), one row per lead of the frame.

    Days are cut at the model's offset. Nothing is run, but that what people added by hand is looked
    at for how it fades.
    """
    asking = Asking.of(frame, day_offset_minutes=model.day_offset_minutes)
    fit = [_worth(rule, asking) for rule in model.fit]
    engagement = [_worth(rule, asking) for rule in model.engagement]
    table, by_hand = batch_adjustments.added(asking.answered(), frame, model.day_offset_minutes)
    parts = table.select(
        "lead",
        fit=_sum(worth(table) for worth in fit),
        engagement=_sum(worth(table) for worth in engagement),
        by_hand=by_hand(table),
    )
    total = _clipped(parts.fit + parts.engagement + parts.by_hand, model)
    return parts.select("lead", total=total, fit=parts.fit, engagement=parts.engagement)


def _worth(rule: Rule, asking: Asking) -> Worth:
    if isinstance(rule, WhenRule):
        return _when(rule, asking)
    return _first_of(rule, asking) if isinstance(rule, FirstOfRule) else _each(rule, asking)


def _when(rule: WhenRule, asking: Asking) -> Worth:
    read = asking.reading(rule.when)
    return lambda table: ibis.ifelse(read(table), _micro(rule.points_micro), _micro(0))


def _first_of(rule: FirstOfRule, asking: Asking) -> Worth:
    bands = [(asking.reading(band.when), _micro(band.points_micro)) for band in rule.bands]
    return lambda table: ibis.cases(
        *[(read(table), points) for read, points in bands], else_=_micro(0)
    )


def _each(rule: EachRule, asking: Asking) -> Worth:
    """Without a half-life each event gives the same, so counting them is enough."""
    if rule.half_life_days is None:
        count = asking.questions.count(rule.acts, rule.within)
        return lambda table: _capped(table[count].fill_null(0) * rule.points_micro, rule.cap_micro)
    fading = decay.table(rule.points_micro, rule.half_life_days)
    total = asking.questions.total(rule.acts, rule.within, fading)
    return lambda table: _capped(table[total].fill_null(0), rule.cap_micro)


def _capped(points: Points, cap: int | None) -> Points:
    if cap is None:
        return points
    return ibis.least(points, _micro(cap)) if cap > 0 else ibis.greatest(points, _micro(cap))


def _clipped(points: Points, model: Model) -> Points:
    if model.cap_micro is not None:
        points = ibis.least(points, _micro(model.cap_micro))
    if model.floor_micro is not None:
        points = ibis.greatest(points, _micro(model.floor_micro))
    return points


def _sum(points: Any) -> Points:  # an iterable of Points, which ibis does not type
    found: Points = reduce(add, points, _micro(0))
    return found


def _micro(points: int) -> types.IntegerScalar:
    return ibis.literal(points, type="int64")
