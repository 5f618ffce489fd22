"""Times of day as people write them: "8", "8:00", "8.30", "0830", "8am", "8 Uhr", "24:00"."""

import re

_WRITTEN = re.compile(
    r"(?P<hour>\d{1,2})\s*(?:(?:[:.]|h(?=\s*\d))\s*(?P<minute>\d\d))?\s*"
    r"(?P<half>[ap]\.?m\.?|uhr|h)?",
    re.ASCII | re.IGNORECASE,
)
_TOGETHER = re.compile(r"(\d{1,2})(\d\d)", re.ASCII)
_MINUTES = 24 * 60


def minute_of_day(text: str) -> int | None:
    """The minutes since midnight, 0 to 1440 ("24:00"); None when the text is no time of day."""
    found = _WRITTEN.fullmatch(_TOGETHER.sub(r"\1:\2", text.strip(), count=1))
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    half = (found["half"] or "").lower().replace(".", "")
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    minutes = hour * 60 + minute
    return minutes if minute < 60 and minutes <= _MINUTES else None


def written(minute: int) -> str:
    """ "08:30" of 510, "24:00" of 1440."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
