"""The score of everybody as of an instant, out of the lake: our expression beside SQL by hand.

A lake is made up (leads, bindings, values of fields, events by month), then the same model of some
twenty rules is answered by the batch evaluator and by SQL that somebody wrote for it, each in a
process of its own, turn by turn. Their answers are compared lead by lead. Prints JSON.

    .venv/bin/python -m benchmarks.batch_scoring [--leads 1000000] [--events 20000000] [--small]
        [--spark]      the same on local[2] and on a cluster of two workers that is started for it
        [--keep DIR]   the folder of the lake, made once and used again
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import duckdb
import ibis
from pyarrow import parquet

from benchmarks import batch_cluster, batch_lake, report
from benchmarks.batch_lake import AT_US, MODEL
from benchmarks.report import Figure, Limit
from leadline.analytics import as_of, engines
from leadline.criteria import batch_rows
from leadline.scoring import batch, rules

THREADS = 2
ROUNDS = 3
RATIO, MEMORY_MB = 1.3, 1_536


def main() -> None:
    options = arguments().parse_args()
    if options.child:
        child(options.child, Path(options.keep), options.master)
        return
    leads, events = (2_000, 40_000) if options.small else (options.leads, options.events)
    with ExitStack() as stack:
        folder = Path(options.keep or stack.enter_context(tempfile.TemporaryDirectory()))
        made = batch_lake.made(folder, leads=leads, events=events)
        rounds = {
            name: [run(name, folder) for _ in range(1 if options.small else ROUNDS)]
            for name in ("by hand", "ours")
        }
        figures = compared(rounds, folder)
        details: dict[str, object] = {"lake": made, "rounds": rounds}
        if options.spark:
            details["spark"] = on_spark(folder, stack)
    report.show(figures, options=options, details=details)


def arguments() -> argparse.ArgumentParser:
    parser = report.arguments()
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--spark", action="store_true", help="also on Spark")
    parser.add_argument("--keep", default="", help="the folder of the lake")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    parser.add_argument("--master", default="", help=argparse.SUPPRESS)
    return parser


def compared(rounds: Mapping[str, list[dict[str, float]]], folder: Path) -> list[Figure]:
    """The best of each, since whatever else runs on the machine only makes them slower."""
    ours, by_hand = (min(each["seconds"] for each in rounds[name]) for name in ("ours", "by hand"))
    memory = max(each["peak_mb"] for each in rounds["ours"])
    hand_mb = max(each["peak_mb"] for each in rounds["by hand"])
    return [
        Figure("batch scoring, times SQL by hand", round(ours / by_hand, 2), "x",
               Limit(round(by_hand, 2), f"s by hand; {ours:.2f} s ours"), at_most=RATIO),
        Figure("peak memory", memory, "MB", Limit(hand_mb, "by hand"), at_most=MEMORY_MB),
        Figure("leads that differ", differing(folder, "by hand", "ours"), "leads",
               Limit(0, "none"), at_most=0),
    ]  # fmt: skip


def on_spark(folder: Path, stack: ExitStack) -> dict[str, object]:
    """Seconds on each kind of Spark, the second time of each session, and who differs."""
    masters = {"local[2]": "local[2]", "two workers": stack.enter_context(batch_cluster.running())}
    found: dict[str, object] = {}
    for name, master in masters.items():
        seconds = run(name, folder, child="spark", master=master)
        found[name] = {**seconds, "leads that differ": differing(folder, "ours", name)}
    return found


def run(name: str, folder: Path, *, child: str = "", master: str = "") -> dict[str, float]:
    """One answer in a process of its own; it is left in the folder under the name."""
    command = [sys.executable, "-m", "benchmarks.batch_scoring", "--keep", str(folder)]
    done = subprocess.run(
        [*command, "--child", child or name, "--master", master],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    answer(folder, child or name).replace(answer(folder, name))
    return found


def answer(folder: Path, name: str) -> Path:
    return folder / f"{name.replace(' ', '_')}.parquet"


def differing(folder: Path, one: str, other: str) -> int:
    """Leads that only one of the answers has, or that have other points in them."""
    columns = "lead, total, fit, engagement"
    sides = [f"SELECT {columns} FROM '{answer(folder, name)}'" for name in (one, other)]
    both = f"({sides[0]} EXCEPT {sides[1]}) UNION ({sides[1]} EXCEPT {sides[0]})"
    [[count]] = duckdb.sql(f"SELECT count(DISTINCT lead) FROM ({both})").fetchall()
    return int(count)


# One answer, in a process of its own


def child(name: str, folder: Path, master: str) -> None:
    ask: Callable[[], object]
    if name == "by hand":
        connection = duckdb.connect(
            config={"threads": THREADS, "preserve_insertion_order": False, "memory_limit": "1200MB"}
        )
        ask = lambda: connection.execute(batch_lake.sql(folder)).to_arrow_table()  # noqa: E731
    elif name == "ours":
        ask = asking(engines.duckdb(folder, threads=THREADS), folder)
    else:
        ask = asking(engines.spark(master, settings=batch_cluster.SETTINGS), folder)
    seconds, cpu_seconds = [], []
    for _ in range(2):
        start, cpu = time.perf_counter(), time.process_time()
        rows = ask()
        seconds.append(round(time.perf_counter() - start, 2))
        cpu_seconds.append(round(time.process_time() - cpu, 2))
    peak_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    parquet.write_table(rows, answer(folder, name))
    found = {"seconds": min(seconds), "cpu_seconds": min(cpu_seconds), "first": seconds[0]}
    print(json.dumps({**found, "peak_mb": peak_mb}))


def asking(connection: ibis.BaseBackend, folder: Path) -> Callable[[], object]:
    """The whole way: the lake's tables, the frame of the instant, the scores."""
    tables = batch_lake.tables(connection, folder)
    model = rules.parse_model(MODEL, vocabulary=batch_lake.VOCABULARY)
    reads = rules.reads(model)

    def ask() -> object:
        frame = as_of.frame(tables, batch_lake.MANIFEST, AT_US, reads)
        return batch_rows.fetched(batch.scores(model, frame))

    return ask


if __name__ == "__main__":
    main()
