"""Pictures of numbers as shapes for SVG: plain arithmetic, no drawing.

Every picture is 100 units wide and 100 high and is stretched to its place; lines and dots keep
their width (`vector-effect`), words stand beside it as text. So the same picture is sharp on a
phone and on a desk, needs no script, and its colours are those of the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Rows = Sequence[Mapping[str, Any]]  # JSON, as the document of a backtest has them


@dataclass(frozen=True)
class Bar:
    """Leads with a score from `begins` up to `ends` (None: and above), before and after.

    `x` and `width` in hundredths of the picture; heights too, of the tallest bar.
    """

    begins: float
    ends: float | None
    before: int | None
    after: int
    x: float
    width: float
    height_before: float
    height: float

    @property
    def is_whole(self) -> bool:
        """Whether a list can be filtered by its edges."""
        return float(self.begins).is_integer() and float(self.ends or 0).is_integer()


@dataclass(frozen=True)
class Rate:
    """Of the leads of a band so many were won; rates and bounds in hundredths, None without leads.

    The shares are those of `scale`, so that small rates are seen.
    """

    begins: float
    ends: float | None
    leads: int
    won: int
    rate: float | None
    low: float
    high: float
    lift: float | None
    scale: float

    def x(self, share: float) -> float:
        """Where a share of one stands in the picture."""
        return round(100 * share / self.scale, 2)


def bars(after: Rows, before: Rows | None = None) -> list[Bar]:
    """One bar for each edge that either has, in order; both counted at the same edges."""
    edges = sorted({float(row["from"]) for row in (*after, *(before or ()))})
    counts_after = _counts(after)
    counts_before = _counts(before) if before is not None else None
    tallest = max([1, *counts_after.values(), *(counts_before or {}).values()])
    width = round(100 / max(1, len(edges)), 4)
    return [
        Bar(
            begins=_short(edge),
            ends=_short(edges[place + 1]) if place + 1 < len(edges) else None,
            before=None if counts_before is None else counts_before.get(edge, 0),
            after=counts_after.get(edge, 0),
            x=round(place * width, 4),
            width=width,
            height_before=round(100 * (counts_before or {}).get(edge, 0) / tallest, 2),
            height=round(100 * counts_after.get(edge, 0) / tallest, 2),
        )
        for place, edge in enumerate(edges)
    ]


def line_at(drawn: Sequence[Bar], points: float) -> float | None:
    """Where a line of points stands in the picture of bars; None when it lies outside."""
    for bar in drawn:
        if bar.begins <= points and (bar.ends is None or points < bar.ends):
            reach = (bar.ends - bar.begins) if bar.ends is not None else 0
            within = (points - bar.begins) / reach if reach else 0
            return round(bar.x + bar.width * min(1.0, within), 2)
    return None


def rates(bands: Rows, *others: Rows) -> list[Rate]:
    """The bands of a document, on the scale that it shares with `others`."""
    highest = max((float(row["high"]) for rows in (bands, *others) for row in rows
                   if row["rate"] is not None), default=0.0)  # fmt: skip
    scale = next((step for step in (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8) if highest <= step), 1.0)
    return [
        Rate(
            _short(row["from"]), None if row["to"] is None else _short(row["to"]),
            int(row["leads"]), int(row["won"]), row["rate"], float(row["low"] or 0),
            float(row["high"] or 0), row["lift"], scale,
        )
        for row in bands
    ]  # fmt: skip


def _counts(rows: Rows) -> dict[float, int]:
    return {float(row["from"]): int(row["leads"]) for row in rows}


def _short(edge: float) -> float:
    """45 rather than 45.0."""
    return int(edge) if float(edge).is_integer() else float(edge)
