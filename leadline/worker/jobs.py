"""The third lane: jobs, in child processes that exist only while there are jobs.

One child on SQLite, which has one writer anyway, two on PostgreSQL.
"""

import logging
import subprocess
import time

from django.db import connection

from leadline.lib import clock
from leadline.worker import children, kinds
from leadline.worker.step import Step, repeat
from leadline.worker.stop import Stop
from leadline.workspace import jobs

LOOK_EVERY_SECONDS = 0.5
SWEEP_EVERY_SECONDS = 5.0
END_WITHIN_SECONDS = 20.0

logger = logging.getLogger("leadline.worker")


class Jobs:
    """Starts children when a job is due, frees what dead workers held, enqueues periodic jobs."""

    def __init__(self, *, worker: str) -> None:
        self._worker = worker
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started_count = 0
        self._swept_at = 0.0

    def look(self) -> int:
        """One look at the table; returns how many children were started."""
        self._forget_ended()
        if time.monotonic() - self._swept_at >= SWEEP_EVERY_SECONDS:
            self._swept_at = time.monotonic()
            jobs.reap()
            jobs.enqueue_due(kinds.PERIODS, now=clock.now())
        room = (2 if connection.vendor == "postgresql" else 1) - len(self._children)
        if room <= 0 or not jobs.is_waiting():
            return 0
        self._started_count += 1
        name = f"{self._worker}/job-{self._started_count}"
        self._children[name] = children.start("leadline.worker.job_child", name)
        return 1

    def end(self) -> int:
        """Let each child finish its job; what takes too long is given back for the next worker.

        Returns how many children there were.
        """
        for process in self._children.values():
            process.terminate()
        deadline = time.monotonic() + END_WITHIN_SECONDS
        for name, process in self._children.items():
            try:
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                jobs.release(worker=name)
        return len(self._children)

    def _forget_ended(self) -> None:
        for name, process in list(self._children.items()):
            if process.poll() is None:
                continue
            del self._children[name]
            if process.returncode:
                # Its job comes free when the lease runs out, with the attempt counted: it may be
                # what killed the child.
                logger.error("%s ended with %d", name, process.returncode)


def keep_looking(lane: Jobs, *, stop: Stop) -> None:
    """For the lane's thread: look until `stop`, then end the children."""
    try:
        repeat(Step("jobs", lane.look), stop=stop, idle_seconds=LOOK_EVERY_SECONDS)
    finally:
        Step("ending jobs", lane.end).attempt()
        connection.close()
