"""Time as the house writes it: aware UTC datetimes for people, integer microseconds for rows.

Microseconds count from 1970-01-01T00:00:00Z. Only `now` and `running` read a clock here; verbs get
their `now=` from web, api, worker, cli or flow and never call it themselves.
"""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LONGEST_WAIT = HOUR
"""Longer than anybody waits for a lock, in microseconds."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,100}))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?",
    re.ASCII,
)


class NotATime(ValueError):
    """A text or number that names no instant. Trying again cannot help."""

    permanent = True

    def __init__(self, found: object, reason: str) -> None:
        super().__init__(
            f"{str(found)[:60]!a} is not a time: {reason}."
            " Write ISO 8601, for example 2026-03-14T09:30:00Z."
        )
        self.reason = reason


def now() -> datetime:
    """The current instant, aware, UTC. Reads the system clock."""
    return datetime.now(UTC)


def running(begun: datetime) -> Callable[[], datetime]:
    """The instants of something that began at `begun` and goes on: a long job must not look at
    things as of its beginning."""
    began = time.monotonic()
    return lambda: begun + timedelta(seconds=time.monotonic() - began)


def not_before(at_us: int, known_us: int) -> int:
    """The instant of an act whose clock was read before it waited for its turn, at `at_us`.

    Whoever had the turn meanwhile has left a later instant, `known_us`: then it is that one, so
    that what was done later never stands before it. What lies further ahead than a wait can be
    long is of a clock that was wrong, and nobody goes by it.
    """
    return known_us if 0 < known_us - at_us <= LONGEST_WAIT else at_us


def micros(instant: datetime) -> int:
    """Microseconds since 1970 UTC, exact. Raises TypeError for a naive datetime."""
    since = instant - EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def from_micros(count: int) -> datetime:
    """The aware UTC datetime of `count` microseconds; NotATime outside the years 1 to 9999."""
    try:
        return EPOCH + timedelta(microseconds=count)
    except OverflowError:
        raise NotATime(count, "it lies outside the years 1 to 9999") from None


def parse_iso(text: str) -> datetime:
    """Read an ISO 8601 / RFC 3339 instant; returns an aware UTC datetime.

    Accepts a date alone (midnight), seconds left out, fractions of any length (cut after six
    digits), `Z` or a numeric offset; without an offset the time is UTC. A leap second counts as
    the first instant of the next minute. Everything else raises NotATime: 24:00, 30 February,
    the years 0 and 10000, week dates, other digits than 0-9, epoch numbers.
    """
    match = _ISO.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise NotATime(text, "it is not written as year-month-day with an optional time")
    year, month, day, hour, minute, second, fraction, _, sign, off_hours, off_minutes = (
        match.groups()
    )
    leap = second == "60" and minute == "59"
    try:
        instant = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            59 if leap else int(second or 0),
            int(fraction[:6].ljust(6, "0")) if fraction and not leap else 0,
            _zone(sign, off_hours, off_minutes) if sign else UTC,
        )
        instant = instant.astimezone(UTC) if sign else instant
        return instant + timedelta(seconds=1) if leap else instant
    except (ValueError, OverflowError) as error:
        raise NotATime(text, str(error)) from None


def _zone(sign: str, hours: str, minutes: str) -> timezone:
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("the offset must lie between -23:59 and +23:59")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def local_day(instant_micros: int, offset_minutes: int) -> int:
    """Number of the day (0 = 1970-01-01) that holds the instant at a fixed UTC offset.

    `offset_minutes` is the workspace's whole-minute offset, east positive. Days before 1970 are
    negative: the division rounds down.
    """
    return (instant_micros + offset_minutes * MINUTE) // DAY
