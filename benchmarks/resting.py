"""What the process tree costs while nothing happens: time to start, memory.

Memory is the proportional set size of all processes of the tree, ten seconds after the start; the
server of PostgreSQL is not ours and not counted. Beside it stand as many interpreters that do
nothing. Prints JSON.

    .venv/bin/python -m benchmarks.resting [--postgres]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import report
from benchmarks.report import Figure, Limit
from tests.worker import tree

REST_SECONDS = 10.0


def main() -> None:
    options = report.arguments().parse_args()
    with (
        report.database(postgres=options.postgres),
        tempfile.TemporaryDirectory() as folder,
        tree.served(Path(folder) / "data") as served,
    ):
        served.end()
        start = time.perf_counter()
        served.start()
        started = time.perf_counter() - start
        time.sleep(1.0 if options.small else REST_SECONDS)
        assert served.process is not None
        numbers = [served.process.pid, *children(served.process.pid)]
        memory = {name(number): megabytes(number) for number in numbers}
    seconds, bare_mb = bare(len(memory))
    figures = [
        Figure("start", round(started, 2), "s", Limit(seconds, "a bare interpreter"), at_most=5),
        Figure("memory at rest", round(sum(memory.values()), 1), "MB",
               Limit(bare_mb, f"{len(memory)} bare interpreters"), at_most=300),
    ]  # fmt: skip
    report.show(figures, options=options, details={"by_process_mb": memory})


def bare(count: int) -> tuple[float, float]:
    """Seconds until an interpreter runs, and the MB of `count` of them that do nothing else."""
    program = [sys.executable, "-c", "print(flush=True); input()"]
    start = time.perf_counter()
    processes = []
    for _ in range(count):
        process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        processes.append(process)
    seconds = (time.perf_counter() - start) / count
    memory = sum(megabytes(process.pid) for process in processes)
    for process in processes:
        process.communicate(b"\n")
    return round(seconds, 2), round(memory, 1)


def children(number: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{number}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *children(int(child))]
    return found


def megabytes(number: int) -> float:
    """Its own memory and its share of what it shares."""
    for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def name(number: int) -> str:
    words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
    told = b" ".join(word for word in words[1:4] if word).decode(errors="replace")
    return f"{number} {told}"


if __name__ == "__main__":
    main()
