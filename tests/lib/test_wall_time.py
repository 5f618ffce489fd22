"""Times of day as people write them."""

import pytest

from leadline.lib import wall_time


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("8", 480), ("08", 480), ("8:00", 480), (" 08:00 ", 480), ("8.30", 510), ("830", 510),
        ("0830", 510), ("8h30", 510), ("8am", 480), ("8 AM", 480), ("8:30 p.m.", 1_230),
        ("12am", 0), ("12 pm", 720), ("8 Uhr", 480), ("8.30 Uhr", 510), ("0", 0), ("24:00", 1_440),
        ("24", 1_440),
    ],
)  # fmt: skip
def test_a_time_is_read_as_it_is_written(text: str, minute: int) -> None:
    assert wall_time.minute_of_day(text) == minute


@pytest.mark.parametrize(
    "text",
    ["", "soon", "25:00", "24:01", "8:60", "8:5", "13pm", "0am", "-8", "8:00:00", "12345", "८:००",
     "8:00 9:00"],
)  # fmt: skip
def test_what_is_no_time_is_none(text: str) -> None:
    assert wall_time.minute_of_day(text) is None


@pytest.mark.parametrize("minute", [0, 510, 1_439, 1_440])
def test_what_is_written_is_read(minute: int) -> None:
    assert wall_time.minute_of_day(wall_time.written(minute)) == minute
