"""Durations of the rule language, and what "within" them means.

Two sorts, which never mix. Days and weeks count whole days cut at the workspace's fixed offset
from UTC: an event `age` days old is within N days when 0 <= age <= N, and moves only at a day
boundary. Minutes and hours are exact: an event is within N hours when 0 <= now - then < N.
"""

import re
from dataclasses import dataclass

from leadline.criteria.errors import CriterionError

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MAX_DAYS = 3_650

NEVER = 2**63 - 1
"""An instant, or a day, that does not come."""

PATTERN = "^[1-9][0-9]{0,6}[mhdw]$"
_WRITTEN = re.compile(r"([1-9][0-9]{0,6})([mhdw])")


@dataclass(frozen=True, slots=True)
class Span:
    """A duration: either `days` (whole, fixed-offset) or `micros` (exact); the other is 0."""

    days: int = 0
    micros: int = 0

    @property
    def is_exact(self) -> bool:
        """Whether it is measured in microseconds rather than in whole days."""
        return self.micros > 0

    @property
    def reach_us(self) -> int:
        """Microseconds back from an instant beyond which nothing can be within the span."""
        return self.micros or (self.days + 1) * DAY


def parse(text: object, *, path: str) -> Span:
    """The span written as "30m", "24h", "7d" or "2w"; raises CriterionError at `path`."""
    match = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise CriterionError(path, text, "a duration like 30m, 24h, 7d or 2w")
    count, unit = int(match[1]), match[2]
    span = {
        "m": Span(micros=count * MINUTE),
        "h": Span(micros=count * HOUR),
        "d": Span(days=count),
        "w": Span(days=count * 7),
    }[unit]
    if span.days > MAX_DAYS or span.micros > MAX_DAYS * DAY:
        raise CriterionError(path, text, f"at most {MAX_DAYS} days")
    return span


def written(span: Span) -> str:
    """The one way this span is written: hours when they are whole, days rather than weeks."""
    if not span.is_exact:
        return f"{span.days}d"
    if span.micros % HOUR == 0:
        return f"{span.micros // HOUR}h"
    return f"{span.micros // MINUTE}m"


def day_of(instant_us: int, *, day_offset_minutes: int) -> int:
    """The number of the fixed-offset day that holds the instant (day 0 is 1970-01-01)."""
    return (instant_us + day_offset_minutes * MINUTE) // DAY


def start_of(day: int, *, day_offset_minutes: int) -> int:
    """The first instant of a fixed-offset day, in microseconds; NEVER stays NEVER."""
    return NEVER if day == NEVER else day * DAY - day_offset_minutes * MINUTE
