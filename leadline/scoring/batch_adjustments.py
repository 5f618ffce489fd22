"""Points that people added by hand, for every lead of a frame."""

from collections.abc import Callable

import ibis
from ibis.expr import types

from leadline.criteria import batch_rows
from leadline.criteria.batch_events import day_starts_us, whole_days
from leadline.criteria.frame import Frame
from leadline.scoring import decay

Reading = Callable[[ibis.Table], types.IntegerValue]


def added(leads: ibis.Table, frame: Frame, day_offset_minutes: int) -> tuple[ibis.Table, Reading]:
    """The leads with what was added by hand, and how to read it: micro-points, never null.

    How points fade is a literal table per pair of points and half-life. Rules name theirs; people
    do not, so the pairs there are (few: people give the same points again) are asked for first.
    """
    kept = frame.adjustments.filter(frame.adjustments.half_life_days.isnull())
    given = kept.select("lead", points_micro=kept.points_micro)
    if fading := _pairs(frame.adjustments):
        given = given.union(_faded(frame, fading, day_offset_minutes))
    sums = given.group_by(adjusted_lead=given.lead).aggregate(by_hand=given.points_micro.sum())
    table = leads.left_join(sums, leads.lead == sums.adjusted_lead)
    return table, lambda joined: joined.by_hand.fill_null(0)


def _pairs(adjustments: ibis.Table) -> list[tuple[int, int]]:
    """The (points, half-life) of what fades. Runs one query over the adjustments alone."""
    fading = adjustments.filter(adjustments.half_life_days.notnull())
    found = batch_rows.fetched(fading.select("points_micro", "half_life_days").distinct())
    return sorted((each["points_micro"], each["half_life_days"]) for each in found.to_pylist())


def _faded(frame: Frame, pairs: list[tuple[int, int]], day_offset_minutes: int) -> ibis.Table:
    """What each fading adjustment gives now; those that have faded out give nothing."""
    adjustments = frame.adjustments
    today_us = day_starts_us(frame.at_us, 0, day_offset_minutes=day_offset_minutes)
    age = whole_days(adjustments.at_us, today_us)
    branches = [
        (
            (adjustments.points_micro == points)
            & (adjustments.half_life_days == half_life)
            & (age <= decay.end_days(half_life)),
            ibis.literal(list(decay.table(points, half_life)), type="array<int64>")[age],
        )
        for points, half_life in pairs
    ]
    nothing = ibis.literal(0, type="int64")
    return adjustments.filter(adjustments.half_life_days.notnull()).select(
        "lead", points_micro=ibis.cases(*branches, else_=nothing)
    )
