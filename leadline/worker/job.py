"""Running jobs, one after the other, each under a lease that a thread renews.

When the process dies of a job, the lease runs out and the attempt has been counted.
"""

import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from leadline.lib import clock
from leadline.worker import kinds
from leadline.worker.step import Step
from leadline.worker.stop import Stop
from leadline.workspace import jobs

IDLE_SECONDS = 20.0
LOOK_EVERY_SECONDS = 0.25
RENEW_EVERY_SECONDS = jobs.LEASE_SECONDS / 3


def run_one(*, worker: str) -> int:
    """Claim one job and run it to its end; 0 when none is due."""
    claimed = jobs.claim(worker=worker, limit=1)
    if not claimed:
        return 0
    with _renewed(claimed[0]):
        problem = _attempt(claimed[0])
    if problem is None:
        jobs.finish(claimed[0], now=clock.now())
    else:
        jobs.fail(claimed[0], error=problem, now=clock.now())
    return 1


def _attempt(job: jobs.Claim) -> str | None:
    """Run the verb; the text of its exception, kept beside the job and not in the log."""
    problems: list[str] = []

    def note(error: Exception) -> bool:
        problems.append("".join(traceback.format_exception(error)))
        return False

    def act() -> int:
        kinds.verb(job.kind)(job.arguments, clock.now())
        return 1

    Step(f"job {job.kind} {job.id}", act, note).attempt()
    return problems[0] if problems else None


@contextmanager
def _renewed(job: jobs.Claim) -> Iterator[None]:
    done = threading.Event()

    def renew() -> None:
        step = Step("renewing a lease", lambda: int(jobs.renew(job)))
        while not done.wait(RENEW_EVERY_SECONDS):
            step.attempt()
        connection.close()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def run(stop: Stop, *, worker: str) -> None:
    """Run jobs until there is none for a while, or until `stop` and the end of the current one."""
    idle_seconds = 0.0
    step = Step("claiming a job", lambda: run_one(worker=worker))
    while not stop.is_set and idle_seconds < IDLE_SECONDS:
        if step.attempt():
            idle_seconds = 0.0
        else:
            stop.wait(LOOK_EVERY_SECONDS)
            idle_seconds += LOOK_EVERY_SECONDS
