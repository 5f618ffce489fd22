"""What the process tree costs while nothing happens: time to start, memory.

Memory is the proportional set size of all processes of the tree, ten seconds after the start.
Prints JSON.

    .venv/bin/python -m benchmarks.resting
"""

import json
import os
import tempfile
import time
from pathlib import Path

from tests.worker import tree

FLOORS = {"memory_mb": 300, "start_seconds": 5}


def main() -> None:
    os.environ["LEADLINE_SECRET_KEY"] = "only-for-benchmarks-" + "k" * 40
    os.environ["LEADLINE_LOG_LEVEL"] = "WARNING"
    with tempfile.TemporaryDirectory() as folder, tree.served(Path(folder) / "data") as served:
        served.end()
        start = time.perf_counter()
        served.start()
        started = time.perf_counter() - start
        time.sleep(10)
        assert served.process is not None
        numbers = [served.process.pid, *children(served.process.pid)]
        memory = {name(number): round(proportional_kb(number) / 1024, 1) for number in numbers}
    found = {
        "start_seconds": round(started, 2),
        "memory_mb": round(sum(memory.values()), 1),
        "by_process_mb": memory,
        "floors": FLOORS,
        "load_average": os.getloadavg(),
    }
    print(json.dumps(found, indent=2))


def children(number: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{number}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *children(int(child))]
    return found


def proportional_kb(number: int) -> int:
    for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def name(number: int) -> str:
    words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
    told = b" ".join(word for word in words[1:4] if word).decode(errors="replace")
    return f"{number} {told}"


if __name__ == "__main__":
    main()
