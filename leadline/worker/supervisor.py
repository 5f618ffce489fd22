"""`leadline serve`: one process that starts web and worker and keeps them running.

It imports no Django, so it stays small and cannot be what crashes. It holds the listening socket
and the lock of the data folder for as long as anyone in the tree lives: while the web process is
started again, connections wait in the socket's queue instead of being refused, and a second
instance on the same folder is refused even if the supervisor itself has been killed.
"""

import json
import logging.config
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from leadline.config import environment, logs, sqlite
from leadline.lib import folder_move, local_socket
from leadline.worker import children, moving
from leadline.worker.folder_lock import FolderLock, InUse
from leadline.worker.stop import Stop

BACKLOG = 2_048
LOOK_EVERY_SECONDS = 0.1
# Everything has to be over 30 s after SIGTERM; the rest is for the kernel.
END_WITHIN_SECONDS = 25.0


class CannotServe(Exception):
    """Why the start was refused, in one line that says what to do."""


@dataclass(frozen=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{self.port}"  # noqa: S104  # shown, not bound


def run(*, address: Address, say: Callable[[Mapping[str, object]], None]) -> int:
    """Serve the data folder of this process's environment until SIGTERM or Ctrl C.

    `say` gets {"event": "serving", "url", "process", "needs_set_up", "token"}. Returns the exit
    code: 0 when everyone ended by themselves. Raises CannotServe before anything is started:
    vulnerable SQLite, folder not writable or in use, port in use, database out of reach.
    """
    stop = Stop()
    stop.on_signals()
    served = _Served(_folder())
    try:
        with closing(_listening(address)) as listener:
            environment.set_default_base_url(address.url)
            prepared = _prepare(stop)
            if stop.is_set:
                return 0
            say({"event": "serving", "url": address.url, "process": os.getpid(), **prepared})
            while True:
                tree = _tree(served, listener)
                moved = _watch(tree, stop, served)
                in_time = _end(tree)
                if moved is None:
                    return 0 if in_time else 1
                served.close()
                served = moved
                say({"event": "moved", "url": address.url, "folder": str(served.folder)})
    finally:
        served.close()


def _tree(served: "_Served", listener: socket.socket) -> list[children.Child]:
    """Web and worker, not started yet, and the analyst, who is once somebody asks."""
    keep = (served.lock.descriptor,)
    web = children.Child(
        "web",
        "leadline.worker.web",
        (str(listener.fileno()),),
        keep=(*keep, listener.fileno()),
    )
    worker = children.Child("worker", "leadline.worker.main", after_crash=("wary",), keep=keep)
    analyst = children.OnCall(
        "analyst",
        "leadline.analytics.analyst",
        (str(served.desk.fileno()),),
        keep=(*keep, served.desk.fileno()),
        listener=served.desk,
    )
    return [web, worker, analyst]


def _watch(tree: list[children.Child], stop: Stop, served: "_Served") -> "_Served | None":
    """Keep the tree running until it is time to end (None), or for another folder (its lock)."""
    while not stop.is_set:
        for child in tree:
            child.tend()
        wish = folder_move.take(served.folder)
        moved = _move(wish, served, stop) if wish else None
        if moved is not None:
            return moved
        stop.wait(LOOK_EVERY_SECONDS)
    # A second Ctrl C or SIGTERM does not wait any longer.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    return None


def _move(wish: folder_move.Wish, served: "_Served", stop: Stop) -> "_Served | None":
    """Make the other folder ready and take its lock; None when everything stays as it is."""
    taken = None
    try:
        answer = moving.prepared(wish, served=served.folder, wait=stop.wait)
        taken = _Served(_folder())
        _prepare(stop)
    except (moving.CannotMove, CannotServe) as problem:
        if taken is not None:
            taken.close()
        moving.refuse(wish, served=served.folder, problem=problem)
        return None
    folder_move.answer(served.folder, answer)
    return taken


def _end(tree: list[children.Child]) -> bool:
    """End everybody; True when all did so by themselves."""
    for child in tree:
        child.ask_to_end()
    deadline = time.monotonic() + END_WITHIN_SECONDS
    ended = [child.end(deadline=deadline) for child in tree]
    return all(ended)


def _folder() -> Path:
    try:
        sqlite.check()
        folder = environment.prepare_data_folder()
        found = environment.read()
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except (sqlite.VulnerableSqlite, environment.EnvironmentProblem) as problem:
        raise CannotServe(str(problem)) from problem
    except OSError as problem:
        raise CannotServe(
            f"The data folder {environment.data_folder()} cannot be written "
            f"({problem.strerror}). Choose another with --data, or give this user the right."
        ) from problem
    logging.config.dictConfig(logs.configuration(json=found.log_json, level=found.log_level))
    return folder


class _Served:
    """A data folder, its lock, and the desk at which questions to the analyst are left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.lock = FolderLock(folder)
        except InUse as problem:
            raise CannotServe(str(problem)) from problem
        try:
            self.desk = local_socket.listening(folder / local_socket.ANALYST)
        except OSError as problem:
            self.lock.close()
            raise CannotServe(
                f"No socket can be made in the data folder {folder} ({problem.strerror}). "
                "Choose a folder on a local disk with --data."
            ) from problem

    def close(self) -> None:
        """Let the folder go. The desk first: who takes the lock next makes a new one."""
        (self.folder / local_socket.ANALYST).unlink(missing_ok=True)
        self.desk.close()
        self.lock.close()


def _listening(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
    except OSError as problem:
        listener.close()
        raise CannotServe(
            f"Port {address.port} on {address.host} cannot be used ({problem.strerror}). "
            "Choose another with --port."
        ) from problem
    listener.listen(BACKLOG)
    return listener


def _prepare(stop: Stop) -> Mapping[str, object]:
    """Migrate in a process of its own; what it says is one JSON line."""
    process = children.start("leadline.worker.prepare", stdout=subprocess.PIPE)
    while process.poll() is None and not stop.wait(LOOK_EVERY_SECONDS):
        pass
    if stop.is_set:
        process.terminate()
    output, _ = process.communicate()
    if process.returncode != 0 and not stop.is_set:
        raise CannotServe("The database could not be prepared; the reason stands above.")
    lines = output.decode().splitlines()
    found: Mapping[str, object] = json.loads(lines[-1]) if lines and not stop.is_set else {}
    return found
