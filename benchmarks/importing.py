"""How long 100,000 rows take: recognised, scored, staged, duplicates found; and how much memory.

The import runs in one process (`leadline import`), as when no worker runs. Prints JSON with the
time of reading the rows and doing nothing beside it.

    .venv/bin/python -m benchmarks.importing [--postgres]
"""

import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import report, sheet
from benchmarks.report import Figure, Limit
from tests.worker import tree

SMALL = 2_000


def main() -> None:
    options = report.arguments().parse_args()
    with report.database(postgres=options.postgres), tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.csv"
        sheet.copy_to(rows, most=SMALL if options.small else None)
        seconds, peak_mb, result = run(rows, Path(folder) / "data")
        limit = Limit(round(reading(rows), 2), "reading the rows")
        memory = Limit(round(reading_mb(rows)), "an interpreter that reads the rows")
    figures = [
        Figure("import of 100,000 rows", round(seconds, 1), "s", limit, at_most=120),
        Figure("its peak memory", round(peak_mb), "MB", memory, at_most=500),
    ]
    report.show(figures, options=options, details={"result": result})


def run(rows: Path, data: Path) -> tuple[float, float, object]:
    """Seconds, the most memory of any process in MB, and what the import says of itself."""
    setup = [
        *tree.LEADLINE, "setup", "--data", str(data), "--json",
        "--owner-email", "ada@example.com", "--owner-password", "correct horse battery",
    ]  # fmt: skip
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
    return seconds, peak_mb, json.loads(done.stdout)


def reading(rows: Path) -> float:
    start = time.perf_counter()
    with rows.open(newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) > 0
    return time.perf_counter() - start


def reading_mb(rows: Path) -> float:
    """The peak memory of a program that only reads them."""
    program = (
        "import csv, resource, sys; sum(1 for _ in csv.DictReader(open(sys.argv[1])));"
        " print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(rows)], check=True, capture_output=True, text=True
    )
    return int(done.stdout) / 1024


if __name__ == "__main__":
    main()
