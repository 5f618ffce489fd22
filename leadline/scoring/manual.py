"""Points that people gave or took by hand, as part of a score: the group "manual".

They count in the total, before floor and cap, and neither for fit nor for engagement. With a
half-life they fade by the same tables as events do.
"""

from collections.abc import Sequence
from typing import cast

from leadline.criteria.sentence import plain
from leadline.criteria.snapshot import Snapshot
from leadline.criteria.span import NEVER
from leadline.lib.clock import DAY, MINUTE
from leadline.scoring import decay
from leadline.scoring.lines import Line

_ = plain  # marks a text for translation

GROUP = "manual"
RULE = _("Adjusted by hand")
FACT = "adjustments"
SINCE = "adjusted_us"
"""Names in a snapshot's facts: the adjustments that count, and when one was last made or undone."""

Adjustment = tuple[int, int, int, int | None]
"""(id, at_us, micro-points, half-life in days or None)."""


def worth(snapshot: Snapshot, at_us: int, *, day_offset_minutes: int) -> tuple[int, int, int]:
    """(micro-points, due_us, revalue_day) of all of them, as `tally.Worth` is."""
    total, due_us, day = 0, NEVER, NEVER
    for each in of(snapshot):
        _id, begins_us, _points, half_life = each
        if begins_us > at_us:
            due_us = min(due_us, begins_us)
            continue
        points = given(each, at_us, day_offset_minutes=day_offset_minutes)
        total += points
        if points and half_life is not None:
            day = (at_us + day_offset_minutes * MINUTE) // DAY + 1
    return total, due_us, day


def lines(snapshot: Snapshot, at_us: int, *, day_offset_minutes: int, index: int) -> list[Line]:
    """A line for each that gives something, in the order of their ids. Who and why stand in the
    row, which is looked up when the line is shown."""
    found = []
    for each in of(snapshot):
        points = given(each, at_us, day_offset_minutes=day_offset_minutes)
        if points:
            found.append(Line(RULE, GROUP, points, (), RULE, index, each[0]))
    return found


def given(adjustment: Adjustment, at_us: int, *, day_offset_minutes: int) -> int:
    """The micro-points that one gives at an instant; 0 before it begins and when it has faded."""
    _id, begins_us, points, half_life = adjustment
    if begins_us > at_us:
        return 0
    if half_life is None:
        return points
    offset_us = day_offset_minutes * MINUTE
    age_days = (at_us + offset_us) // DAY - (begins_us + offset_us) // DAY
    table = decay.table(points, half_life)
    return table[age_days] if age_days < len(table) else 0


def of(snapshot: Snapshot) -> Sequence[Adjustment]:
    """The adjustments that the snapshot tells of."""
    return cast("Sequence[Adjustment]", snapshot.facts.get(FACT, ()))
