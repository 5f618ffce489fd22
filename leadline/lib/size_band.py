"""Sizes of companies in half-open bands, so that 50 and 200 each lie in exactly one."""

import re
from dataclasses import dataclass

MAX_COUNT = 100_000_000


@dataclass(frozen=True, slots=True)
class Band:
    """Companies with `low <= employees < high`; `high` None is without end."""

    low: int
    high: int | None

    def __str__(self) -> str:
        return f"{self.low:,}+" if self.high is None else f"{self.low:,} to {self.high - 1:,}"


BANDS = (Band(1, 10), Band(10, 50), Band(50, 200), Band(200, 1_000), Band(1_000, None))

_NUMBER = r"([0-9]{1,3}(?:[ ,.'\u00a0\u202f][0-9]{3})+|[0-9]+)\s*([kKmM](?![A-Za-z]))?"
_WRITTEN = re.compile(
    rf"(?P<about>[<>~≥≤]=?|(?:about|over|more than|less than|under|up to|ca\.?|über|unter)\s)?\s*"
    rf"{_NUMBER}\s*(?P<range>(?:-|–|—|to|bis|à|a)\s*{_NUMBER})?\s*(?P<plus>\+)?"
    r"\s*(?:employees?|people|staff|mitarbeiter(?:innen)?|employés|empleados|ft?es?)?\.?",
    re.IGNORECASE,
)
_BELOW = re.compile(r"[<≤]|less|under|up|unter", re.IGNORECASE)
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}


def of(count: int | None) -> Band | None:
    """The band of an employee count; None for None or below 1."""
    if count is None or count < 1:
        return None
    return next(band for band in reversed(BANDS) if count >= band.low)


def parse_count(written: object) -> int | None:
    """Employees as the lower bound of what is written, or None when it is not a size.

    `250`, `"50-200"` → 50, `"1,001+"` → 1001, `"11-50 employees"` → 11, `"10k"` → 10000,
    `"< 10"` → 1. Booleans, fractions, negatives and anything above 100 million are None.
    """
    if isinstance(written, bool):
        return None
    if isinstance(written, float):
        written = int(written) if written.is_integer() else None
    if isinstance(written, int):
        return written if 0 <= written <= MAX_COUNT else None
    match = _WRITTEN.fullmatch(written.strip()) if isinstance(written, str) else None
    if match is None or len(match[0]) > 60:
        return None
    if match["about"] and _BELOW.match(match["about"]):
        return 1
    count = int(re.sub(r"[^0-9]", "", match[2])) * _TIMES[(match[3] or "").lower()]
    return count if count <= MAX_COUNT else None
