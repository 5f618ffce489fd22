"""The score of a lead over the last 90 days, as a picture that the server draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadline.flow.rulebook import Rulebook
from leadline.scoring import history
from leadline.scoring.history import Step

SPAN = timedelta(days=90)
WIDTH, HEIGHT = 320.0, 76.0
_EDGE = 5.0
_MOST_DOTS = 40


@dataclass(frozen=True)
class Dot:
    """A change that can be opened, and where it is drawn."""

    step: Step
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """A threshold that lies within the picture."""

    stage: str
    micro: int
    y: float


@dataclass(frozen=True)
class Chart:
    """`path` is the steps as SVG writes them, `area` the same down to zero; `steps` the table."""

    path: str
    area: str
    dots: Sequence[Dot]
    lines: Sequence[Line]
    steps: Sequence[Step]
    since: datetime
    width: float = WIDTH
    height: float = HEIGHT


def of_lead(lead_id: UUID, rules: Rulebook | None, *, now: datetime) -> Chart | None:
    """The chart, or None while there is no change to draw. Two queries."""
    offset = rules.day_offset_minutes if rules else 0
    found = history.steps(lead_id, since=now - SPAN, day_offset_minutes=offset)
    thresholds = rules.score_model.thresholds_micro if rules else {}
    return draw(found, thresholds, now=now) if found else None


def draw(steps: Sequence[Step], thresholds: Mapping[str, int], *, now: datetime) -> Chart:
    """The picture of steps of the last 90 days, oldest first, at least one."""
    totals = [each.total for each in steps]
    shown = {key: micro for key, micro in thresholds.items() if micro <= 2 * max(*totals, 1)}
    low, high = min(0, *totals), max(1, *totals, *shown.values())
    since = now - SPAN

    def x(at: datetime) -> float:
        share = (at - since) / SPAN
        return round(_EDGE + min(max(share, 0.0), 1.0) * (WIDTH - 2 * _EDGE), 1)

    def y(micro: int) -> float:
        return round(_EDGE + (high - micro) / (high - low) * (HEIGHT - 2 * _EDGE), 1)

    dots = [Dot(each, x(each.at), y(each.total)) for each in steps]
    path = f"M{dots[0].x} {dots[0].y}" + "".join(f"H{each.x}V{each.y}" for each in dots[1:])
    path += f"H{x(now)}"
    area = f"{path}V{y(0)}H{dots[0].x}Z"
    lines = [Line(key, micro, y(micro)) for key, micro in shown.items()]
    real = [each for each in dots if each.step.at > since]
    return Chart(path, area, real[-_MOST_DOTS:], lines, [each.step for each in real], since)
