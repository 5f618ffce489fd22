"""Days are cut at the workspace zone's standard time."""

from datetime import UTC, datetime

import pytest

from leadline.workspace import day_offset

AT = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [
        ("UTC", 0),
        ("Europe/Berlin", 60),
        ("Europe/Dublin", 0),  # its law calls winter the exception
        ("America/New_York", -300),
        ("Asia/Kathmandu", 345),
        ("Australia/Lord_Howe", 630),  # summer time is half an hour
        ("Pacific/Kiritimati", 840),
    ],
)
def test_standard_time_counts_also_in_summer(zone: str, minutes: int) -> None:
    assert day_offset.standard(zone, at=AT) == minutes


@pytest.mark.parametrize("zone", ["", "Berlin", "../etc/passwd", "Europe", "x\x00"])
def test_what_is_no_zone_is_refused_by_name(zone: str) -> None:
    with pytest.raises(day_offset.NotATimeZone, match="is not a time zone"):
        day_offset.standard(zone, at=AT)
