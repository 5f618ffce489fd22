"""Instants are read strictly (G07) and counted in whole microseconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import clock

READ = {
    "2026-03-14T09:30:00Z": datetime(2026, 3, 14, 9, 30, tzinfo=UTC),
    "2026-03-14t09:30:00z": datetime(2026, 3, 14, 9, 30, tzinfo=UTC),
    " 2026-03-14 09:30 ": datetime(2026, 3, 14, 9, 30, tzinfo=UTC),
    "2026-03-14T09:30:00.1Z": datetime(2026, 3, 14, 9, 30, 0, 100_000, tzinfo=UTC),
    "2026-03-14T09:30:00.123456789Z": datetime(2026, 3, 14, 9, 30, 0, 123_456, tzinfo=UTC),
    "2026-03-14T09:30:00,5Z": datetime(2026, 3, 14, 9, 30, 0, 500_000, tzinfo=UTC),
    "2026-03-14T09:30:00+05:45": datetime(2026, 3, 14, 3, 45, tzinfo=UTC),
    "2026-03-14T09:30:00-0800": datetime(2026, 3, 14, 17, 30, tzinfo=UTC),
    "2026-03-14": datetime(2026, 3, 14, tzinfo=UTC),
    "2016-12-31T23:59:60Z": datetime(2017, 1, 1, tzinfo=UTC),
    "0001-01-01T00:00:00Z": datetime(1, 1, 1, tzinfo=UTC),
    "9999-12-31T23:59:59.999999Z": datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
}
REFUSED = (
    "",
    "0000-01-01",
    "10000-01-01",
    "2026-02-30",
    "2025-02-29",
    "2026-13-01",
    "2026-03-14T24:00:00",
    "2026-03-14T24:00:01",
    "2026-03-14T09:60:00",
    "2026-03-14T09:30:61",
    "2026-03-14T09:30:60",
    "2026-03-14T09:30:00+24:00",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:60Z",
    "01/02/03",
    "2026-W11-6",
    "20260314",
    "1773480600",
    "1773480600000",
    "2026-03-14T",
    "2026-03-14Z",
    "٢٠٢٦-03-14",
    "2026-03-14T09:30:00 CET",
    "now",
    "2026-03-14T09:30:00Z\x00",
    "x" * 100_000,
)


@pytest.mark.parametrize(("written", "instant"), READ.items())
def test_an_iso_instant_is_read_as_utc(written: str, instant: datetime) -> None:
    assert clock.parse_iso(written) == instant
    assert clock.parse_iso(written).tzinfo is UTC


@pytest.mark.parametrize("written", REFUSED)
def test_anything_else_is_refused_and_named(written: str) -> None:
    with pytest.raises(clock.NotATime) as refusal:
        clock.parse_iso(written)
    assert ascii(written[:60]) in str(refusal.value)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize("found", [None, 5, 1.5, b"2026-03-14", ["2026-03-14"]])
def test_what_is_no_text_is_no_time(found: object) -> None:
    with pytest.raises(clock.NotATime):
        clock.parse_iso(found)  # type: ignore[arg-type]  # what JSON may hold


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30))])))
def test_microseconds_and_back_is_the_same_instant(instant: datetime) -> None:
    if datetime(1, 1, 2, tzinfo=UTC) < instant < datetime(9999, 12, 31, tzinfo=UTC):
        assert clock.from_micros(clock.micros(instant)) == instant
        assert clock.parse_iso(instant.isoformat()) == instant


def test_a_naive_time_has_no_microseconds() -> None:
    with pytest.raises(TypeError):
        clock.micros(datetime(2026, 3, 14))


@pytest.mark.parametrize("count", [2**62, -(2**62)])
def test_microseconds_beyond_the_calendar_are_refused(count: int) -> None:
    with pytest.raises(clock.NotATime):
        clock.from_micros(count)


@pytest.mark.parametrize(
    ("written", "offset_minutes", "day"),
    [
        ("1970-01-01T00:00:00Z", 0, 0),
        ("1970-01-01T23:59:59.999999Z", 0, 0),
        ("1969-12-31T23:59:59.999999Z", 0, -1),
        ("1970-01-01T22:59:59.999999Z", 60, 0),
        ("1970-01-01T23:00:00Z", 60, 1),  # midnight at +01:00
        ("1970-01-01T04:59:59Z", -300, -1),
        ("1970-01-01T05:00:00Z", -300, 0),  # midnight at -05:00
        ("1970-01-02T18:15:00Z", 345, 2),  # midnight in Kathmandu, +05:45
    ],
)
def test_a_day_is_cut_at_the_fixed_offset(written: str, offset_minutes: int, day: int) -> None:
    assert clock.local_day(clock.micros(clock.parse_iso(written)), offset_minutes) == day


@pytest.mark.parametrize(
    ("known_us", "expected"),
    [
        (99, 100),  # it was earlier
        (100, 100),
        (101, 101),  # it came while this waited
        (100 + clock.LONGEST_WAIT, 100 + clock.LONGEST_WAIT),
        (101 + clock.LONGEST_WAIT, 100),  # by a clock that was wrong
    ],
)
def test_who_waited_comes_after_what_came_meanwhile(known_us: int, expected: int) -> None:
    assert clock.not_before(100, known_us) == expected


def test_now_is_aware_and_utc() -> None:
    assert clock.now().tzinfo is UTC
