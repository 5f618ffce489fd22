"""The second lane: outgoing messages, on eight threads.

One thread looks for what is due and claims as much as there are free hands; no transaction is
open while a mail server is being talked to, and a server that never answers holds up one thread.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from leadline.delivery import leases, sending
from leadline.lib import clock
from leadline.worker.step import Step, repeat
from leadline.worker.stop import Stop

THREADS = 8
LOOK_EVERY_SECONDS = 0.25
SWEEP_EVERY_SECONDS = 5.0


class Sending:
    """Claims messages and hands each to a thread."""

    def __init__(self, *, worker: str) -> None:
        self._worker = worker
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="sending")
        self._free = threading.Semaphore(THREADS)
        self._swept_at = 0.0

    def look(self) -> int:
        """Claim what is due for the threads that are free; returns how many messages."""
        if time.monotonic() - self._swept_at >= SWEEP_EVERY_SECONDS:
            self._swept_at = time.monotonic()
            leases.release_expired()
        room = self._room()
        claimed: list[leases.Claimed] = []
        try:
            claimed = leases.claim(self._worker, limit=room) if room else []
        finally:
            for _ in range(room - len(claimed)):
                self._free.release()
        for message in claimed:
            self._pool.submit(self._hand_over, message)
        return len(claimed)

    def end(self) -> None:
        """Wait for the messages that are being handed over; nothing new is claimed."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _room(self) -> int:
        count = 0
        while count < THREADS and self._free.acquire(blocking=False):
            count += 1
        return count

    def _hand_over(self, message: leases.Claimed) -> None:
        def act() -> int:
            sending.hand_over(message, now=clock.now())
            return 1

        try:
            Step("sending", act).attempt()
        finally:
            self._free.release()


def keep_looking(lane: Sending, *, stop: Stop) -> None:
    """For the lane's thread: look until `stop`, then finish what was claimed."""
    repeat(Step("outbox", lane.look), stop=stop, idle_seconds=LOOK_EVERY_SECONDS)
    lane.end()
