"""The personal data of scores: lines say which of a lead's values a rule found, adjustments why."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from leadline.lib import personal_data
from leadline.scoring import hushing
from leadline.scoring.lines import Line
from leadline.scoring.models import Score, ScoreAdjustment, ScoreChange


def register() -> None:
    """Declare who erases and exports it; called when the application starts."""
    personal_data.register("scoring.Score", holds=("lines",), eraser=erase_now, exporter=export_now)
    personal_data.register(
        "scoring.ScoreChange", holds=("lines",), eraser=erase_before, exporter=export_before
    )
    personal_data.register(
        "scoring.ScoreAdjustment",
        holds=("reason",),
        eraser=erase_adjustments,
        exporter=export_adjustments,
    )


def erase_now(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Let the lines of the score name their rules alone; the points stay. Rows changed."""
    return hushing.of_leads("now", lead_ids)


def erase_before(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """The same for every score before. Rows changed."""
    return hushing.of_leads("before", lead_ids)


def erase_adjustments(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty the reasons; that somebody gave points stays. Rows changed."""
    mine = ScoreAdjustment.objects.filter(lead__in=lead_ids)
    return mine.exclude(reason="").update(reason="")


def export_now(lead_id: UUID) -> Iterable[dict[str, object]]:
    """The score as it is, with its lines."""
    return _told(Score.objects.filter(lead=lead_id).values_list("total", "lines", "at"))


def export_before(lead_id: UUID) -> Iterable[dict[str, object]]:
    """Every score that the lead had, oldest first."""
    found = ScoreChange.objects.filter(lead=lead_id).order_by("at", "pk")
    return _told(found.values_list("total", "lines", "at"))


def export_adjustments(lead_id: UUID) -> Iterable[dict[str, object]]:
    """The points that people gave or took by hand, oldest first."""
    found = ScoreAdjustment.objects.filter(lead=lead_id).order_by("at", "pk")
    for row in found:
        yield {
            "points": row.points_micro / 1_000_000,
            "half_life_days": row.half_life_days,
            "reason": row.reason,
            "at": row.at.isoformat(),
            "undone_at": None if row.undone_at is None else row.undone_at.isoformat(),
        }


def _told(found: Iterable[tuple[int, str, datetime]]) -> Iterable[dict[str, object]]:
    for total, lines, at in found:
        said = msgspec.json.decode(lines, type=list[Line])
        yield {
            "points": total / 1_000_000,
            "lines": [{"points": each.points_micro / 1_000_000, "sentence": each.sentence}
                      for each in said],
            "at": at.isoformat(),
        }  # fmt: skip
