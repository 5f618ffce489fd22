"""Every night all scores are computed again in batch, once the day's sweep is through.

Two evaluators that share no code but the rules must give the same numbers: where they do not, one
of them is wrong, and somebody should know before a customer does.
"""

import logging
from collections.abc import Mapping
from datetime import datetime

from leadline.analytics import client, shadow
from leadline.analytics.models import ShadowRun
from leadline.flow import checkups, rulebook
from leadline.leads import trash
from leadline.lib import clock

SHADOW = "scores.shadow"
TIMEOUT_SECONDS = 3_600.0

logger = logging.getLogger("leadline.flow")


class StillSweeping(Exception):
    """Leads wait for their look of the day: comparing now would leave them out. Tried again."""

    permanent = False


def run(_arguments: Mapping[str, object], now: datetime) -> ShadowRun | None:
    """The job: compare as of now and keep what came of it; None while there is nobody.

    Raises StillSweeping, and client.AnalystError when there was no answer; both are tried again.
    """
    if not trash.present().exists():
        return None
    day = clock.local_day(clock.micros(now), rulebook.current(now).day_offset_minutes)
    if checkups.due(at_us=0, day=day, limit=1):
        raise StillSweeping
    found = client.ask("scores_check", {"as_of_us": None}, timeout_s=TIMEOUT_SECONDS)
    done = shadow.keep(found, now=now)
    if done.differing_count:
        logger.error(
            "%d of %d scores differ from what batch scoring gives",
            done.differing_count,
            done.lead_count,
        )
    return done
