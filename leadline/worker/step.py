"""One kind of work, tried again and again. The one place that catches every exception.

A step that fails waits longer and longer before it is tried again and holds up no other step:
each has its own patience.
"""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from leadline.worker.stop import Stop

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 15.0

logger = logging.getLogger("leadline.worker")


@dataclass
class Step:
    """`act` does one portion and returns how many things it did; `on_error` may look for blame.

    `on_error` returns True when the next try differs from this one and need not wait.
    """

    name: str
    act: Callable[[], int]
    on_error: Callable[[Exception], bool] | None = None
    longest_pause_seconds: float = LONGEST_PAUSE_SECONDS
    failure_count: int = 0
    _not_before: float = 0.0

    def attempt(self) -> int:
        """Do one portion; 0 when there was nothing to do, while pausing, and after a failure."""
        if time.monotonic() < self._not_before:
            return 0
        try:
            done = self.act()
        except Exception as error:  # noqa: BLE001  # the worker outlives whatever a portion holds
            self._failed(error)
            return 0
        self.failure_count = 0
        return done

    def _failed(self, error: Exception) -> None:
        self.failure_count += 1
        # The message may hold an address or a name; the type and the place never do.
        logger.error("%s failed (%d): %s", self.name, self.failure_count, described(error))
        try:
            # Whatever state the connection was left in, the next try begins with a new one.
            connection.close()
            differs = self.on_error is not None and self.on_error(error)
        except Exception as second:  # noqa: BLE001  # the database is out of reach: wait for it
            logger.error("%s could not note its failure: %s", self.name, described(second))
            differs = False
        pause = FIRST_PAUSE_SECONDS * 2 ** min(self.failure_count, 20)
        self._not_before = time.monotonic() + (
            0.0 if differs else min(pause, self.longest_pause_seconds)
        )


def repeat(step: Step, *, stop: Stop, idle_seconds: float) -> None:
    """Attempt a step until `stop`, with a rest when there was nothing to do. For a thread."""
    try:
        while not stop.is_set:
            if step.attempt() == 0:
                stop.wait(idle_seconds)
    finally:
        connection.close()


def described(error: BaseException) -> str:
    """The type of an exception and the innermost places of its traceback, without its message."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places or 'an unknown place'}"
