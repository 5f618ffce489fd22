"""Visits of people who did not agree to be recognised: numbers a day, and nothing else."""

from collections import Counter
from collections.abc import Sequence

from leadline.capture import dropped, unpack
from leadline.capture.inbox import Row
from leadline.lib import clock

REASON = "aggregate_only"


def record(rows: Sequence[Row]) -> int:
    """Add the anonymous counts among inbox rows to the day's number; returns how many.

    They are kept where everything is that is deliberately not stored as an event. Call it in the
    transaction that takes the rows.
    """
    days = Counter(clock.local_day(each.received_us, 0) for each in unpack.counted(rows))
    for day, number in sorted(days.items()):
        dropped.count(REASON, day=day, number=number)
    return days.total()
