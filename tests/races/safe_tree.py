"""A process tree on a PostgreSQL that waits for the disk, whatever the test run is on."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import cluster
from tests.worker.tree import Tree, run, started

OWNER = ("--owner-email", "ada@example.com", "--owner-password", "correct horse battery")


@contextmanager
def served(folder: Path, *, disk: Path | None = None) -> Iterator[Tree]:
    """A workspace with owner, keys and playbook on a cluster of its own, its tables on `disk`."""
    with cluster.running(safe=True, disk=disk) as address:
        environment = dict(os.environ) | {
            "LEADLINE_DATA": str(folder),
            "LEADLINE_DATABASE_URL": address,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        environment.pop("LEADLINE_SECRET_KEY", None)
        done = run(environment, "setup", "--data", str(folder), "--json", *OWNER)
        assert done.returncode == 0, done.stderr
        with started(folder, environment, keys=json.loads(done.stdout)) as tree:
            yield tree
