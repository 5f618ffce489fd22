"""The first lane: the inbox, in batches, one consumer at a time.

A batch that fails is halved down to the row that is to blame. That row is tried alone a few
times, each try counted before it is made, and is then parked; everything around it goes on.
"""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from django.db import connection

from leadline.capture import parked
from leadline.lib import clock
from leadline.worker import outages
from leadline.worker.step import Step
from leadline.worker.turn import Turn

# A transaction holds SQLite's one write lock for 50 ms: 200 items at 4,000 a second. PostgreSQL
# locks leads, not the database, and its statements cost a third less each item (1,400 to 1,750/s).
BATCHES = {"sqlite": 200, "postgresql": 500}
LONGEST_PAUSE_SECONDS = 1.0

logger = logging.getLogger("leadline.worker")


class Consume(Protocol):
    """`flow.intake.consume`: takes rows with their effects in one transaction; how many."""

    def __call__(self, *, limit: int, now: datetime) -> int: ...


class Intake:
    """Consumes while it is our turn. `is_wary` starts with single rows: the last run crashed."""

    def __init__(
        self,
        consume: Consume,
        *,
        turn: Turn,
        is_wary: bool = False,
        read_clock: Callable[[], datetime] = clock.now,
    ) -> None:
        self._consume = consume
        self._turn = turn
        self._now = read_clock
        self._most = BATCHES[connection.vendor]
        self._limit = 1 if is_wary else self._most
        self._is_wary = is_wary
        self._error = "the process ended in the middle of this row"

    def step(self) -> Step:
        return Step("inbox", self.take, self.narrow, longest_pause_seconds=LONGEST_PAUSE_SECONDS)

    def take(self) -> int:
        """Take one batch; returns how many rows, 0 when it is empty or another process's turn."""
        if not self._turn.is_mine():
            return 0
        if self._is_wary and self._limit == 1:
            return self._take_counted()
        taken = self._consume(limit=self._limit, now=self._now())
        self._widen()
        return taken

    def narrow(self, error: Exception) -> bool:
        """After a failure: a smaller batch next time. True when that is different from this one.

        While the disk is full or the database locked no row is to blame, however often it is tried:
        a small write of ours may still find room where the row's effects do not.
        """
        if outages.is_one(error):
            if self._is_wary:
                parked.forget_tries()
            return False
        was_wider = self._limit > 1 or not self._is_wary
        self._error = "".join(traceback.format_exception(error)[-6:])
        self._limit = max(1, self._limit // 2)
        self._is_wary = True
        return was_wider

    def _take_counted(self) -> int:
        number = parked.count_try()
        if number > parked.MAX_TRIES:
            row = parked.park_next(error=self._error, tries=number - 1, now=self._now())
            logger.error("inbox row parked as %s after %d tries", row and row.pk, number - 1)
            return 1
        taken = self._consume(limit=1, now=self._now()) if number else 0
        if taken:
            parked.forget_tries()
        self._widen()
        return taken

    def _widen(self) -> None:
        self._limit = min(self._limit * 2, self._most)
        self._is_wary = self._is_wary and self._limit < self._most
