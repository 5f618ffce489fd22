"""The demo's traffic, on the main thread: it takes people in, which one process does at a time."""

import time

from leadline.lib import clock
from leadline.playbooks.demo import traffic
from leadline.worker.step import Step
from leadline.worker.turn import Turn

LOOK_EVERY_SECONDS = 10.0


class Traffic:
    """Looks whether this is a demo and whether somebody is due to come in."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._looked_at = -LOOK_EVERY_SECONDS

    def step(self) -> Step:
        return Step("demo", self.look)

    def look(self) -> int:
        """How many people came in or were answered."""
        if time.monotonic() - self._looked_at < LOOK_EVERY_SECONDS or not self._turn.is_mine():
            return 0
        self._looked_at = time.monotonic()
        return traffic.run(now=clock.now())
