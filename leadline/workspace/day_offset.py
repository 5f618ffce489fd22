"""The fixed offset at which days are cut for scoring: the workspace zone's standard time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadline.lib.refusal import Phrase, Refused, shown


class NotATimeZone(Refused):
    """A name that is no IANA time zone, such as `Europe/Berlin`."""


def standard(zone: str, *, at: datetime) -> int:
    """Whole minutes east of UTC of the zone's standard time in the year of `at`.

    The smallest offset of the year's months, so that it does not matter which half of the year is
    called summer time (Dublin and Casablanca call it differently from the rest). Raises
    NotATimeZone.
    """
    try:
        found = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotATimeZone(
            Phrase("“%(zone)s” is not a time zone; write one like Europe/Berlin", zone=shown(zone))
        ) from None
    firsts = (datetime(at.year, month, 1, tzinfo=UTC).astimezone(found) for month in range(1, 13))
    return min((first.utcoffset() or timedelta()) // timedelta(minutes=1) for first in firsts)
