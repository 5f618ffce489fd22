"""Durations of the rule language, and what "within" them means.

Two sorts, which never mix. Days and weeks count whole days cut at the workspace's fixed offset
from UTC: an event `age` days old is within N days when 0 <= age <= N, and moves only at a day
boundary. Minutes and hours are exact: an event is within N hours when 0 <= now - then < N.
"""

from dataclasses import dataclass

from leadline.criteria.errors import CriterionError
from leadline.lib import duration
from leadline.lib.clock import DAY, HOUR, MINUTE

NEVER = 2**63 - 1
"""An instant, or a day, that does not come."""

PATTERN = "^[1-9][0-9]{0,8}[mhdw]$"


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
    try:
        found = duration.parse(text if isinstance(text, str) else "")
    except duration.NotADuration:
        allowed = f"a duration like 30m, 24h, 7d or 2w, at most {duration.MAX_DAYS} days"
        raise CriterionError(path, text, allowed) from None
    return Span(micros=found.micros) if found.days is None else Span(days=found.days)


def written(span: Span) -> str:
    """The one way this span is written: hours when they are whole, days rather than weeks."""
    if not span.is_exact:
        return f"{span.days}d"
    if span.micros % HOUR == 0:
        return f"{span.micros // HOUR}h"
    return f"{span.micros // MINUTE}m"


def start_of(day: int, *, day_offset_minutes: int) -> int:
    """The first instant of a fixed-offset day, in microseconds; NEVER stays NEVER."""
    return NEVER if day == NEVER else day * DAY - day_offset_minutes * MINUTE
