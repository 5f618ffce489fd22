"""The instants of a backtest: the end of each month, as the model cuts days. Plain numbers."""

from datetime import datetime, timedelta
from typing import NamedTuple

from leadline.lib import clock
from leadline.lib.clock import DAY, MINUTE

MOST = 24
DEFAULT_HORIZON_DAYS = 90
LONGEST_HORIZON_DAYS = 1_095
WORKING_SHARE = 5 / 7


class Chosen(NamedTuple):
    """Instants in order (microseconds), and those left out because their horizon is not over."""

    over: list[int]
    open: list[int]


def month_ends(first_us: int, last_us: int, *, day_offset_minutes: int) -> list[int]:
    """The last microsecond of every month from `first_us` up to `last_us`, at the fixed offset."""
    offset_us = day_offset_minutes * MINUTE
    local = clock.from_micros(first_us + offset_us)
    begin, found = _next_month(local), []
    while (end_us := clock.micros(begin) - 1 - offset_us) <= last_us:
        if end_us >= first_us:
            found.append(end_us)
        begin = _next_month(begin)
    return found


def chosen(
    first_us: int, now_us: int, *, horizon_days: int, day_offset_minutes: int, most: int = MOST
) -> Chosen:
    """The newest `most` month ends whose outcome is known, and those that are too young."""
    ends = month_ends(first_us, now_us, day_offset_minutes=day_offset_minutes)
    over = [each for each in ends if each + horizon_days * DAY <= now_us]
    return Chosen(over[-most:], ends[len(over) :])


def working_days(instants: list[int]) -> float:
    """Between the first and the last of them: five days of each week."""
    return (instants[-1] - instants[0]) / DAY * WORKING_SHARE if instants else 0.0


def _next_month(instant: datetime) -> datetime:
    first = instant.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)
