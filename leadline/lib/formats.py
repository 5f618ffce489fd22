"""How somebody writes dates, times and numbers, and the writing itself."""

from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal

WORDS, DOTS, SLASHES, MONTH_FIRST, ISO = "words", "dots", "slashes", "month_first", "iso"
TWENTY_FOUR, TWELVE = "24", "12"
_DATES = {
    DOTS: "{d:02d}.{m:02d}.{y:04d}",
    SLASHES: "{d:02d}/{m:02d}/{y:04d}",
    MONTH_FIRST: "{m:02d}/{d:02d}/{y:04d}",
    ISO: "{y:04d}-{m:02d}-{d:02d}",
}
# Between thousands, and before the decimals. The space is a narrow one that does not break.
_NUMBERS = {
    "comma_point": (",", "."),
    "point_comma": (".", ","),
    "space_comma": ("\u202f", ","),
    "apostrophe_point": ("’", "."),
}

DATES = (WORDS, *_DATES)
TIMES = (TWENTY_FOUR, TWELVE)
NUMBERS = tuple(_NUMBERS)
_FIRST_DAYS = {"monday": 0, "sunday": 6, "saturday": 5}
WEEK_STARTS = tuple(_FIRST_DAYS)


@dataclass(frozen=True, slots=True)
class Formats:
    """One of `DATES`, of `TIMES`, of `NUMBERS`, of `WEEK_STARTS`."""

    date: str = WORDS
    time: str = TWENTY_FOUR
    number: str = "comma_point"
    week_start: str = "monday"

    @property
    def first_day(self) -> int:
        """The day on which a week begins; Monday is 0."""
        return _FIRST_DAYS[self.week_start]


_OF_LANGUAGE = {"de": Formats(number="point_comma")}
_SLOTS = {"date": DATES, "time": TIMES, "number": NUMBERS, "week_start": WEEK_STARTS}


def of_language(language: str, **chosen: str) -> Formats:
    """What is usual where the language is spoken, but for what was chosen; "" chooses nothing."""
    usual = _OF_LANGUAGE.get(language.partition("-")[0], Formats())
    kept = {name: value for name, value in chosen.items() if value in _SLOTS[name]}
    return replace(usual, **kept)


def number(value: int | Decimal, of: Formats, *, places: int = 0) -> str:
    """The value with its thousands apart and this many decimals; a real minus sign is not used,
    because numbers are copied into other programs."""
    between, before = _NUMBERS[of.number]
    written = f"{value:,.{places}f}"
    return written.translate({ord(","): between, ord("."): before})


def numeric_date(day: date, of: Formats) -> str | None:
    """ "10.03.2026"; None when the person wants the month in words, which need a language."""
    pattern = _DATES.get(of.date)
    return pattern and pattern.format(d=day.day, m=day.month, y=day.year)


def time_of_day(at: time, of: Formats) -> str:
    """ "15:05" or "3:05 pm"."""
    if of.time == TWENTY_FOUR:
        return f"{at:%H:%M}"
    return f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"
