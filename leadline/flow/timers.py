"""What is due now: verdicts that may have changed by themselves, clocks that ran out, leads that
still wait for somebody."""

import logging
from datetime import datetime

from django.db import transaction

from leadline.flow import checkups, evaluation, reactions, rulebook
from leadline.leads import locks
from leadline.lib import clock
from leadline.routing import assignments, clocks

logger = logging.getLogger("leadline.flow")

# A worker transaction takes at most 200 leads, so that it holds SQLite's write lock briefly.
MOST = 200


def check_up(*, limit: int, now: datetime) -> int:
    """Look again at leads whose verdicts may have changed at or before `now`."""
    rules = rulebook.current(now)
    at_us = clock.micros(now)
    day = clock.local_day(at_us, rules.day_offset_minutes)
    # Asked outside a transaction: with nothing due, nobody takes a write lock.
    if not checkups.due(at_us=at_us, day=day, limit=1):
        return 0
    with transaction.atomic():
        due = checkups.due(at_us=at_us, day=day, limit=limit)
        locks.hold(due)
        # Read again: they may have changed while this waited.
        evaluation.evaluate(due, rulebook=rulebook.current(now), now=now)
    return len(due)


def postpone_next(*, error: str, now: datetime) -> bool:
    """Look at the next due lead an hour later, since looking at it failed; False without one.

    The others go on meanwhile. `error` is the type of the failure, for the log.
    """
    at_us = clock.micros(now)
    day = clock.local_day(at_us, rulebook.current(now).day_offset_minutes)
    found = checkups.due(at_us=at_us, day=day, limit=1)
    for lead_id in found:
        logger.error("lead %s could not be looked at (%s); again in an hour", lead_id, error)
        checkups.postpone(lead_id, until_us=at_us + clock.HOUR)
    return bool(found)


def breaches(*, now: datetime) -> int:
    """Tell about clocks that have run out, once each."""
    if not clocks.is_any_due(now):
        return 0
    with transaction.atomic():
        found = clocks.due_breaches(now)
        reactions.breached(found, now=now)
    return len(found)


def warnings(*, now: datetime) -> int:
    """Tell about clocks of which 60 % are over, once each."""
    if not clocks.is_any_to_warn(now):
        return 0
    with transaction.atomic():
        found = clocks.due_warnings(now)
        reactions.nearly_due(found, now=now)
    return len(found)


def waiting(*, now: datetime) -> int:
    """Deal leads for whom nobody was available."""
    if not assignments.is_any_waiting(now):
        return 0
    with transaction.atomic():
        dealt = assignments.deal_waiting(now)
        reactions.dealt(dealt, now=now)
    return len(dealt)
