"""How many requests a second are on stable storage when they are acknowledged.

The load generator (wrk, one thread) runs on the same two cores. Beside each figure stands the
same load on `bare_inbox`, the physical limit of one process that does nothing but append. Rounds
alternate, and the best round of each counts, since anything else on the machine only takes away.

    .venv/bin/python -m benchmarks.ingest [--postgres] [--seconds 4] [--rounds 2]
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg

from benchmarks import report
from benchmarks.report import Figure, Limit
from tests.capture import served

ROOT = Path(__file__).parents[1]
SCRIPT = Path(__file__).with_suffix(".lua")
BATCH = 100
BARE = "bare inbox"

Figures = dict[str, float]


def main() -> None:
    arguments = report.arguments()
    arguments.add_argument("--seconds", type=int, default=4)
    arguments.add_argument("--rounds", type=int, default=2)
    options = arguments.parse_args()
    if options.small:
        options.seconds, options.rounds = 1, 1
    with report.database(postgres=options.postgres) as url:
        found = measure(url, options)
    report.show(figures(found, is_postgres=options.postgres), options=options, details={**found})


def figures(found: dict[str, Figures], *, is_postgres: bool) -> list[Figure]:
    """What is promised of acknowledgements: see issue 2, section 5."""
    single, bare = found["single"], found["single_bare"]
    limit = Limit(bare["requests_per_second"], BARE)
    latency = Limit(bare["p99_ms"], BARE)
    batch_limit = Limit(found["batch_bare"]["requests_per_second"] * BATCH, BARE)
    form_limit = Limit(found["form_bare"]["requests_per_second"], "bare inbox, 16 connections")
    working = found["with_worker"]
    return [
        Figure("single events", single["requests_per_second"], "per second", limit,
               at_least=15_000 if is_postgres else 18_000),
        Figure("single events, share of the bare inbox", share(single, bare), "", Limit(1, BARE),
               at_least=0.6),
        Figure("single events, p99", single["p99_ms"], "ms", latency, at_most=20),
        Figure("events in batches of 100", found["batch"]["requests_per_second"] * BATCH,
               "per second", batch_limit, at_least=80_000),
        Figure("form posts", found["form"]["requests_per_second"], "per second", form_limit,
               at_least=5_000),
        Figure("single events, worker running", working["requests_per_second"], "per second",
               limit, at_least=6_000),
        Figure("single events, worker running, p99", working["p99_ms"], "ms", latency, at_most=60),
    ]  # fmt: skip


def measure(database_url: str, options: argparse.Namespace) -> dict[str, Figures]:
    """All loads on one database; `database_url` is empty for SQLite."""
    with (
        tempfile.TemporaryDirectory() as data,
        tempfile.TemporaryDirectory() as bare_data,
        served.running(Path(data), database_url=_database(database_url, "paused")) as ours,
        bare(bare_data, _database(database_url, "bare")) as bare_url,
    ):
        single: list[Figures] = []
        limit: list[Figures] = []
        for _ in range(options.rounds):
            limit.append(load(bare_url + "/v1/track", 64, options.seconds))
            single.append(load(ours.url + "/v1/track", 64, options.seconds))
        found = {
            "single": quickest(single),
            "single_bare": quickest(limit),
            "single_one_connection": load(ours.url + "/v1/track", 1, options.seconds),
            "batch_bare": load(bare_url + "/v1/batch", 16, options.seconds, batch=BATCH),
            "batch": load(ours.url + "/v1/batch", 16, options.seconds, batch=BATCH),
            "form_bare": load(bare_url + "/v1/track", 16, options.seconds),
            "form": load(ours.url + "/f/demo", 16, options.seconds, form=True),
        }
    found["with_worker"] = with_worker(_database(database_url, "working"), options)
    return found


def quickest(rounds: list[Figures]) -> Figures:
    return max(rounds, key=lambda figures: figures["requests_per_second"])


def share(ours: Figures, limit: Figures) -> float:
    return round(ours["requests_per_second"] / limit["requests_per_second"], 2)


def load(
    url: str, connections: int, seconds: int, *, batch: int = 1, form: bool = False, key: str = ""
) -> Figures:
    """What wrk saw. Raises when a single answer was not 2xx (or the 303 of a form)."""
    environment = {
        **os.environ,
        "AUTH": authorization(key or served.SERVER_KEY),
        "BATCH": str(batch),
        **({"FORM": "1"} if form else {}),
    }
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(SCRIPT), url]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("{"))
    figures: Figures = json.loads(line)
    if figures["not_2xx"] or figures["errors"]:
        raise RuntimeError(f"{url}: {figures}")
    return figures


def authorization(key: str) -> str:
    return "Basic " + b64encode(f"{key}:".encode()).decode()


@contextmanager
def bare(data: str, database_url: str) -> Iterator[str]:
    """The bare inbox on a free port."""
    port = free_port()
    environment = {
        **os.environ,
        "AUTH": authorization(served.SERVER_KEY),
        "BARE_DATA": data,
        "BARE_DATABASE_URL": database_url,
    }
    command = [
        sys.executable, "-m", "uvicorn", "benchmarks.bare_inbox:application",
        "--port", str(port), "--loop", "uvloop", "--http", "httptools", "--lifespan", "off",
        "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        await_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def with_worker(database_url: str, options: argparse.Namespace) -> Figures:
    """The same load while the worker of `leadline serve` takes from the inbox."""
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "LEADLINE_DATABASE_URL": database_url}
        environment.pop("LEADLINE_SECRET_KEY", None)
        leadline = [str(Path(sys.executable).with_name("leadline"))]
        owner = ["--owner-email", "ada@example.com", "--owner-password", "lead-line-bench-1"]
        done = subprocess.run(
            [*leadline, "setup", "--data", data, *owner, "--json"],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        key = json.loads(done.stdout)["write_key"]
        port = free_port()
        process = subprocess.Popen(
            [*leadline, "serve", "--data", data, "--port", str(port), "--json"],
            env=environment, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await_port(port)
            url = f"http://127.0.0.1:{port}"
            figures = load(f"{url}/v1/track", 64, options.seconds, key=key)
            waiting = httpx.get(f"{url}/readyz").json()["pending"]
            return {**figures, "pending_at_the_end": waiting}
        finally:
            process.terminate()
            process.wait(40)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_port(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"Nothing answers on port {port}.")


def _database(url: str, name: str) -> str:
    """A database of its own on the cluster; "" stays SQLite."""
    if not url:
        return ""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{url.rpartition('/')[0]}/{name}"


if __name__ == "__main__":
    main()
