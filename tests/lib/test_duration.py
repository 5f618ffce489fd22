"""Durations of rules."""

import pytest

from leadline.lib import duration
from leadline.lib.clock import DAY, HOUR, MINUTE


@pytest.mark.parametrize(
    ("written", "micros", "days", "sentence"),
    [
        ("30m", 30 * MINUTE, None, "30 minutes"),
        ("1h", HOUR, None, "1 hour"),
        ("24h", 24 * HOUR, None, "24 hours"),
        ("7d", 7 * DAY, 7, "7 days"),
        ("2w", 14 * DAY, 14, "2 weeks"),
        (" 1d ", DAY, 1, "1 day"),
        ("3650d", 3_650 * DAY, 3_650, "3650 days"),
    ],
)
def test_a_duration_is_read_and_said(
    written: str, micros: int, days: int | None, sentence: str
) -> None:
    found = duration.parse(written)
    assert (found.micros, found.days, duration.sentence(found)) == (micros, days, sentence)
    assert duration.parse(str(found)) == found


@pytest.mark.parametrize("found", [None, 7, 7.0, b"7d", ["7d"]])
def test_what_is_no_text_is_no_duration(found: object) -> None:
    with pytest.raises(duration.NotADuration):
        duration.parse(found)  # type: ignore[arg-type]  # what a playbook may hold


@pytest.mark.parametrize(
    "written",
    [
        "",
        "7d\n7d",
        "7",
        "d",
        "0d",
        "-7d",
        "7 d",
        "7D",
        "1.5h",
        "07d",
        "٧d",
        "3651d",
        "999999999w",
        "9" * 99,
    ],
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(duration.NotADuration, match="30m, 24h, 7d or 2w"):
        duration.parse(written)
