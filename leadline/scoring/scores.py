"""Scores as rows: weighing many leads, and writing what changed."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db import connection

from leadline.criteria.snapshot import Snapshot
from leadline.lib import rows
from leadline.scoring import tally
from leadline.scoring.rules import Model
from leadline.scoring.tally import Score

Stored = tuple[int, int, int, int, int, int | None, int | None]
"""(version id, total, fit, engagement, at, until, revalue_on) of a score row."""

_CHANGE = [
    "lead_id",
    "version_id",
    "total_before",
    "total",
    "fit",
    "engagement",
    "lines",
    "at",
]
_SCORE = [
    "lead_id",
    "version_id",
    "total",
    "fit",
    "engagement",
    "lines",
    "at",
    "until",
    "revalue_on",
]


class Weighed(msgspec.Struct):
    """A lead's score at an instant beside what was stored. `lines` JSON, when it changed."""

    lead_id: UUID
    version_id: int
    score: Score
    before: Stored | None
    lines: str | None
    at_us: int

    @property
    def has_changed(self) -> bool:
        return self.lines is not None


def weigh(
    lead_id: UUID,
    snapshot: Snapshot,
    *,
    model: Model,
    version_id: int,
    before: Stored | None,
    at_us: int,
) -> Weighed:
    """The score of one lead; its lines only when the points or the version changed."""
    score = tally.total_only(model, snapshot, at_us)
    points = (version_id, score.total, score.fit, score.engagement)
    lines = None
    if before is None or before[:4] != points:
        lines = encoded(tally.score(model, snapshot, at_us))
    return Weighed(lead_id, version_id, score, before, lines, at_us)


def encoded(score: Score) -> str:
    """The lines of a score as JSON: [{"rule", "group", "points_micro", "because", …}]."""
    return msgspec.json.encode(score.lines).decode()


def write(weighed: Iterable[Weighed]) -> None:
    """Write changed scores with a change row each, and moved moments of unchanged ones.

    Three statements for any number of leads. Writing the same again changes nothing.
    """
    changed, moved = [], []
    for each in weighed:
        if each.has_changed:
            changed.append(each)
        elif each.before and each.before[5:] != (each.score.due_us, each.score.revalue_day):
            moved.append(each)
    vendor = connection.vendor
    with connection.cursor() as cursor:
        rows.upsert(
            cursor,
            "scoring_score",
            _SCORE,
            [
                (
                    w.lead_id,
                    w.version_id,
                    w.score.total,
                    w.score.fit,
                    w.score.engagement,
                    w.lines,
                    w.at_us,
                    w.score.due_us,
                    w.score.revalue_day,
                )
                for w in changed
            ],
            key=["lead_id"],
            vendor=vendor,
        )
        rows.update(
            cursor,
            "scoring_score",
            ["lead_id", "until", "revalue_on"],
            [(w.lead_id, w.score.due_us, w.score.revalue_day) for w in moved],
            key=["lead_id"],
            vendor=vendor,
        )
        rows.insert(
            cursor,
            "scoring_scorechange",
            _CHANGE,
            [
                (
                    w.lead_id,
                    w.version_id,
                    None if w.before is None else w.before[1],
                    w.score.total,
                    w.score.fit,
                    w.score.engagement,
                    w.lines,
                    w.at_us,
                )
                for w in changed
            ],
            vendor=vendor,
        )
