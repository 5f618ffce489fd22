"""Durations as people write them in rules: `30m`, `24h`, `7d`, `2w`."""

import re
from dataclasses import dataclass

from leadline.lib import clock

UNITS = {
    "m": (clock.MINUTE, "minute"),
    "h": (clock.HOUR, "hour"),
    "d": (clock.DAY, "day"),
    "w": (7 * clock.DAY, "week"),
}
MAX_DAYS = 3_650

_WRITTEN = re.compile(r"([1-9][0-9]{0,8})([mhdw])")


class NotADuration(ValueError):
    """A text that names no duration. Trying again cannot help."""

    permanent = True

    def __init__(self, found: object, reason: str) -> None:
        super().__init__(
            f"{str(found)[:40]!r} is not a duration: {reason}."
            " Write a whole number and m, h, d or w, for example 30m, 24h, 7d or 2w."
        )
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Duration:
    """`count` of `unit` (m, h, d or w). Rules cut d and w at day boundaries, m and h to the µs."""

    count: int
    unit: str

    @property
    def micros(self) -> int:
        """Length in microseconds."""
        return self.count * UNITS[self.unit][0]

    @property
    def days(self) -> int | None:
        """Whole days when written in d or w, else None (`24h` is not one day: it slides)."""
        if self.unit in "dw":
            return self.micros // clock.DAY
        return None

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def parse(text: str) -> Duration:
    """Read `7d` and the like; raises NotADuration, also beyond ten years."""
    match = _WRITTEN.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise NotADuration(text, "it is not a number above zero with a unit")
    found = Duration(int(match[1]), match[2])
    if found.micros > MAX_DAYS * clock.DAY:
        raise NotADuration(text, f"it is longer than {MAX_DAYS} days")
    return found


def sentence(duration: Duration) -> str:
    """`Duration(7, "d")` → `7 days`."""
    word = UNITS[duration.unit][1]
    return f"{duration.count} {word}" if duration.count == 1 else f"{duration.count} {word}s"
