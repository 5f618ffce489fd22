"""Work that is done a portion at a time and where one item may be to blame for a failure.

A portion that fails is halved down to the item that is to blame; after a few tries that item is
set aside, and the others go on.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from leadline.capture import imports
from leadline.flow import bulk, timers
from leadline.lib import clock
from leadline.worker.step import Step

IMPORT_ROWS = 100
CHECKUPS = 200
MAX_TRIES = 3
LONGEST_PAUSE_SECONDS = 1.0


class Act(Protocol):
    """Does up to `limit` items with their effects, in one transaction; how many it did."""

    def __call__(self, *, limit: int, now: datetime) -> int: ...


class SetAside(Protocol):
    """Takes the next item out of the way, because of `error`; True when there was one."""

    def __call__(self, *, error: str, now: datetime) -> bool: ...


class Portions:
    """`most` items at a time, fewer after a failure."""

    def __init__(
        self,
        act: Act,
        set_aside: SetAside,
        *,
        most: int,
        read_clock: Callable[[], datetime] = clock.now,
    ) -> None:
        self._act = act
        self._set_aside = set_aside
        self._now = read_clock
        self._most = self._limit = most
        self._tries = 0

    def step(self, name: str) -> Step:
        return Step(name, self.run, self.narrow, longest_pause_seconds=LONGEST_PAUSE_SECONDS)

    def run(self) -> int:
        """Do one portion; returns how many items, 0 when none waits."""
        done = self._act(limit=self._limit, now=self._now())
        self._limit = min(self._limit * 2, self._most)
        self._tries = 0
        return done

    def narrow(self, error: Exception) -> bool:
        """After a failure: fewer items, in the end one, which is set aside after its tries."""
        if self._limit > 1:
            self._limit //= 2
            return True
        self._tries += 1
        if self._tries < MAX_TRIES:
            return False
        self._tries = 0
        # The message may hold an address or a name; the type never does.
        return self._set_aside(error=type(error).__name__, now=self._now())


def import_rows() -> Step:
    """Rows of imported files; one that cannot be taken in is rejected with the reason."""
    return Portions(bulk.run_waiting, _reject, most=IMPORT_ROWS).step("imports")


def checkups(is_mine: Callable[[], bool]) -> Step:
    """Leads that are due; one that cannot be looked at is tried again later."""

    def look(*, limit: int, now: datetime) -> int:
        return timers.check_up(limit=limit, now=now) if is_mine() else 0

    return Portions(look, timers.postpone_next, most=CHECKUPS).step("checkups")


def _reject(*, error: str, now: datetime) -> bool:
    return imports.reject_next(error=f"This row could not be taken in ({error}).", now=now)
