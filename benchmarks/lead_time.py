"""From the last byte of a form post to the lead being visible to its owner through the API.

Twenty other submissions a second arrive meanwhile. Measured three times: undisturbed, during an
import of 100,000 rows, and with a mail server that accepts connections and never answers. Prints
JSON with the bare round trip of one durable post beside it.

    .venv/bin/python -m benchmarks.lead_time [--posts 60] [--postgres]
"""

import argparse
import json
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks import sheet
from tests import cluster
from tests.worker import tree

FLOORS_MS = {"median": 250, "p99": 1_000, "p99_under_import": 2_000, "p99_mute_smtp": 2_000}
BACKGROUND_PER_SECOND = 20


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--posts", type=int, default=60)
    arguments.add_argument("--postgres", action="store_true", help="on a throw-away cluster")
    options = arguments.parse_args()
    if options.postgres:
        with cluster.running(safe=True) as url:
            os.environ["LEADLINE_DATABASE_URL"] = url
            print(json.dumps(run(options.posts), indent=2))
    else:
        print(json.dumps(run(options.posts), indent=2))


def run(posts: int) -> dict[str, object]:
    with mute_server() as port, tempfile.TemporaryDirectory() as folder:
        os.environ["LEADLINE_SECRET_KEY"] = "only-for-benchmarks-" + "k" * 40
        os.environ["LEADLINE_LOG_LEVEL"] = "WARNING"
        with tree.served(Path(folder) / "quiet") as served:
            bare = bare_post(served, posts)
            quiet = measured(served, posts)
            rows = Path(folder) / "rows.csv"
            sheet.copy_to(rows)
            importing = subprocess.Popen(
                [*tree.LEADLINE, "import", str(rows), "--data", str(served.data), "--no-wait"],
                env=served.environment,
                stdout=subprocess.DEVNULL,
            )
            importing.wait()
            busy = measured(served, posts)
        os.environ["LEADLINE_EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        with tree.served(Path(folder) / "mute") as served:
            served.environment["LEADLINE_EMAIL_URL"] = os.environ["LEADLINE_EMAIL_URL"]
            mute = measured(served, posts)
    return {
        "undisturbed_ms": quiet,
        "during_import_ms": busy,
        "mute_smtp_ms": mute,
        "floors_ms": FLOORS_MS,
        "physical_bare_post_ms": bare,
        "load_average": os.getloadavg(),
    }


def measured(served: tree.Tree, posts: int) -> dict[str, float]:
    """Post, then ask the API every 10 ms until the lead is there with an owner."""
    waits = []
    headers = {"Authorization": f"Bearer {served.keys['api_key']}"}
    stop = threading.Event()
    others = threading.Thread(target=background, args=(served, stop), daemon=True)
    others.start()
    with httpx.Client(base_url=served.url, timeout=30) as client:
        for number in range(posts):
            email = f"fast{number}-{time.time_ns()}@speedy-{number}.com"
            post(client, email)
            start = time.perf_counter()
            while not is_there(client, email, headers):
                time.sleep(0.01)
            waits.append((time.perf_counter() - start) * 1000)
    stop.set()
    others.join()
    return spread(waits)


def bare_post(served: tree.Tree, posts: int) -> dict[str, float]:
    """One durable form post and nothing else."""
    waits = []
    with httpx.Client(base_url=served.url, timeout=30) as client:
        for number in range(posts):
            start = time.perf_counter()
            post(client, f"bare{number}@bare.com")
            waits.append((time.perf_counter() - start) * 1000)
    return spread(waits)


def post(client: httpx.Client, email: str) -> None:
    values = {"name": "Speed Tester", "email": email, "company.name": "Speedy"}
    answer = client.post("/f/demo", json=values, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text


def is_there(client: httpx.Client, email: str, headers: dict[str, str]) -> bool:
    found = client.get("/api/v1/leads", params={"email": email}, headers=headers)
    assert found.status_code == 200, found.text
    leads = found.json()["items"]
    return bool(leads) and leads[0]["owner"] is not None


def background(served: tree.Tree, stop: threading.Event) -> None:
    with httpx.Client(base_url=served.url, timeout=30) as client:
        number = 0
        while not stop.wait(1 / BACKGROUND_PER_SECOND):
            number += 1
            post(client, f"crowd{number}-{time.time_ns()}@crowd.com")


def spread(waits: list[float]) -> dict[str, float]:
    ordered = sorted(waits)
    return {
        "median": round(ordered[len(ordered) // 2], 1),
        "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 1),
        "max": round(ordered[-1], 1),
    }


@contextmanager
def mute_server() -> Iterator[int]:
    """A mail server that takes the connection and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                kept.append(listener.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        for each in kept:
            each.close()


if __name__ == "__main__":
    main()
