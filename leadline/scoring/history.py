"""How the score of one lead went: what a chart draws."""

from datetime import datetime
from uuid import UUID

import msgspec

from leadline.lib import clock
from leadline.lib.clock import DAY, MINUTE
from leadline.scoring.models import ScoreChange

MOST_STEPS = 400


class Step(msgspec.Struct, frozen=True):
    """From this instant on the total was so many micro-points."""

    at: datetime
    total: int


def steps(lead_id: UUID, *, since: datetime, day_offset_minutes: int) -> list[Step]:
    """The changes since an instant, oldest first, begun by what stood there then. Two queries.

    Of more than 400 changes the last of each day stands for the day. Empty without a score.
    """
    mine = ScoreChange.objects.filter(lead=lead_id)
    before = mine.filter(at__lte=since).order_by("-at", "-pk").values_list("total", flat=True)[:1]
    changes = mine.filter(at__gt=since).order_by("at", "pk").values_list("at", "total")
    found = [Step(since, total) for total in before] + [Step(*each) for each in changes]
    return found if len(found) <= MOST_STEPS else _by_day(found, day_offset_minutes)


def _by_day(found: list[Step], offset: int) -> list[Step]:
    last = {(clock.micros(each.at) + offset * MINUTE) // DAY: each for each in found}
    return list(last.values())
