"""From the last byte of a form post to the lead being visible to its owner through the API, and on
the owner's open page.

Twenty other submissions a second arrive meanwhile. Measured three times: undisturbed, during an
import of 100,000 rows, and with a mail server that accepts connections and never answers. Prints
JSON with the bare round trip of one durable post beside it.

    .venv/bin/python -m benchmarks.lead_time [--postgres] [--posts 60]
"""

import os
import re
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks import report, sheet
from benchmarks.report import Figure, Limit
from tests.worker import tree

BACKGROUND_PER_SECOND = 20
SMALL_ROWS = 2_000


def main() -> None:
    arguments = report.arguments()
    arguments.add_argument("--posts", type=int, default=60)
    options = arguments.parse_args()
    if options.small:
        options.posts = 5
    with report.database(postgres=options.postgres):
        found = run(options.posts, rows=SMALL_ROWS if options.small else None)
    report.show(figures(found), options=options, details={**found})


def figures(found: dict[str, dict[str, float]]) -> list[Figure]:
    """What is promised of the time to lead."""
    bare = found["bare_post_ms"]
    median, p99 = Limit(bare["median"], "a bare post"), Limit(bare["p99"], "a bare post")
    quiet, busy = found["undisturbed_ms"], found["during_import_ms"]
    mute, told = found["mute_smtp_ms"], found["on_screen_ms"]
    return [
        Figure("post to lead, median", quiet["median"], "ms", median, at_most=250),
        Figure("post to lead, p99", quiet["p99"], "ms", p99, at_most=1_000),
        Figure("post to the owner's open page, p99", told["p99"], "ms", p99, at_most=1_000),
        Figure("post to lead during an import, p99", busy["p99"], "ms", p99, at_most=2_000),
        Figure("post to lead, mute mail server, p99", mute["p99"], "ms", p99, at_most=2_000),
    ]


def run(posts: int, *, rows: int | None) -> dict[str, dict[str, float]]:
    """The waits in milliseconds; during an import of `rows`, or of all 100,000."""
    with mute_server() as (port, callers), tempfile.TemporaryDirectory() as folder:
        with tree.served(Path(folder) / "quiet") as served:
            bare = bare_post(served, posts)
            quiet = measured(served, posts)
            told = on_screen(served, posts)
            file = Path(folder) / "rows.csv"
            sheet.copy_to(file, most=rows)
            subprocess.run(
                [*tree.LEADLINE, "import", str(file), "--data", str(served.data), "--no-wait"],
                env=served.environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            busy = measured(served, posts)
        os.environ["LEADLINE_EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        with tree.served(Path(folder) / "mute") as served:
            served.environment["LEADLINE_EMAIL_URL"] = os.environ["LEADLINE_EMAIL_URL"]
            mute = measured(served, posts)
        if not callers:
            raise RuntimeError("Nobody tried to send mail: the mute server was not measured.")
    return {
        "bare_post_ms": bare,
        "undisturbed_ms": quiet,
        "on_screen_ms": told,
        "during_import_ms": busy,
        "mute_smtp_ms": mute,
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


def on_screen(served: tree.Tree, posts: int) -> dict[str, float]:
    """Post, then wait until the owner's open page hears of something new and finds the lead in
    the bell. Nobody else posts meanwhile: what is measured is the way to the screen."""
    waits = []
    with httpx.Client(base_url=served.url, timeout=30) as client, signed_in(served) as owner:
        for number in range(posts):
            name = f"Seen {number} {time.time_ns()}"
            with owner.stream("GET", "/events") as stream:
                lines = stream.iter_lines()
                next(lines)  # "retry": it listens
                time.sleep(0.3)
                post(client, f"seen{number}-{time.time_ns()}@seen-{number}.com", name=name)
                start = time.perf_counter()
                for line in lines:
                    if line.startswith("id:") and name in owner.get("/notices").text:
                        break
                    if time.perf_counter() - start > 30:
                        raise RuntimeError(f"{name} never came to the screen")
                waits.append((time.perf_counter() - start) * 1000)
    return spread(waits)


@contextmanager
def signed_in(served: tree.Tree) -> Iterator[httpx.Client]:
    """The owner, by the form."""
    with httpx.Client(base_url=served.url, timeout=30) as client:
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', client.get("/sign-in/").text)
        assert token is not None
        said = {"csrfmiddlewaretoken": token[1], "login": "ada@example.com",
                "password": "correct horse battery"}  # fmt: skip
        entered = client.post("/sign-in/", data=said, headers={"Referer": served.url})
        assert entered.status_code == 302, entered.text
        yield client


def bare_post(served: tree.Tree, posts: int) -> dict[str, float]:
    """One durable form post and nothing else."""
    waits = []
    with httpx.Client(base_url=served.url, timeout=30) as client:
        for number in range(posts):
            start = time.perf_counter()
            post(client, f"bare{number}@bare.com")
            waits.append((time.perf_counter() - start) * 1000)
    return spread(waits)


def post(client: httpx.Client, email: str, *, name: str = "Speed Tester") -> None:
    values = {"name": name, "email": email, "company.name": "Speedy"}
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
def mute_server() -> Iterator[tuple[int, list[socket.socket]]]:
    """A mail server that takes the connection and never says a word: its port, and who called."""
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
        yield listener.getsockname()[1], kept
    finally:
        listener.close()
        for each in kept:
            each.close()


if __name__ == "__main__":
    main()
