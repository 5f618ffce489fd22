"""Deadlines in working time are right across lunch breaks, holidays and changes of the clocks."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import clock
from leadline.lib.clock import DAY, HOUR, MINUTE
from leadline.routing import hours
from leadline.routing.hours import Hours, NotHours

OFFICE = [["09:00", "17:00"]]
SPLIT = [["09:00", "12:30"], ["13:30", "18:00"]]
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")


def us(text: str, zone: str = "UTC", *, fold: int = 0) -> int:
    """The instant at which a wall clock in the zone shows `text`."""
    naive = datetime.fromisoformat(text)
    return clock.micros(naive.replace(tzinfo=ZoneInfo(zone), fold=fold))


def office(zone: str, *, day: list[list[str]] = OFFICE, holidays: tuple[str, ...] = ()) -> Hours:
    return hours.parse(zone, week=dict.fromkeys(WORKDAYS, day), holidays=holidays)


def always(zone: str) -> Hours:
    return hours.parse(zone, week={day: [["00:00", "24:00"]] for day in hours.WEEKDAYS})


BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("day", "start", "minutes", "due"),
    [
        # Inside one interval: 10:00 + 5 min.
        (OFFICE, "2026-03-10 10:00", 5, "2026-03-10 10:05"),
        # Before opening counts from 09:00.
        (OFFICE, "2026-03-10 03:00", 5, "2026-03-10 09:05"),
        # Two minutes left on Friday, three on Monday.
        (OFFICE, "2026-03-13 16:58", 5, "2026-03-16 09:03"),
        # Exactly closing time is in time, not the next morning.
        (OFFICE, "2026-03-10 16:55", 5, "2026-03-10 17:00"),
        # At closing time nothing is left of the day.
        (OFFICE, "2026-03-10 17:00", 5, "2026-03-11 09:05"),
        # Lunch: 12:28 + 2 min = 12:30, then 13:30 + 3.
        (SPLIT, "2026-03-10 12:28", 5, "2026-03-10 13:33"),
        # A request at lunch counts from 13:30.
        (SPLIT, "2026-03-10 13:00", 60, "2026-03-10 14:30"),
        # Saturday: Monday 09:00 + 8 h is Monday's whole day (3.5 + 4.5 h).
        (SPLIT, "2026-03-14 11:00", 480, "2026-03-16 18:00"),
        # Nothing to wait for.
        (OFFICE, "2026-03-14 11:00", 0, "2026-03-14 11:00"),
    ],
)
def test_a_deadline_counts_working_time_only(
    day: list[list[str]], start: str, minutes: int, due: str
) -> None:
    calendar = office(BERLIN, day=day)
    found = hours.add_working(calendar, us(start, BERLIN), minutes=minutes)
    assert found == us(due, BERLIN)


def test_a_holiday_is_closed_from_midnight_to_midnight_in_its_zone() -> None:
    calendar = office(BERLIN, holidays=("2026-12-25", "2026-12-28"))
    # Thursday 24 December 16:50 + 20 min: 10 on Thursday, Friday and Monday off, 10 on Tuesday.
    found = hours.add_working(calendar, us("2026-12-24 16:50", BERLIN), minutes=20)
    assert found == us("2026-12-29 09:10", BERLIN)


@pytest.mark.parametrize(
    ("zone", "start", "end", "minutes"),
    [
        # Berlin, 29 March 2026: 02:00 to 03:00 does not exist; midnight to noon is 11 h.
        (BERLIN, "2026-03-29 00:00", "2026-03-29 12:00", 660),
        # Berlin, 25 October 2026: 02:00 to 03:00 comes twice; midnight to noon is 13 h.
        (BERLIN, "2026-10-25 00:00", "2026-10-25 12:00", 780),
        # Lord Howe moves by half an hour: 23.5 h and 24.5 h days.
        ("Australia/Lord_Howe", "2026-10-04 00:00", "2026-10-05 00:00", 1410),
        ("Australia/Lord_Howe", "2026-04-05 00:00", "2026-04-06 00:00", 1470),
        # Kathmandu is 5 h 45 min ahead and never moves.
        ("Asia/Kathmandu", "2026-03-29 00:00", "2026-03-30 00:00", 1440),
        # Samoa skipped 30 December 2011 altogether.
        ("Pacific/Apia", "2011-12-29 00:00", "2011-12-31 00:00", 1440),
        # St. John's went back at 00:01 until 2011: the 6th began, then the 5th went on.
        ("America/St_Johns", "2010-11-07 12:00", "2010-11-08 12:00", 1440),
    ],
)
def test_working_time_across_a_change_of_the_clocks_is_time_that_passed(
    zone: str, start: str, end: str, minutes: int
) -> None:
    assert hours.worked_minutes(always(zone), us(start, zone), us(end, zone)) == minutes


@pytest.mark.parametrize(
    ("day", "interval", "minutes"),
    [
        ("2026-03-29", ["02:00", "02:30"], 0),  # skipped altogether
        ("2026-03-29", ["01:30", "03:30"], 60),  # 01:30-02:00 and 03:00-03:30
        ("2026-03-29", ["02:15", "04:00"], 60),  # opens at 03:00
        ("2026-10-25", ["02:00", "02:30"], 60),  # open twice
        ("2026-10-25", ["01:30", "03:30"], 180),  # 0.5 + 2 × 1 + 0.5 h
        ("2026-10-25", ["02:15", "02:45"], 60),
    ],
)
def test_an_interval_in_the_changing_hour_is_what_the_wall_clock_shows(
    day: str, interval: list[str], minutes: int
) -> None:
    calendar = hours.parse(BERLIN, week={"sun": [interval]})
    midnight = us(f"{day} 00:00", BERLIN)
    assert hours.worked_minutes(calendar, midnight, midnight + DAY) == minutes


def test_a_deadline_in_the_repeated_hour_falls_on_its_second_pass() -> None:
    calendar = hours.parse(BERLIN, week={"sun": [["02:00", "02:30"]]})
    # 30 minutes on the first pass, 15 on the second.
    found = hours.add_working(calendar, us("2026-10-25 00:00", BERLIN), minutes=45)
    assert found == us("2026-10-25 02:15", BERLIN, fold=1)


def test_the_next_opening_is_now_while_open_and_otherwise_the_next_morning() -> None:
    calendar = office(BERLIN, day=SPLIT)
    open_at = us("2026-03-10 10:00", BERLIN)
    assert hours.next_opening(calendar, open_at) == open_at
    assert hours.next_opening(calendar, us("2026-03-10 12:30", BERLIN)) == us(
        "2026-03-10 13:30", BERLIN
    )
    assert hours.next_opening(calendar, us("2026-03-27 20:00", BERLIN)) == us(
        "2026-03-30 09:00", BERLIN
    )
    assert not hours.is_open(calendar, us("2026-03-10 12:30", BERLIN))
    assert hours.is_open(calendar, us("2026-03-10 12:30", BERLIN) - 1)


@pytest.mark.parametrize(
    ("zone", "week", "holidays", "path"),
    [
        (BERLIN, {}, (), "hours"),
        (BERLIN, {"mon": []}, (), "hours"),
        ("../../etc/passwd", {"mon": OFFICE}, (), "time_zone"),
        ("Europe", {"mon": OFFICE}, (), "time_zone"),
        ("", {"mon": OFFICE}, (), "time_zone"),
        ("Europe/Berlin\0", {"mon": OFFICE}, (), "time_zone"),
        (BERLIN, {"monday": OFFICE}, (), "hours/monday"),
        (BERLIN, {"mon": [["17:00", "09:00"]]}, (), "hours/mon/0"),
        (BERLIN, {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}, (), "hours/mon"),
        (BERLIN, {"mon": [["9:00", "12:00"]]}, (), "hours/mon/0"),
        (BERLIN, {"mon": [["09:00", "24:01"]]}, (), "hours/mon/0"),
        (BERLIN, {"mon": [["٠٩:00", "12:00"]]}, (), "hours/mon/0"),
        (BERLIN, {"mon": OFFICE}, ("2026-02-30",), "holidays/0"),
        (BERLIN, {"mon": OFFICE}, ("20260101",), "holidays/0"),
    ],
)
def test_hours_that_make_no_sense_are_refused_with_the_place(
    zone: str, week: dict[str, list[list[str]]], holidays: tuple[str, ...], path: str
) -> None:
    with pytest.raises(NotHours) as refused:
        hours.parse(zone, week=week, holidays=holidays)
    assert refused.value.path == path


def test_a_deadline_beyond_ten_years_is_an_error_and_not_an_endless_search() -> None:
    calendar = hours.parse("UTC", week={"mon": [["09:00", "09:01"]]})
    with pytest.raises(NotHours):
        hours.add_working(calendar, 0, minutes=100_000)


minutes_of_day = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(sorted)


@st.composite
def calendars(draw: st.DrawFn) -> Hours:
    zone = draw(
        st.sampled_from(
            ["UTC", BERLIN, "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]
        )
    )
    week = {}
    for day in draw(st.sets(st.sampled_from(hours.WEEKDAYS), min_size=1)):
        edges = draw(minutes_of_day)
        pairs = zip(edges[::2], edges[1::2], strict=False)
        week[day] = [[f"{m // 60:02}:{m % 60:02}" for m in pair] for pair in pairs]
    return hours.parse(zone, week=week, holidays=draw(st.sampled_from([(), ("2026-03-30",)])))


# At most 400 minutes: the smallest calendar is open one minute a week, and ten years are the end.
# Around both changes of the clocks of 2026, and 2010 for St. John's.
instants = st.one_of(
    st.integers(us("2026-03-20 00:00"), us("2026-04-10 00:00")),
    st.integers(us("2026-09-25 00:00"), us("2026-11-05 00:00")),
    st.integers(us("2010-10-30 00:00"), us("2010-11-12 00:00")),
)


@given(calendars(), instants, st.integers(0, 400))
def test_as_many_minutes_are_worked_until_the_deadline_as_it_was_given(
    calendar: Hours, start: int, minutes: int
) -> None:
    due = hours.add_working(calendar, start, minutes=minutes)
    assert hours.worked_us(calendar, start, due) == minutes * MINUTE
    if minutes:
        # And never earlier: a microsecond before, the work is not done.
        assert hours.worked_us(calendar, start, due - 1) < minutes * MINUTE


@pytest.mark.parametrize(
    ("end", "minutes", "start"),
    [
        # Tuesday 10:00 - 30 min, all of it this morning.
        ("2026-03-10 10:00", 30, "2026-03-10 09:30"),
        # 60 min of this morning, 10 of Monday evening.
        ("2026-03-10 10:00", 70, "2026-03-09 17:50"),
        # On Sunday night the last working minute was on Friday.
        ("2026-03-15 03:00", 0, "2026-03-13 18:00"),
        ("2026-03-15 03:00", 2, "2026-03-13 17:58"),
        # At lunch the morning counts.
        ("2026-03-10 13:00", 5, "2026-03-10 12:25"),
    ],
)
def test_working_time_is_counted_back(end: str, minutes: int, start: str) -> None:
    calendar = office(BERLIN, day=SPLIT)
    found = hours.subtract_working(calendar, us(end, BERLIN), minutes=minutes)
    assert found == us(start, BERLIN)


@given(calendars(), instants, st.integers(0, 400))
def test_as_many_minutes_are_worked_since_as_were_counted_back(
    calendar: Hours, end: int, minutes: int
) -> None:
    start = hours.subtract_working(calendar, end, minutes=minutes)
    assert start <= end
    assert hours.worked_us(calendar, start, end) == minutes * MINUTE


@given(calendars(), instants, st.integers(0, 3 * DAY), st.integers(1, 400))
def test_a_later_start_never_has_an_earlier_deadline(
    calendar: Hours, start: int, later: int, minutes: int
) -> None:
    first = hours.add_working(calendar, start, minutes=minutes)
    assert first <= hours.add_working(calendar, start + later, minutes=minutes)
    assert first < hours.add_working(calendar, start, minutes=minutes + 1)


@given(calendars(), instants)
def test_open_is_what_the_wall_clock_and_the_week_say(calendar: Hours, at: int) -> None:
    wall = clock.from_micros(at).astimezone(ZoneInfo(calendar.zone))
    minute = wall.hour * 60 + wall.minute
    inside = any(start <= minute < end for start, end in calendar.week[wall.weekday()])
    assert hours.is_open(calendar, at) == (
        inside and wall.date().toordinal() not in calendar.holidays
    )


@given(calendars(), instants, st.integers(0, 10 * DAY))
def test_working_time_adds_up(calendar: Hours, start: int, length: int) -> None:
    middle, end = start + length // 3, start + length
    whole = hours.worked_us(calendar, start, end)
    assert whole == hours.worked_us(calendar, start, middle) + hours.worked_us(
        calendar, middle, end
    )
    assert 0 <= whole <= length
    assert hours.worked_us(calendar, end, start) == 0 or length == 0


def test_a_holiday_on_the_day_of_the_change_is_closed_for_all_its_25_hours() -> None:
    calendar = hours.parse(BERLIN, week={"sun": [["00:00", "24:00"]]}, holidays=("2026-10-25",))
    start = us("2026-10-25 00:00", BERLIN)
    assert hours.worked_us(calendar, start, start + 25 * HOUR) == 0


@pytest.mark.parametrize(
    ("due", "paused", "resumed", "found"),
    [
        # Three of five minutes were left.
        ("2026-03-10 10:05", "2026-03-10 10:02", "2026-03-10 10:30", "2026-03-10 10:33"),
        # Overnight: three minutes from opening on.
        ("2026-03-10 10:05", "2026-03-10 10:02", "2026-03-10 20:00", "2026-03-11 09:03"),
        # Five were left, two of them on Friday; one of those went by.
        ("2026-03-16 09:03", "2026-03-13 16:58", "2026-03-13 16:59", "2026-03-16 09:04"),
        # A pause out of hours changes nothing.
        ("2026-03-11 09:05", "2026-03-10 18:00", "2026-03-10 23:00", "2026-03-11 09:05"),
        # What had run out keeps its deadline.
        ("2026-03-10 10:05", "2026-03-10 10:05", "2026-03-10 10:30", "2026-03-10 10:05"),
        ("2026-03-10 10:05", "2026-03-10 10:20", "2026-03-10 10:30", "2026-03-10 10:05"),
    ],
)
def test_after_a_pause_as_much_working_time_is_left_as_before(
    due: str, paused: str, resumed: str, found: str
) -> None:
    given_us = [us(each, BERLIN) for each in (due, paused, resumed)]
    later = hours.postpone(office(BERLIN), given_us[0], from_us=given_us[1], to_us=given_us[2])
    assert later == us(found, BERLIN)


@given(calendars(), instants, st.integers(1, 400), st.integers(0, DAY), st.integers(0, 3 * DAY))
def test_a_pause_takes_no_working_time_from_anybody(
    calendar: Hours, start: int, minutes: int, until: int, length: int
) -> None:
    due = hours.add_working(calendar, start, minutes=minutes)
    paused, resumed = start + until, start + until + length
    found = hours.postpone(calendar, due, from_us=paused, to_us=resumed)
    assert found >= due
    left = hours.worked_us(calendar, paused, due)
    assert hours.worked_us(calendar, resumed, found) == (left if due > paused else 0)
