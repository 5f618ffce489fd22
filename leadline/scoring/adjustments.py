"""Adjustments as rows: points given or taken by hand, with a reason, and taken back again."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leadline.criteria.sentence import points
from leadline.lib import clock, ids, rows, text
from leadline.lib.clock import DAY, MINUTE
from leadline.lib.ids import as_uuid
from leadline.lib.refusal import Phrase, Refused
from leadline.scoring import decay, manual
from leadline.scoring.lines import Line
from leadline.scoring.manual import Adjustment
from leadline.scoring.models import ScoreAdjustment

MICRO = 1_000_000
MOST_POINTS = 1_000
MOST_OF_A_LEAD = 100
LONGEST_REASON = 200


class NotAnAdjustment(Refused):
    """It cannot be given; `field` is what is wrong: points, reason, half_life_days or key."""

    def __init__(self, field: str, because: Phrase) -> None:
        super().__init__(because)
        self.field = field


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody gives or takes: micro-points, why, and in how many days half of it is gone."""

    points_micro: int
    reason: str
    half_life_days: int | None = None


def add(
    lead_id: UUID, given: Given, *, by: UUID | None, now: datetime, key: UUID | None = None
) -> ScoreAdjustment:
    """A new row. The same `key` twice adds one. Raises NotAnAdjustment."""
    given = _checked(given)
    if key is not None and (known := ScoreAdjustment.objects.filter(key=key).first()) is not None:
        if (known.written_for_id, known.points_micro) != (lead_id, given.points_micro):
            raise NotAnAdjustment("key", Phrase("it was used for something else"))
        return known
    if _standing([lead_id]).count() >= MOST_OF_A_LEAD:
        raise NotAnAdjustment(
            "points", Phrase("a lead has at most %(most)s adjustments", most=MOST_OF_A_LEAD)
        )
    return ScoreAdjustment.objects.create(
        lead_id=lead_id, written_for_id=lead_id, points_micro=given.points_micro,
        half_life_days=given.half_life_days, reason=given.reason, by_id=by, at=now, known_at=now,
        key=key or ids.uuid7(),
    )  # fmt: skip


def undo(adjustment_id: int, *, by: UUID | None, now: datetime) -> ScoreAdjustment | None:
    """Take it back; None when that was done before, or there is none."""
    standing = ScoreAdjustment.objects.filter(pk=adjustment_id, undone_at=None)
    if not standing.update(undone_at=now, undone_by=by):
        return None
    return ScoreAdjustment.objects.get(pk=adjustment_id)


def of_lead(lead_id: UUID) -> list[ScoreAdjustment]:
    """Those that count or have faded, the oldest first; none that was taken back. One query."""
    return list(_standing([lead_id]).select_related("by").order_by("pk"))


def facts(lead_ids: Collection[UUID]) -> dict[UUID, dict[str, object]]:
    """What snapshots tell of them, for the leads that have any. One query.

    `adjustments`: those not taken back, by id; `adjusted_us`: when one was last made or undone.
    """
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            "SELECT lead_id, id, at, points_micro, half_life_days, undone_at"
            " FROM scoring_scoreadjustment WHERE lead_id {in}",
            lead_ids,
            vendor=connection.vendor,
        )
    counted: dict[UUID, list[Adjustment]] = defaultdict(list)
    changed: dict[UUID, int] = defaultdict(int)
    for key, identity, at_us, points_micro, half_life, undone_us in sorted(
        found, key=itemgetter(1)
    ):
        lead_id = as_uuid(key)
        changed[lead_id] = max(changed[lead_id], at_us, undone_us or 0)
        if undone_us is None:
            counted[lead_id].append((identity, at_us, points_micro, half_life))
    return {
        lead_id: {manual.FACT: tuple(counted[lead_id]), manual.SINCE: adjusted_us}
        for lead_id, adjusted_us in changed.items()
    }


def signed(lines: Sequence[Line], *, at_us: int, day_offset_minutes: int) -> tuple[Line, ...]:
    """The lines, with who gave points and why, in the reader's language. One query, or none."""
    mine = [line.adjustment for line in lines if line.adjustment is not None]
    if not mine:
        return tuple(lines)
    known = ScoreAdjustment.objects.select_related("by").in_bulk(mine)
    return tuple(
        _signed(line, known.get(line.adjustment), at_us, day_offset_minutes)
        if line.adjustment is not None
        else line
        for line in lines
    )


def sentence(row: ScoreAdjustment, *, at_us: int, day_offset_minutes: int) -> str:
    """ "Ben: +10, met at the fair · 3 d ago", as seen at an instant."""
    who = str(row.by) if row.by else _("Somebody")
    said = f"{who}: {signed_points(row.points_micro)}"
    if row.reason:
        said += f", {row.reason}"
    parts = [said, _ago(row, at_us, day_offset_minutes)]
    if row.half_life_days is not None:
        parts.append(_("half as much after %(days)d days") % {"days": row.half_life_days})
    return " · ".join(parts)


def signed_points(micro: int) -> str:
    """ "+10" or "-2.5"."""
    return f"+{points(micro)}" if micro > 0 else points(micro)


def _ago(row: ScoreAdjustment, at_us: int, day_offset_minutes: int) -> str:
    offset_us = day_offset_minutes * MINUTE
    days = (at_us + offset_us) // DAY - (clock.micros(row.at) + offset_us) // DAY
    return _("{days} d ago").format(days=days) if days > 0 else _("today")


def _signed(line: Line, row: ScoreAdjustment | None, at_us: int, offset: int) -> Line:
    if row is None:
        return line
    said = sentence(row, at_us=at_us, day_offset_minutes=offset)
    return msgspec.structs.replace(line, sentence=said)


def _checked(given: Given) -> Given:
    if not given.points_micro or abs(given.points_micro) > MOST_POINTS * MICRO:
        raise NotAnAdjustment(
            "points", Phrase("give up to %(most)s points, or take as many", most=MOST_POINTS)
        )
    half_life = given.half_life_days
    if half_life is not None and not 1 <= half_life <= decay.MAX_DAYS:
        raise NotAnAdjustment(
            "half_life_days", Phrase("a number of days from 1 to %(most)s", most=decay.MAX_DAYS)
        )
    reason = text.clean(given.reason, max_length=LONGEST_REASON + 1).strip()
    if not reason:
        raise NotAnAdjustment("reason", Phrase("say why in a few words"))
    if len(reason) > LONGEST_REASON:
        raise NotAnAdjustment("reason", Phrase("at most %(most)s characters", most=LONGEST_REASON))
    return Given(given.points_micro, " ".join(reason.split()), half_life)


def _standing(lead_ids: Collection[UUID]) -> QuerySet[ScoreAdjustment]:
    return ScoreAdjustment.objects.filter(lead__in=lead_ids, undone_at=None)
