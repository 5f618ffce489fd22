"""A colleague gives or takes points by hand, with a reason: the score follows at once."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from leadline.flow import reactions, story
from leadline.leads import locks
from leadline.lib import clock
from leadline.scoring import adjustments
from leadline.scoring.adjustments import Given
from leadline.scoring.models import ScoreAdjustment
from leadline.workspace import audit
from leadline.workspace.audit import Act, Change, Doer
from leadline.workspace.models import User

ADJUSTED = "Score Adjusted"
UNDONE = "Score Adjustment Undone"


def add(
    lead_id: UUID,
    given: Given,
    *,
    by: User,
    doer: Doer,
    now: datetime,
    key: UUID | None = None,
) -> ScoreAdjustment:
    """Give or take points; the same `key` twice does it once.

    Raises adjustments.NotAnAdjustment.
    """
    with transaction.atomic():
        locks.hold([lead_id])
        is_new = key is None or not ScoreAdjustment.objects.filter(key=key).exists()
        made = adjustments.add(lead_id, given, by=by.pk, now=now, key=key)
        if is_new:
            said = {"points": adjustments.signed_points(made.points_micro), "reason": made.reason}
            _follow(made, ADJUSTED, said, by=by, now=now)
            _note("score.adjusted", made, doer=doer, now=now)
    return made


def undo(adjustment_id: int, *, by: User, doer: Doer, now: datetime) -> ScoreAdjustment | None:
    """Take the points back; None when that was done before."""
    lead_id = (
        ScoreAdjustment.objects.filter(pk=adjustment_id).values_list("lead", flat=True).first()
    )
    if lead_id is None:
        return None
    with transaction.atomic():
        locks.hold([lead_id])
        undone = adjustments.undo(adjustment_id, by=by.pk, now=now)
        if undone is not None:
            said = {"points": adjustments.signed_points(undone.points_micro)}
            _follow(undone, UNDONE, said, by=by, now=now)
            _note("score.adjustment_undone", undone, doer=doer, now=now)
    return undone


def _follow(
    row: ScoreAdjustment, name: str, said: Mapping[str, object], *, by: User, now: datetime
) -> None:
    story.tell([row.lead_id], name, said, by=by, now_us=clock.micros(now))
    reactions.look_again([row.lead_id], now=now)


def _note(act: Act, row: ScoreAdjustment, *, doer: Doer, now: datetime) -> None:
    """Without the reason, and under the lead's id alone: the audit outlives an erasure."""
    after = {"points": adjustments.signed_points(row.points_micro)}
    change = Change(act, "lead", row.lead_id, str(row.lead_id), {}, after)
    audit.record(change, by=doer, now=now)
