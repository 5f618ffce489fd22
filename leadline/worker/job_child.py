"""The entry of a child process that runs jobs and ends when there are none for a while.

A process of its own, because a job may take minutes and much memory, and may die of it without
anyone else noticing.
"""

import os
import sys

import django

from leadline.config import logs
from leadline.lib import parent
from leadline.worker.stop import Stop


def main(worker: str) -> None:
    """Set Django up and run jobs under the name `worker`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
    stop = Stop()
    stop.on_signals()
    django.setup()
    logs.catch_the_rest()
    from leadline.worker import job

    job.run(stop, worker=worker)


if __name__ == "__main__":
    parent.end_with(int(sys.argv[1]))
    main(sys.argv[2])
