"""When something is due: an instant, or a whole day. Arithmetic without rows."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Due:
    """Overdue from `at` on. `on` is the day that was named, None when a time of day was."""

    at: datetime
    on: date | None = None


def on_day(day: date, *, zone: tzinfo) -> Due:
    """Due on a day: in time until that day ends in the zone."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return Due(midnight, day)
