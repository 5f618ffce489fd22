"""The fourth lane: rows of imports, a hundred at a time, when the first lane has nothing to do.

A portion that fails is halved down to the row that is to blame; after a few tries that row is
rejected with the reason, and the import goes on.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from leadline.capture import imports
from leadline.lib import clock
from leadline.worker.step import Step

BATCH = 100
MAX_TRIES = 3
LONGEST_PAUSE_SECONDS = 1.0


class RunWaiting(Protocol):
    """`flow.bulk.run_waiting`: takes rows with their effects in one transaction; how many."""

    def __call__(self, *, limit: int, now: datetime) -> int: ...


class Bulk:
    """Works off the rows of imports."""

    def __init__(
        self, run_waiting: RunWaiting, *, read_clock: Callable[[], datetime] = clock.now
    ) -> None:
        self._run_waiting = run_waiting
        self._now = read_clock
        self._limit = BATCH
        self._tries = 0

    def step(self) -> Step:
        return Step("imports", self.run, self.narrow, longest_pause_seconds=LONGEST_PAUSE_SECONDS)

    def run(self) -> int:
        """Work off one portion; returns how many rows, 0 when none waits."""
        done = self._run_waiting(limit=self._limit, now=self._now())
        self._limit = min(self._limit * 2, BATCH)
        self._tries = 0
        return done

    def narrow(self, error: Exception) -> bool:
        """After a failure: fewer rows, in the end one, which is rejected after its tries."""
        if self._limit > 1:
            self._limit //= 2
            return True
        self._tries += 1
        if self._tries < MAX_TRIES:
            return False
        self._tries = 0
        return imports.reject_next(
            error=f"This row could not be taken in ({type(error).__name__}).", now=self._now()
        )
