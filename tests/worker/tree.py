"""A real process tree: set up and served in a folder of its own, on its own port and database."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx
import psycopg

from tests import made, scratch

LEADLINE = (sys.executable, "-m", "leadline")
PATIENCE_SECONDS = 40.0
# What is promised to whoever stops a service: all of it is over by then, whatever is going on.
END_SECONDS = 30.0
# Of a template: the workspace, and what `setup` said of it.
_DATA, _SAID = "data", "said.json"


@dataclass
class Tree:
    """A workspace and the `leadline serve` on it."""

    data: Path
    port: int
    environment: dict[str, str]
    keys: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*LEADLINE, "serve", "--data", str(self.data), "--port", str(self.port)],
            env=self.environment,
            stdout=2,  # what the tree says is not the result of the program that started it
        )
        until(self.is_ready, what="the tree to be ready")

    def is_ready(self) -> bool:
        assert self.process is None or self.process.poll() is None, "the tree has ended"
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def child(self, module: str) -> int | None:
        """The process id of the supervisor's child, or a child's child, that runs `module`."""
        assert self.process is not None
        below = _children(self.process.pid)
        for number in [*below, *(each for child in below for each in _children(child))]:
            if module.encode() in _command(number):
                return number
        return None

    def kill(self, module: str) -> None:
        """kill -9 one process: `leadline.worker.main`, `leadline.worker.web` or `supervisor`."""
        assert self.process is not None
        if module == "supervisor":
            tree = [self.process.pid, *_children(self.process.pid)]
            self.process.kill()
            self.process.wait(10)
            until(lambda: not any(map(is_alive, tree)), what="the children to be gone")
            self.start()
        elif number := self.child(module):
            os.kill(number, signal.SIGKILL)

    def end(self) -> int:
        """SIGTERM; the exit code. Raises TimeoutExpired when it takes longer than is promised."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(END_SECONDS)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the database of the tree."""
        address = self.environment.get("LEADLINE_DATABASE_URL")
        if address:
            with psycopg.connect(address) as connection:
                return connection.execute(sql.encode()).fetchall()
        with closing(sqlite3.connect(self.data / "leadline.sqlite3", timeout=20)) as file:
            return file.execute(sql).fetchall()

    def pending(self) -> int:
        found = httpx.get(f"{self.url}/readyz", timeout=5).json()["pending"]
        return -1 if found is None else int(found)


@dataclass(frozen=True)
class Template:
    """A workspace that has been set up once; every tree starts from a copy."""

    folder: Path
    database: str
    keys: dict[str, str]


@cache
def template() -> Template:
    """Owner, keys, playbook: set up once per run, on PostgreSQL once per cluster, which is once
    per test process."""
    if "LEADLINE_DATABASE_URL" not in os.environ:
        return _told(made.once("set-up", lambda folder: _set_up(folder, "")), "")
    folder, database = scratch.folder("tree"), f"tree_{os.getpid()}"
    _create_database(f"CREATE DATABASE {database}")
    _set_up(folder, database)
    return _told(folder, database)


def _set_up(folder: Path, database: str) -> None:
    done = run(
        _environment(folder / _DATA, database), "setup", "--data", str(folder / _DATA), "--json",
        "--owner-email", "ada@example.com", "--owner-password", "correct horse battery",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (folder / _SAID).write_text(done.stdout)


def _told(folder: Path, database: str) -> Template:
    return Template(folder / _DATA, database, json.loads((folder / _SAID).read_text()))


@contextmanager
def served(data: Path) -> Iterator[Tree]:
    """A workspace with owner, keys and playbook, served until the block ends.

    On the engine that the test run is on; on PostgreSQL in a database of its own.
    """
    with started(data, copied(data), keys=template().keys) as tree:
        yield tree


def copied(data: Path) -> dict[str, str]:
    """A workspace with owner, keys and playbook in the folder, not served; its environment."""
    made = template()
    shutil.copytree(made.folder, data)
    database = f"{made.database}_{time.monotonic_ns()}"
    _create_database(f"CREATE DATABASE {database} TEMPLATE {made.database}")
    return _environment(data, database)


@contextmanager
def started(
    data: Path, environment: dict[str, str], *, keys: dict[str, str] | None = None
) -> Iterator[Tree]:
    """`leadline serve` on a folder as it is, until the block ends."""
    tree = Tree(data, free_port(), environment, keys or {})
    try:
        tree.start()
        yield tree
    finally:
        if tree.process is not None and tree.process.poll() is None:
            tree.end()


def fresh_environment(data: Path) -> dict[str, str]:
    """For a folder, and on PostgreSQL a database, in which there is nothing yet."""
    database = f"fresh_{os.getpid()}_{time.monotonic_ns()}"
    _create_database(f"CREATE DATABASE {database}")
    return _environment(data, database)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the command line to its end."""
    return subprocess.run(
        [*LEADLINE, *arguments], env=environment, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


def until(holds: Callable[[], bool], *, what: str) -> None:
    """Wait until a condition holds; fails with `what` after 40 s."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def is_alive(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _environment(data: Path, database: str) -> dict[str, str]:
    found = {name: value for name, value in os.environ.items() if name != "LEADLINE_SECRET_KEY"}
    found |= {"LEADLINE_DATA": str(data), "PYTHONPATH": str(made.ROOT)}
    if address := found.get("LEADLINE_DATABASE_URL"):
        found["LEADLINE_DATABASE_URL"] = f"{address.rpartition('/')[0]}/{database}"
    return found


def _create_database(sql: str) -> None:
    """On PostgreSQL only: SQLite's database is a file of the data folder."""
    if address := os.environ.get("LEADLINE_DATABASE_URL"):
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.encode())


def _children(parent: int) -> list[int]:
    """Of all its threads: a child belongs to the one that started it."""
    try:
        listed = [path.read_text() for path in Path(f"/proc/{parent}/task").glob("*/children")]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(number) for of_one in listed for number in of_one.split()]


def _command(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
