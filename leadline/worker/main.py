"""A worker process: four lanes that never wait for each other.

1. inbox and timers, on the main thread; 2. messages, on threads; 3. jobs, in child processes;
4. imports and back-fills, a portion at a time, only when the first lane has nothing to do.
"""

import logging
import os
import socket
import sys
import threading

import django
from django.conf import settings
from django.db import connection

from leadline.config import logs
from leadline.lib import memory, parent
from leadline.worker.stop import Stop

logger = logging.getLogger("leadline.worker")


def run(stop: Stop, *, is_wary: bool = False) -> None:
    """Work until `stop`; what was begun is finished or given back. Needs Django set up."""
    # These import models, which exist once Django is set up.
    from leadline.worker import arrivals, jobs, lanes, sending, turn
    from leadline.worker.tally import Tally

    memory.settle(young=memory.BATCHES)

    name = f"{socket.gethostname()}:{os.getpid()}"
    beside = [
        threading.Thread(
            target=sending.keep_looking,
            args=(sending.Sending(worker=name),),
            kwargs={"stop": stop},
            name="outbox",
        ),
        threading.Thread(
            target=jobs.keep_looking,
            args=(jobs.Jobs(worker=name),),
            kwargs={"stop": stop},
            name="jobs",
        ),
    ]
    for thread in beside:
        thread.start()
    mine = turn.of(holder=name)
    tally = Tally(worker=name, data=settings.ENVIRONMENT.data)
    try:
        with connection.execute_wrapper(tally.lock):
            lanes.first_and_last(
                mine, stop=stop, arrivals=arrivals.here(), tally=tally, is_wary=is_wary
            )
    finally:
        stop.set()
        for thread in beside:
            thread.join()
        connection.close()


def main(*, is_wary: bool) -> None:
    """The worker child of the supervisor, and `leadline worker`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
    stop = Stop()
    stop.on_signals()
    django.setup()
    logs.catch_the_rest()
    logger.info("worker %d begins", os.getpid())
    run(stop, is_wary=is_wary)
    logger.info("worker %d ends", os.getpid())


if __name__ == "__main__":
    parent.end_with(int(sys.argv[1]))
    main(is_wary="wary" in sys.argv[2:])
