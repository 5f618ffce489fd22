"""Dates as people say them: "tue 3pm", "+2w", "end of month", "14.3.", "morgen 15 Uhr".

Plain arithmetic on the wall clock of whoever writes; the caller knows the zone, on which day their
week begins and in which month the workspace's fiscal year. English and German words are read alike,
whatever language the reader has chosen: nobody thinks of that while typing.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from leadline.lib.text import fold

LONGEST_TEXT = 60
FARTHEST = timedelta(days=5 * 366)
Why = Literal["unclear", "ambiguous", "timed", "past", "far"]
Reading = Callable[[re.Match[str], "_Asked"], date]

_WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_GERMAN_WEEKDAYS = {"di": 1, "mi": 2, "do": 3, "so": 6}
_WEEKDAY = (
    r"(mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|mo|di|mi|do|fr|sa|so|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov",
         "dec dez"), start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = rf"((?:{'|'.join(_MONTHS)})[a-z]*)\.?"
_NEXT = r"(?:next|nachste[nrs]?|kommende[nrs]?)"
_THIS = r"(?:this|diese[nrs]?)"
_QUARTER, _FISCAL_YEAR = r"quarter|quartals?", r"fiscal year|fy|geschaftsjahre?s?"
_PERIOD = (
    r"(?:(?P<week>week|woche)|(?P<month>month|monate?s?)"
    rf"|(?P<quarter>{_QUARTER})|(?P<fiscal>{_FISCAL_YEAR})|(?P<year>year|jahre?s?))"
)
_FISCAL = re.compile(r"quart|fiscal|\bfy|geschafts|eoq|eofy|\bq[1-4]")
_OF_THE = r"(?:the |der |des |dem )?"
_UNITS = {
    "day": r"d|days?|t|tage?n?",
    "week": r"w|wks?|weeks?|wochen?",
    "month": r"mo|mths?|months?|monate?n?",
    "year": r"y|yrs?|years?|j|jahre?n?",
    "hour": r"h|hrs?|hours?|std|stunden?",
    "minute": r"min|mins|minutes?|minuten?",
}
_UNIT = "|".join(f"(?P<{name}>{words})" for name, words in _UNITS.items())
_PARTS = {
    "morning": 9, "fruh": 9, "vormittag": 9, "vormittags": 9, "noon": 12, "mittag": 12,
    "mittags": 12, "afternoon": 14, "nachmittag": 14, "nachmittags": 14, "evening": 18,
    "abend": 18, "abends": 18,
}  # fmt: skip
_CLOCK = re.compile(
    r"(?:^|(?<=\s))(?:(?P<at>at|um|@)\s*)?(?P<hour>\d{1,2})"
    r"(?:[:.](?P<minute>\d\d))?\s*(?P<half>am|pm|uhr|h)?(?=\s|$)"
)
_PART = re.compile(rf"(?:^|(?<=\s))(?:in the |am )?({'|'.join(_PARTS)})(?=\s|$)")


class NotADate(ValueError):
    """A text that names no day that a person could mean. `why` says what is wrong with it."""

    permanent = True

    def __init__(self, found: str, why: Why) -> None:
        super().__init__(f"{found[:LONGEST_TEXT]!r} is not a date to come: {why}")
        self.why = why


@dataclass(frozen=True, slots=True)
class Habits:
    """How the writer counts.

    `is_month_first` is how they read "3/4", None where that is not known: then it is ambiguous.
    `week_start` is the day on which their week begins, Monday is 0; `fiscal_month` the month in
    which the fiscal year begins, 1 to 12: quarters are those of that year.
    """

    is_month_first: bool | None = None
    week_start: int = 0
    fiscal_month: int = 1


USUAL = Habits()


@dataclass(frozen=True, slots=True)
class Said:
    """A day, and the time of day if one was said, by the wall clock of whoever said it."""

    day: date
    at: time | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """When and by whom: the wall clock, the time of day said in the other half of the text."""

    now: datetime
    at: time | None
    habits: Habits

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def week_began(self) -> date:
        return self.today - timedelta(days=(self.today.weekday() - self.habits.week_start) % 7)


def read(text: str, *, now: datetime, habits: Habits = USUAL) -> Said:
    """What the text means at `now`, a wall-clock time; only its date and time are looked at.

    "tue" is the next Tuesday; a time alone is today's, or tomorrow's once it has passed; "this
    month" is its last day, "end of week" the last day of work in it. Raises NotADate, also for
    what has passed or lies over five years ahead.
    """
    now = now.replace(tzinfo=None)
    written = _plain(text)
    said = _after(written, now) or _day_and_time(written, now, habits)
    if said is None:
        raise NotADate(text, "unclear")
    if datetime.combine(said.day, said.at or time.max) < now:
        raise NotADate(text, "past")
    if said.day > now.date() + FARTHEST:
        raise NotADate(text, "far")
    return said


def read_day(text: str, *, now: datetime, habits: Habits = USUAL) -> date:
    """The day that the text means, also one that has passed: a day off of last year is one.

    Without a year it is the next one to come. Raises NotADate, also for a day with a time of day.
    """
    now = now.replace(tzinfo=None)
    written = _plain(text)
    day = _day(written, _Asked(now, None, habits))
    if day is not None:
        return day
    said = _after(written, now) or _day_and_time(written, now, habits)
    if said is None:
        raise NotADate(text, "unclear")
    if said.at is not None:
        raise NotADate(text, "timed")
    return said.day


def is_fiscal(text: str) -> bool:
    """Whether the text may name a quarter or a fiscal year; of any other the month of the habits
    says nothing."""
    return _FISCAL.search(fold(text[: LONGEST_TEXT + 1])) is not None


def _plain(text: str) -> str:
    """The text without capitals, accents and commas; raises NotADate for nothing or too much."""
    written = " ".join(fold(text[: LONGEST_TEXT + 1]).replace(",", " ").split())
    if not written or len(written) > LONGEST_TEXT:
        raise NotADate(text, "unclear")
    return written


def _after(written: str, now: datetime) -> Said | None:
    """ "+2w", "in 3 days", "4 h": a length from now."""
    found = re.fullmatch(rf"(?:\+|in )?\s*(?P<n>\d{{1,4}}|an?|einer?|einem)\s*(?:{_UNIT})", written)
    if found is None:
        return None
    count = int(found["n"]) if found["n"].isdecimal() else 1
    unit = next(name for name in _UNITS if found[name])
    if unit in ("hour", "minute"):
        at = now + timedelta(minutes=count * (60 if unit == "hour" else 1))
        return Said(at.date(), time(at.hour, at.minute))
    if unit in ("day", "week"):
        return Said(now.date() + timedelta(days=count * (7 if unit == "week" else 1)))
    return Said(_months_on(now.date(), count * (12 if unit == "year" else 1), written))


def _day_and_time(written: str, now: datetime, habits: Habits) -> Said | None:
    """The day in one half of the text, the time of day in the other; each may be missing."""
    for day_text, at in _splits(written):
        if not day_text:
            later = at is not None and datetime.combine(now.date(), at) <= now
            return Said(now.date() + timedelta(days=int(later)), at)
        day = _day(day_text, _Asked(now, at, habits))
        if day is not None:
            return Said(day, at)
    return None


def _splits(written: str) -> list[tuple[str, time | None]]:
    """Ways to read the text as (day, time), the one with all of it as a day first."""
    ways: list[tuple[str, time | None]] = [(written, None)]
    for found in (*_CLOCK.finditer(written), *_PART.finditer(written)):
        at = _time(found)
        if at is not None:
            rest = f"{written[: found.start()]} {written[found.end() :]}"
            ways.append((" ".join(rest.split()), at))
    return ways


def _time(found: re.Match[str]) -> time | None:
    if found.re is _PART:
        return time(_PARTS[found[1]])
    if not (found["at"] or found["minute"] or found["half"]):
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"] in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] == "pm" else 0)
    elif found["at"] in ("at", "@") and not found["minute"] and not found["half"] and hour < 7:
        hour += 12  # nobody calls at 3 in the night
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _day(written: str, asked: _Asked) -> date | None:
    try:
        if slashed := _SLASHED.fullmatch(written):
            return _slashed(slashed, asked)
        for pattern, read_it in _DAYS:
            if found := pattern.fullmatch(written):
                return read_it(found, asked)
    except NotADate:
        raise
    except (ValueError, OverflowError):
        raise NotADate(written, "unclear") from None
    return None


def _weekday(found: re.Match[str], asked: _Asked) -> date:
    """The next one; today's when a time of day was said that lies ahead."""
    name = found[2][:2]
    wanted = _GERMAN_WEEKDAYS[name] if name in _GERMAN_WEEKDAYS else _WEEKDAYS.index(name)
    today, at = asked.today, asked.at
    if found[1]:  # next tue: of the writer's next week
        return asked.week_began + timedelta(days=7 + (wanted - asked.habits.week_start) % 7)
    apart = (wanted - today.weekday()) % 7
    is_today = apart == 0 and at is not None and datetime.combine(today, at) > asked.now
    return today + timedelta(days=apart or (0 if is_today else 7))


def _end(found: re.Match[str], asked: _Asked) -> date:
    """The last day of the week, month, quarter or year; of the next one when said so.

    A week ends with its last day of work; once that is over, "this week" is its very last day, and
    "end of week" the next one's.
    """
    said, is_next = found.groupdict(), found.groupdict().get("next") is not None
    if said.get("day"):
        return asked.today
    if said.get("week"):
        return _end_of_week(asked, is_next=is_next, is_this=bool(said.get("this")))
    first, months = _period(said, asked)
    return _months_on(first, months * (1 + is_next), found[0]) - timedelta(days=1)


def _end_of_week(asked: _Asked, *, is_next: bool, is_this: bool) -> date:
    began = asked.week_began + timedelta(days=7 * is_next)
    # Friday; where the week begins on Saturday, that is no day of work, and it is Thursday.
    of_work = began + timedelta(days=(_LAST_OF_WORK[asked.habits.week_start] - began.weekday()) % 7)
    if of_work >= asked.today:
        return of_work
    return began + timedelta(days=6) if is_this else of_work + timedelta(days=7)


def _start(found: re.Match[str], asked: _Asked) -> date:
    """The first day of the period, the next one's when said so or when this one's has passed."""
    said = found.groupdict()
    if said.get("week"):
        first, later = asked.week_began, asked.week_began + timedelta(days=7)
    else:
        first, months = _period(said, asked)
        later = _months_on(first, months, found[0])
    return later if said.get("next") or first < asked.today else first


def _period(said: Mapping[str, str | None], asked: _Asked) -> tuple[date, int]:
    """The first day of the running month, quarter or year, and its length in months."""
    today = asked.today
    months = 1 if said.get("month") else 3 if said.get("quarter") else 12
    begins = 1 if said.get("year") else asked.habits.fiscal_month
    into = (today.month - begins) % months
    return _months_on(today.replace(day=1), -into, ""), months


def _numbered_quarter(found: re.Match[str], asked: _Asked) -> date:
    """ "q2", "end of q2", "start of q2": of the fiscal year, the next such day to come."""
    begun, _months = _period({"fiscal": "fy"}, asked)
    first = _months_on(begun, 3 * (int(found["number"]) - 1), "")
    for ahead in (0, 12):
        day = _months_on(first, ahead + (0 if found["starts"] else 3), "")
        day -= timedelta(days=0 if found["starts"] else 1)
        if day >= asked.today:
            break
    return day


def _dated(year: str | None, month: int, day: int, now: datetime) -> date:
    """The date; without a year the next one to come."""
    if year is not None:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    for ahead in range(9):  # 29 February comes at least every eighth year
        try:
            this = date(now.year + ahead, month, day)
        except ValueError:
            continue
        if this >= now.date():
            return this
    raise ValueError(day)


def _slashed(found: re.Match[str], asked: _Asked) -> date:
    """ "3/14" and "14/3" are clear; "3/4" is another day on each side of the ocean."""
    one, other = int(found[1]), int(found[2])
    is_month_first = asked.habits.is_month_first
    if one > 12 or other > 12 or one == other:
        is_month_first = one <= 12
    if is_month_first is None:
        raise NotADate(found[0], "ambiguous")
    month, day = (one, other) if is_month_first else (other, one)
    return _dated(found[3], month, day, asked.now)


def _months_on(day: date, count: int, written: str) -> date:
    """The same day of a later month, or that month's last."""
    months = day.year * 12 + day.month - 1 + count
    year, month = months // 12, months % 12 + 1
    if year > 9999:
        raise NotADate(written, "far")
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _on(days: int) -> Reading:
    return lambda found, asked: asked.today + timedelta(days=days)


_LAST_OF_WORK = {0: 4, 5: 3, 6: 4}
_SLASHED = re.compile(r"(\d\d?)/(\d\d?)(?:/(\d{4}|\d\d))?")
_YEAR = r"(?:\s*(\d{4}|\d\d))?"
_DAYS: tuple[tuple[re.Pattern[str], Reading], ...] = (
    (re.compile("today|heute"), _on(0)),
    (re.compile("tomorrow|tmrw?|morgen"), _on(1)),
    (re.compile("(?:the )?day after tomorrow|ubermorgen"), _on(2)),
    (re.compile("yesterday|gestern"), _on(-1)),
    (re.compile(rf"{_NEXT} (?:week|woche)"), _on(7)),
    (re.compile(rf"{_NEXT} (?:month|monat)"),
     lambda found, asked: _months_on(asked.today, 1, found[0])),
    (re.compile(rf"{_NEXT} (?:year|jahr)"),
     lambda found, asked: _months_on(asked.today, 12, found[0])),
    (re.compile(rf"(?:on |am |{_THIS} )?({_NEXT} )?{_WEEKDAY}\.?"), _weekday),
    (re.compile(rf"(?:by )?(?P<this>{_THIS}) {_PERIOD}"), _end),
    (re.compile(rf"(?P<next>{_NEXT}) (?:(?P<quarter>{_QUARTER})|(?P<fiscal>{_FISCAL_YEAR}))"),
     _start),
    (re.compile(
        rf"(?:end of|ende) (?:{_THIS} )?{_OF_THE}(?P<next>{_NEXT} )?"
        rf"(?:(?P<day>day|tages)|{_PERIOD})"), _end),
    (re.compile(rf"(?:(?:start|beginning) of|anfang) {_OF_THE}(?P<next>{_NEXT} )?{_PERIOD}"),
     _start),
    (re.compile(
        r"(?:end of |ende |(?P<starts>(?:start|beginning) of |anfang ))?q(?P<number>[1-4])"),
     _numbered_quarter),
    (re.compile(
        rf"(?P<next>{_NEXT} )?(?:(?P<day>eod)|(?P<week>eow)|(?P<month>eom|monatsende)"
        r"|(?P<quarter>eoq|quartalsende)|(?P<fiscal>eofy)|(?P<year>eoy|jahresende))"), _end),
    (re.compile(r"(\d{4})-(\d\d?)-(\d\d?)"),
     lambda found, asked: date(int(found[1]), int(found[2]), int(found[3]))),
    (re.compile(rf"(?:on |am )?(\d\d?)\.\s*(\d\d?)(?:\.{_YEAR})?"),
     lambda found, asked: _dated(found[3], int(found[2]), int(found[1]), asked.now)),
    (re.compile(rf"(?:on |am )?(?:the )?(\d\d?)(?:\.|st|nd|rd|th)?(?: of)? {_MONTH}{_YEAR}"),
     lambda found, asked: _dated(found[3], _MONTHS[found[2][:3]], int(found[1]), asked.now)),
    (re.compile(rf"(?:on )?{_MONTH} (?:the )?(\d\d?)(?:st|nd|rd|th)?{_YEAR}"),
     lambda found, asked: _dated(found[3], _MONTHS[found[1][:3]], int(found[2]), asked.now)),
)  # fmt: skip
