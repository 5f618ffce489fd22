"""Another version of the score model counts: every lead is looked at again, the hottest first.

A job asks for it, a portion at a time; the sweep of the day does the looking, as it does every
night. Nothing has to be remembered: a lead is behind while its score is by another version.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from leadline.flow import checkups, rulebook
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.lib.ids import as_uuid
from leadline.scoring.models import ScoreModelVersion
from leadline.workspace import jobs

RESCORE = "scoring.rescore"
PORTION = 500
MOST_COUNTED = 10_001

Place = tuple[int, UUID]
"""(micro-points, lead) on the card of the last lead of a portion."""


def later(version: ScoreModelVersion, *, now: datetime) -> None:
    """Enqueue the job, if scores are made by this model."""
    if version.model.is_default:
        jobs.enqueue(
            RESCORE, {"version": version.pk}, now=now, unique_key=f"{RESCORE}:{version.pk}"
        )


def rescore(arguments: Mapping[str, object], now: datetime) -> int:
    """The job: ask for a look at every lead whose score is by another version than this one.

    Returns how many were asked for. Safe to run twice, and to end in the middle; ends early when
    another version came into force meanwhile. A pass that had begun under the version before may
    move a lead past it, so it walks twice.
    """
    version_id = int(str(arguments["version"]))
    return sum(_walk(version_id, now=now) for _ in range(2))


def behind(version_id: int) -> int:
    """How many leads wait to be scored by this version, counted up to 10,001. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 {_BEHIND} LIMIT %s) found", [version_id, MOST_COUNTED]
        )
        return int(cursor.fetchone()[0])


def _walk(version_id: int, *, now: datetime) -> int:
    rules = rulebook.current(now)
    day = clock.local_day(clock.micros(now), rules.day_offset_minutes)
    count, after = 0, _ABOVE_ALL
    while rulebook.current(now).score_version_id == version_id:
        found = _next(version_id, after=after)
        if not found:
            break
        with transaction.atomic():
            count += checkups.ask_for_day([lead_id for _, lead_id in found], day=day)
        after = found[-1]
    return count


# Only leads that are present have a card.
_BEHIND = "FROM cards_card c JOIN scoring_score s ON s.lead_id = c.lead_id WHERE s.version_id <> %s"


def _next(version_id: int, *, after: Place) -> list[Place]:
    """The next leads that are behind, in the order of their cards' points."""
    total, lead_id = after
    key = Lead._meta.pk.get_db_prep_value(lead_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.total, c.lead_id {_BEHIND} AND (c.total, c.lead_id) < (%s, %s)"
            " ORDER BY c.total DESC, c.lead_id DESC LIMIT %s",
            [version_id, total, key, PORTION],
        )
        return [(points, as_uuid(found)) for points, found in cursor.fetchall()]


_ABOVE_ALL: Place = (2**62, UUID(int=2**128 - 1))
