"""How long 100,000 rows take: recognised, scored, staged, duplicates found; and how much memory.

The import runs in one process (`leadline import`), as when no worker runs. Prints JSON with the
time of reading the rows and doing nothing beside it.

    .venv/bin/python -m benchmarks.importing [--postgres]
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks import sheet
from tests import cluster
from tests.worker import tree

FLOORS = {"seconds": 120, "peak_mb": 500}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--postgres", action="store_true", help="on a throw-away cluster")
    options = arguments.parse_args()
    os.environ["LEADLINE_SECRET_KEY"] = "only-for-benchmarks-" + "k" * 40
    os.environ["LEADLINE_LOG_LEVEL"] = "WARNING"
    if options.postgres:
        with cluster.running(safe=True) as url:
            os.environ["LEADLINE_DATABASE_URL"] = url
            print(json.dumps(run(), indent=2))
    else:
        print(json.dumps(run(), indent=2))


def run() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.csv"
        sheet.copy_to(rows)
        data = Path(folder) / "data"
        setup = [
            *tree.LEADLINE,
            "setup",
            "--data",
            str(data),
            "--json",
            "--owner-email",
            "ada@example.com",
            "--owner-password",
            "correct horse battery",
        ]
        subprocess.run(setup, check=True, stdout=subprocess.DEVNULL)
        start = time.perf_counter()
        done = subprocess.run(
            [*tree.LEADLINE, "import", str(rows), "--data", str(data), "--json"],
            check=True,
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - start
        peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        return {
            "seconds": round(seconds, 1),
            "rows_per_second": round(100_000 / seconds),
            "peak_mb": round(peak_mb),
            "result": json.loads(done.stdout),
            "floors": FLOORS,
            "physical_reading_seconds": round(reading(rows), 2),
            "load_average": os.getloadavg(),
        }


def reading(rows: Path) -> float:
    start = time.perf_counter()
    with rows.open(newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == 100_000
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
