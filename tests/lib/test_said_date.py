"""What people type into a date field is read as they mean it, and refused when it is unclear."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import said_date
from leadline.lib.said_date import Habits, NotADate, Said

NOW = datetime(2026, 3, 10, 9, 30)  # a Tuesday


def on(month: int, day: int, hour: int | None = None, minute: int = 0, year: int = 2026) -> Said:
    return Said(date(year, month, day), None if hour is None else time(hour, minute))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("today", on(3, 10)),
        ("Tomorrow", on(3, 11)),
        ("morgen", on(3, 11)),
        ("day after tomorrow", on(3, 12)),
        ("Übermorgen", on(3, 12)),
        ("tomorrow morning", on(3, 11, 9)),
        ("morgen früh", on(3, 11, 9)),
        ("tomorrow at noon", None),
        ("tomorrow noon", on(3, 11, 12)),
        # Weekdays: the next one; today's only with a time that lies ahead.
        ("thu", on(3, 12)),
        ("tue", on(3, 17)),
        ("tue 3pm", on(3, 10, 15)),
        ("tue 9am", on(3, 17, 9)),
        ("Monday, 10:15", on(3, 16, 10, 15)),
        ("3 pm fri", on(3, 13, 15)),
        ("next tue", on(3, 17)),
        ("next friday", on(3, 20)),
        ("Mittwoch 8 Uhr", on(3, 11, 8)),
        ("nächsten Montag um 14", on(3, 16, 14)),
        ("do 16:30", on(3, 12, 16, 30)),
        # Times alone.
        ("3pm", on(3, 10, 15)),
        ("9:30", on(3, 11, 9, 30)),
        ("8am", on(3, 11, 8)),
        ("at 3", on(3, 10, 15)),
        ("um 15 Uhr", on(3, 10, 15)),
        ("12am", on(3, 11, 0)),
        ("12pm", on(3, 10, 12)),
        # Lengths.
        ("+2w", on(3, 24)),
        ("2w", on(3, 24)),
        ("in 3 days", on(3, 13)),
        ("in einer Woche", on(3, 17)),
        ("in a month", on(4, 10)),
        ("+4h", on(3, 10, 13, 30)),
        ("in 45 min", on(3, 10, 10, 15)),
        ("+1y", on(3, 10, year=2027)),
        ("next week", on(3, 17)),
        ("nächste Woche", on(3, 17)),
        ("next month", on(4, 10)),
        # Ends: the working week ends on Friday.
        ("end of week", on(3, 13)),
        ("eow", on(3, 13)),
        ("end of month", on(3, 31)),
        ("Ende des Monats", on(3, 31)),
        ("Monatsende", on(3, 31)),
        ("end of next month", on(4, 30)),
        ("end of the quarter", on(3, 31)),
        ("eoy", on(12, 31)),
        ("end of day", on(3, 10)),
        # Dates; without a year the next one to come.
        ("2026-03-14", on(3, 14)),
        ("14.3.", on(3, 14)),
        ("14.3. 15:00", on(3, 14, 15)),
        ("14.03.2027", on(3, 14, year=2027)),
        ("9.3.", on(3, 9, year=2027)),
        ("14 March", on(3, 14)),
        ("14. März", on(3, 14)),
        ("March 14th 10am", on(3, 14, 10)),
        ("jan 5", on(1, 5, year=2027)),
        ("3/14", on(3, 14)),
        ("14/3", on(3, 14)),
        ("4/4", on(4, 4)),
        ("29 feb", on(2, 29, year=2028)),
    ],
)
def test_a_date_is_read_as_it_is_meant(text: str, meant: Said | None) -> None:
    if meant is None:
        with pytest.raises(NotADate):
            said_date.read(text, now=NOW)
        return
    assert said_date.read(text, now=NOW) == meant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "unclear"),
        ("soon", "unclear"),
        ("31 feb", "unclear"),
        ("30.2.2027", "unclear"),
        ("25:00", "unclear"),
        ("13pm", "unclear"),
        ("tue tue", "unclear"),
        ("5", "unclear"),
        ("x" * 500, "unclear"),
        ("3/4", "ambiguous"),
        ("2026-03-09", "past"),
        ("today 8am", "past"),
        ("2039-01-01", "far"),
        ("+99y", "far"),
        ("+9999y", "far"),
    ],
)
def test_what_is_unclear_or_cannot_be_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(NotADate) as refused:
        said_date.read(text, now=NOW)
    assert refused.value.why == why


@pytest.mark.parametrize(
    ("text", "is_month_first", "meant"),
    [
        ("3/4", False, on(4, 3)),
        ("3/4", True, on(3, 4, year=2027)),  # the fourth of March has passed
        ("4/3/26", True, on(4, 3)),
        ("3/4 15:00", False, on(4, 3, 15)),
        # Clear whatever one is used to.
        ("3/14", False, on(3, 14)),
        ("14/3", True, on(3, 14)),
        ("5/5", None, on(5, 5)),
    ],
)
def test_who_has_said_which_comes_first_may_write_slashes(
    text: str, is_month_first: bool | None, meant: Said
) -> None:
    assert said_date.read(text, now=NOW, habits=Habits(is_month_first)) == meant


def test_the_last_of_january_and_a_month_is_the_last_of_february() -> None:
    said = said_date.read("in 1 month", now=datetime(2026, 1, 31, 12))
    assert said.day == date(2026, 2, 28)


def test_on_a_weekend_the_end_of_the_week_is_the_next_friday() -> None:
    assert said_date.read("end of week", now=datetime(2026, 3, 14, 12)).day == date(2026, 3, 20)


MONDAY, SATURDAY, SUNDAY = (Habits(week_start=day) for day in (0, 5, 6))


@pytest.mark.parametrize(
    ("text", "now", "habits", "meant"),
    [
        # Sunday 15 March begins one person's week and ends the other's.
        ("next monday", on(3, 15), MONDAY, on(3, 16)),
        ("next monday", on(3, 15), SUNDAY, on(3, 23)),
        ("nächsten Sonntag", on(3, 10), MONDAY, on(3, 22)),
        ("next sunday", on(3, 10), SUNDAY, on(3, 15)),
        ("end of next week", on(3, 15), MONDAY, on(3, 20)),
        ("end of next week", on(3, 15), SUNDAY, on(3, 27)),
        ("start of next week", on(3, 10), MONDAY, on(3, 16)),
        ("beginning of next week", on(3, 10), SUNDAY, on(3, 15)),
        ("Anfang nächster Woche", on(3, 10), SATURDAY, on(3, 14)),
        # By the last day of work; after it by the last day of all.
        ("this week", on(3, 10), SUNDAY, on(3, 13)),
        ("diese Woche", on(3, 14), MONDAY, on(3, 15)),
        ("this week", on(3, 14), SUNDAY, on(3, 14)),
        ("this week", on(3, 10), SATURDAY, on(3, 12)),
        ("this week", on(3, 13), SATURDAY, on(3, 13)),
        ("end of week", on(3, 15), SUNDAY, on(3, 20)),
        # A week from now is one, whenever it begins.
        ("next week", on(3, 10), SUNDAY, on(3, 17)),
    ],
)
def test_a_week_begins_when_the_writers_does(
    text: str, now: Said, habits: Habits, meant: Said
) -> None:
    noon = datetime.combine(now.day, time(12))
    assert said_date.read(text, now=noon, habits=habits) == meant


@pytest.mark.parametrize(
    ("text", "fiscal_month", "meant"),
    [
        ("this month", 4, on(3, 31)),
        ("this quarter", 1, on(3, 31)),
        ("this quarter", 4, on(3, 31)),  # January to March, the fourth of that year
        ("dieses Quartal", 2, on(4, 30)),  # February to April
        ("end of the quarter", 3, on(5, 31)),
        ("next quarter", 4, on(4, 1)),
        ("nächstes Quartal", 2, on(5, 1)),
        ("end of next quarter", 2, on(7, 31)),
        ("this year", 4, on(12, 31)),
        ("this fiscal year", 1, on(12, 31)),
        ("this fiscal year", 4, on(3, 31)),
        ("Ende des Geschäftsjahres", 4, on(3, 31)),
        ("next fiscal year", 4, on(4, 1)),
        ("end of next fiscal year", 4, on(3, 31, year=2027)),
        ("eofy", 7, on(6, 30)),
        ("q4", 4, on(3, 31)),
        ("end of q1", 1, on(3, 31)),
        ("end of q1", 4, on(6, 30, year=2026)),  # the one that has passed was in June 2025
        ("start of q1", 4, on(4, 1)),
        ("Anfang Q2", 4, on(7, 1)),
        ("start of quarter", 1, on(4, 1)),
        ("start of next month", 4, on(4, 1)),
    ],
)
def test_quarters_are_those_of_the_fiscal_year(text: str, fiscal_month: int, meant: Said) -> None:
    assert said_date.read(text, now=NOW, habits=Habits(fiscal_month=fiscal_month)) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("yesterday", date(2026, 3, 9)),
        ("fri", date(2026, 3, 13)),
        ("+2w", date(2026, 3, 24)),
        ("in 3 days", date(2026, 3, 13)),
        ("14.3.1985", date(1985, 3, 14)),
        ("2025-12-25", date(2025, 12, 25)),
    ],
)
def test_a_day_may_have_passed(text: str, meant: date) -> None:
    assert said_date.read_day(text, now=NOW) == meant


@pytest.mark.parametrize("text", ["fri 3pm", "3pm", "+4h", "tomorrow morning"])
def test_a_day_with_a_time_is_no_day(text: str) -> None:
    with pytest.raises(NotADate) as refused:
        said_date.read_day(text, now=NOW)
    assert refused.value.why == "timed"


HABITS = st.builds(
    Habits, st.sampled_from([None, True, False]), st.sampled_from([0, 5, 6]), st.integers(1, 12)
)
PERIODS = st.sampled_from(["week", "month", "quarter", "fiscal year", "year"])


@given(
    st.sampled_from(["this", "end of", "end of next", "start of", "start of next"]),
    PERIODS,
    HABITS,
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
)
def test_a_period_begins_or_ends_today_or_later(
    edge: str, period: str, habits: Habits, now: datetime
) -> None:
    said = said_date.read(f"{edge} {period}", now=now, habits=habits)
    assert now.date() <= said.day < now.date() + 2 * timedelta(days=367)


@given(st.text(alphabet="0123456789 .:/+-adehimnoprtuwy", max_size=24))
def test_whatever_is_typed_is_read_as_a_day_to_come_or_refused(text: str) -> None:
    try:
        said = said_date.read(text, now=NOW)
    except NotADate:
        return
    assert NOW.date() <= said.day <= NOW.date() + said_date.FARTHEST
