"""Arithmetic of business hours: deadlines in working time, exact across changes of the clocks.

The definition, from which everything follows: an instant is open when the wall clock of the
calendar's zone at that instant stands inside one of the day's intervals (start included, end
not) and the day is no holiday. An hour that the spring change skips has no instants and so no
working time; an hour that the autumn change repeats has them twice. Instants are integer
microseconds since 1970 UTC.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from leadline.lib import clock
from leadline.lib.clock import DAY, HOUR, MINUTE, SECOND
from leadline.lib.refusal import Phrase, Refused, shown

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON_DAYS = 3_660
"""A calendar that is closed for ten years on end is a mistake, not a calendar."""

MOST_INTERVALS = 12
_MOST_HOLIDAYS = 2_000
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

Span = tuple[int, int]
"""Start and end; the end does not belong to it."""


class NotHours(Refused):
    """Business hours that make no sense. `path` points into what was given."""

    def __init__(self, path: str, because: Phrase) -> None:
        super().__init__(because, message=f"{path}: {because}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody answers. `week` has seven tuples, Monday first, of spans in minutes of the
    day, ordered and apart; `holidays` are ordinals of local dates."""

    zone: str
    week: tuple[tuple[Span, ...], ...]
    holidays: frozenset[int] = frozenset()


def parse(
    zone: str, *, week: Mapping[str, Sequence[Sequence[str]]], holidays: Sequence[str] = ()
) -> Hours:
    """Hours from how people write them: `{"mon": [["09:00", "12:30"], ["13:30", "18:00"]]}`.

    A day left out is closed; a day ends at "24:00", and a night shift is two intervals. Holidays
    are dates like "2026-12-25". Raises NotHours for an unknown zone or day, intervals that
    overlap or run backwards, and a week without a single opening.
    """
    named_zone(zone)
    for day in week:
        if day not in WEEKDAYS:
            raise NotHours(
                f"hours/{day}", Phrase("a day is one of %(days)s", days=", ".join(WEEKDAYS))
            )
    spans = tuple(_day(week.get(day, ()), path=f"hours/{day}") for day in WEEKDAYS)
    if not any(spans):
        raise NotHours("hours", Phrase("there is no opening in the whole week"))
    if len(holidays) > _MOST_HOLIDAYS:
        raise NotHours("holidays", Phrase("at most %(limit)s days off", limit=_MOST_HOLIDAYS))
    return Hours(zone, spans, frozenset(_holiday(d, i) for i, d in enumerate(holidays)))


def named_zone(name: str) -> ZoneInfo:
    """The time zone of this name, for example "Europe/Berlin"; raises NotHours for others."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        raise NotHours(
            "time_zone",
            Phrase(
                "“%(zone)s” is not a time zone; write one like Europe/Berlin", zone=shown(str(name))
            ),
        ) from None


def is_open(hours: Hours, at_us: int) -> bool:
    """Whether the instant is working time."""
    return any(start <= at_us < end for start, end in _openings(hours, at_us // DAY))


def is_working_day(hours: Hours, on: date) -> bool:
    """Whether anybody works on this date, by the week and the holidays."""
    return bool(hours.week[on.weekday()]) and on.toordinal() not in hours.holidays


def next_opening(hours: Hours, at_us: int) -> int:
    """The instant itself while open, else the next start of working time.

    Raises NotHours when that is more than ten years away.
    """
    start, _ = next(_openings_from(hours, at_us))
    return start


def add_working(hours: Hours, start_us: int, *, minutes: int) -> int:
    """The instant at which `minutes` (>= 0) of working time have passed since `start_us`.

    A deadline that falls on closing time is closing time, not the next morning. Without minutes
    it is `start_us`. Raises NotHours when the deadline is more than ten years away.
    """
    return _after(hours, start_us, minutes * MINUTE)


def postpone(hours: Hours, due_us: int, *, from_us: int, to_us: int) -> int:
    """A deadline after a pause: as much working time after `to_us` as it lay after `from_us`.

    What had run out before the pause stays where it is, and no pause brings a deadline forward
    (it could, had the hours been changed meanwhile). Raises NotHours as `add_working`.
    """
    if due_us <= from_us:
        return due_us
    return max(due_us, _after(hours, to_us, worked_us(hours, from_us, due_us)))


def _after(hours: Hours, start_us: int, left_us: int) -> int:
    """The instant at which `left_us` of working time have passed since `start_us`."""
    if left_us <= 0:
        return start_us
    for start, end in _openings_from(hours, start_us):
        if left_us <= end - start:
            return start + left_us
        left_us -= end - start
    raise AssertionError("unreachable: the openings end with NotHours")


def subtract_working(hours: Hours, end_us: int, *, minutes: int) -> int:
    """The instant from which `minutes` (>= 0) of working time pass until `end_us`.

    Without minutes it is `end_us` while open, else the last closing time before it. Raises NotHours
    when there was not so much working time in the last ten years.
    """
    left_us = minutes * MINUTE
    last = end_us // DAY
    for day in range(last, last - HORIZON_DAYS, -1):
        for start, end in reversed(_openings(hours, day)):
            span_us = min(end, end_us) - start
            if 0 <= left_us <= span_us:
                return start + span_us - left_us
            left_us -= max(0, span_us)
    raise NotHours("hours", Phrase("no beginning within %(days)s days", days=HORIZON_DAYS))


def worked_us(hours: Hours, start_us: int, end_us: int) -> int:
    """Working time between two instants in microseconds; 0 when they are the wrong way round."""
    return sum(
        max(0, min(end, end_us) - max(start, start_us))
        for day in range(start_us // DAY, (end_us - 1) // DAY + 1)
        for start, end in _openings(hours, day)
    )


def worked_minutes(hours: Hours, start_us: int, end_us: int) -> int:
    """Whole minutes of working time between two instants, rounded down."""
    return worked_us(hours, start_us, end_us) // MINUTE


def _openings_from(hours: Hours, at_us: int) -> Iterator[Span]:
    first = at_us // DAY
    for day in range(first, first + HORIZON_DAYS):
        for start, end in _openings(hours, day):
            if end > at_us:
                yield max(start, at_us), end
    raise NotHours(
        "hours",
        Phrase("no end within %(days)s days: too many holidays, too few hours", days=HORIZON_DAYS),
    )


@lru_cache(maxsize=4_096)
def _openings(hours: Hours, utc_day: int) -> tuple[Span, ...]:
    """Working time of one UTC day (number since 1970), ordered.

    UTC days and not local ones: local days can overlap (a zone that goes back at one minute past
    midnight) or be missing (Samoa had no 30 December 2011).
    """
    return tuple(
        (max(from_us, wall_start - offset_us), min(to_us, wall_end - offset_us))
        for from_us, to_us, offset_us in _offsets(hours.zone, utc_day)
        for wall_start, wall_end in _wall(hours, from_us + offset_us, to_us + offset_us)
    )


def _wall(hours: Hours, from_us: int, to_us: int) -> Iterator[Span]:
    """The intervals that touch this stretch of wall-clock time, itself in microseconds."""
    for day in range(from_us // DAY, (to_us - 1) // DAY + 1):
        ordinal = day + _EPOCH_ORDINAL
        if ordinal in hours.holidays:
            continue
        # 1970-01-01 was a Thursday.
        for start, end in hours.week[(day + 3) % 7]:
            start_us, end_us = day * DAY + start * MINUTE, day * DAY + end * MINUTE
            if start_us < to_us and end_us > from_us:
                yield start_us, end_us


def _offsets(zone: str, utc_day: int) -> list[tuple[int, int, int]]:
    """The UTC day cut where the zone's offset changes: (from, to, offset), microseconds."""
    info = ZoneInfo(zone)
    start_us, end_us = utc_day * DAY, (utc_day + 1) * DAY
    pieces, from_us, offset_us = [], start_us, _offset(info, start_us)
    for hour_us in range(start_us + HOUR, end_us + HOUR, HOUR):
        if _offset(info, hour_us) != offset_us:
            change_us = _change(info, hour_us - HOUR, hour_us)
            if change_us < end_us:
                pieces.append((from_us, change_us, offset_us))
                from_us, offset_us = change_us, _offset(info, change_us)
    return [piece for piece in [*pieces, (from_us, end_us, offset_us)] if piece[0] < piece[1]]


def _change(info: ZoneInfo, before_us: int, after_us: int) -> int:
    """The first instant with the later offset; zones change at whole seconds."""
    offset_us = _offset(info, before_us)
    while after_us - before_us > SECOND:
        middle_us = before_us + (after_us - before_us) // 2 // SECOND * SECOND
        if _offset(info, middle_us) == offset_us:
            before_us = middle_us
        else:
            after_us = middle_us
    return after_us


def _offset(info: ZoneInfo, at_us: int) -> int:
    offset = clock.from_micros(at_us).astimezone(info).utcoffset()
    assert offset is not None  # an aware datetime has one
    return (offset.days * 86_400 + offset.seconds) * SECOND


def _day(intervals: Sequence[Sequence[str]], *, path: str) -> tuple[Span, ...]:
    if isinstance(intervals, str) or len(intervals) > MOST_INTERVALS:
        raise NotHours(path, Phrase("a list of at most %(limit)s intervals", limit=MOST_INTERVALS))
    spans = []
    for place, interval in enumerate(intervals):
        if isinstance(interval, str) or len(interval) != 2:
            raise NotHours(f"{path}/{place}", Phrase('an interval is ["09:00", "17:30"]'))
        start, end = (_minute(text, path=f"{path}/{place}") for text in interval)
        if start >= end:
            raise NotHours(
                f"{path}/{place}",
                Phrase(
                    "%(start)s is not before %(end)s; cut a night shift at 24:00",
                    start=interval[0],
                    end=interval[1],
                ),
            )
        spans.append((start, end))
    spans.sort()
    for (_, earlier_end), (later_start, _) in pairwise(spans):
        if later_start < earlier_end:
            raise NotHours(path, Phrase("two intervals overlap"))
    return tuple(spans)


def _minute(text: object, *, path: str) -> int:
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise NotHours(
            path,
            Phrase("“%(time)s” is not a time between 00:00 and 24:00", time=shown(str(text))),
        )
    return int(match[1]) * 60 + int(match[2]) if match[1] else 24 * 60


def _holiday(text: object, place: int) -> int:
    try:
        if isinstance(text, str) and _DATE.fullmatch(text):
            return date.fromisoformat(text).toordinal()
    except ValueError:
        pass
    raise NotHours(
        f"holidays/{place}",
        Phrase("“%(day)s” is not a date like 2026-12-25", day=shown(str(text))),
    )
