"""Scores as rows: weighing many leads, and writing what changed."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db import connection

from leadline.criteria.snapshot import Snapshot
from leadline.lib import rows
from leadline.scoring import manual, tally
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
_MOMENTS = ["lead_id", "until", "revalue_on"]


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
    """The score of one lead; its lines only when the points or the version changed, or people gave
    or took points since: at the cap the total may stay while the lines do not."""
    worths = tally.worths(model, snapshot, at_us)
    score = tally.added(model, worths)
    points = (version_id, score.total, score.fit, score.engagement)
    lines = None
    if before is None or before[:4] != points or _was_adjusted(snapshot, since_us=before[4]):
        lines = encoded(tally.explained(model, snapshot, at_us, worths))
    return Weighed(lead_id, version_id, score, before, lines, at_us)


def _was_adjusted(snapshot: Snapshot, *, since_us: int) -> bool:
    adjusted_us = snapshot.facts.get(manual.SINCE)
    return isinstance(adjusted_us, int) and adjusted_us > since_us


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
            moved.append((each.lead_id, each.score.due_us, each.score.revalue_day))
    now, past = [_score_row(each) for each in changed], [_change_row(each) for each in changed]
    key, vendor = ["lead_id"], connection.vendor
    with connection.cursor() as cursor:
        rows.upsert(cursor, "scoring_score", _SCORE, now, key=key, vendor=vendor)
        rows.update(cursor, "scoring_score", _MOMENTS, moved, key=key, vendor=vendor)
        rows.insert(cursor, "scoring_scorechange", _CHANGE, past, vendor=vendor)


def _score_row(each: Weighed) -> tuple[object, ...]:
    found = each.score
    points = (found.total, found.fit, found.engagement)
    moments = (each.at_us, found.due_us, found.revalue_day)
    return (each.lead_id, each.version_id, *points, each.lines, *moments)


def _change_row(each: Weighed) -> tuple[object, ...]:
    before = None if each.before is None else each.before[1]
    found = each.score
    points = (before, found.total, found.fit, found.engagement)
    return (each.lead_id, each.version_id, *points, each.lines, each.at_us)
