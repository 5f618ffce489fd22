"""What screens and the API ask about scores: now, as of an instant, and how they changed."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from leadline.lib import clock
from leadline.scoring import adjustments, retelling
from leadline.scoring.lines import Line
from leadline.scoring.models import Score, ScoreChange
from leadline.timeline import moments
from leadline.timeline.moments import Before, Moment

MICRO = 1_000_000


class Standing(msgspec.Struct, frozen=True):
    """A score in micro-points with the model version that gave it.

    `at` is when the total last changed, `until` the next instant at which it may change by
    itself within a day (the next change of day is not in it). `lines` add up to `total`.
    """

    total: int
    fit: int
    engagement: int
    model: str
    version: int
    at: datetime
    until: datetime | None
    lines: tuple[Line, ...] = ()


def current(lead_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """The score of each lead that has one, without its lines. One query."""
    found = Score.objects.filter(lead__in=lead_ids).select_related("version__model")
    return {row.lead_id: _standing(row, row.until, ()) for row in found.defer("lines")}


def explained(lead_id: UUID, *, as_of: datetime | None = None) -> Standing | None:
    """The score with its lines: now, or as it stood at `as_of`. None while there was none."""
    if as_of is None:
        now = Score.objects.select_related("version__model").filter(lead=lead_id).first()
        return None if now is None else _standing(now, now.until, _told(now))
    then = ScoreChange.objects.select_related("version__model").filter(
        lead=lead_id, at__lte=clock.micros(as_of)
    )
    found = then.order_by("-at", "-id").first()
    return None if found is None else _standing(found, None, _told(found))


def _standing(
    row: Score | ScoreChange, until: datetime | None, lines: tuple[Line, ...]
) -> Standing:
    return Standing(
        total=row.total,
        fit=row.fit,
        engagement=row.engagement,
        model=row.version.model.name,
        version=row.version.number,
        at=row.at,
        until=until,
        lines=lines,
    )


def _told(row: Score | ScoreChange) -> tuple[Line, ...]:
    """The lines of a row; those of people say who gave points and why. One query for these."""
    offset = row.version.day_offset_minutes
    return adjustments.signed(
        _lines(row.lines), at_us=clock.micros(row.at), day_offset_minutes=offset
    )


def _lines(text: str) -> tuple[Line, ...]:
    return msgspec.json.decode(text, type=tuple[Line, ...])


def changes(lead_id: UUID, *, before: Before | None, limit: int) -> list[Moment]:
    """How the score moved, each time with the rule that moved it most."""
    mine = ScoreChange.objects.filter(lead=lead_id)
    return [_moment(row) for row in moments.newest(mine, kind="score", before=before, limit=limit)]


def _moment(row: ScoreChange) -> Moment:
    total = _shown(row.total)
    if row.total_before is None:
        said = _("First score: %(total)s") % {"total": total}
    else:
        said = _("Score %(before)s → %(total)s") % {
            "before": _shown(row.total_before), "total": total,
        }  # fmt: skip
    lines = _lines(row.lines)
    largest = max(lines, key=lambda line: abs(line.points_micro), default=None)
    because = retelling.told(largest, None).sentence if largest else ""
    return Moment(
        id=row.pk,
        kind="score",
        name="Score",
        at=row.at,
        received_at=row.at,
        sentence=f"{said} ({because})" if because else said,
        properties={
            "total": points(row.total),
            "before": None if row.total_before is None else points(row.total_before),
            "fit": points(row.fit),
            "engagement": points(row.engagement),
        },
    )


def _shown(micro: int) -> str:
    """Points in a sentence: one decimal, cut towards zero, so that 49.96 is not called 50."""
    return f"{int(micro / 100_000) / 10:g}"


def points(micro: int) -> int | float:
    """Micro-points as points: whole when they are whole, else with at most six decimals."""
    return micro // MICRO if micro % MICRO == 0 else micro / MICRO
