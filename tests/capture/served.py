"""A real server for tests that are about processes: its own folder, its own port."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests import made

SERVER_KEY = "lk_server_" + "s" * 32
LOG = "server.log"
BROWSER_KEY = "lk_browser_" + "b" * 32

_SEED = """
from leadline.config import environment
environment.prepare_data_folder()
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.capture import examples
examples.seed()
"""
_SERVE = """
import os, sys
if os.environ.get("TEST_HASTY"):
    # The twin of the durability test: acknowledges at once and commits half a second later.
    import asyncio, time
    from leadline.capture import inbox, inbox_sqlite
    honest_append, honest_store = inbox.Writer.append, inbox_sqlite.SqliteInbox.append
    def append(self, draft):
        honest_append(self, draft)
        told = self._loop.create_future()
        told.set_result(None)
        return told
    def store(self, drafts):
        time.sleep(0.5)
        honest_store(self, drafts)
    inbox.Writer.append, inbox_sqlite.SqliteInbox.append = append, store
import uvicorn
from leadline.config.protocol import Protocol
uvicorn.run(
    "leadline.config.asgi:application", host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop",
    http=Protocol, ws="none", lifespan="on", log_config=None, access_log=False,
    server_header=False, proxy_headers=False,
)
"""


@dataclass
class Server:
    """A running web process."""

    data: Path
    port: int
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log(self) -> str:
        """What it has logged since it was set up."""
        return (self.data / LOG).read_text()

    def kill(self) -> None:
        """Like a power cut for the process: SIGKILL, and wait until it is gone."""
        self.process.kill()
        self.process.wait(10)

    def start_again(self) -> None:
        self.process = _spawn(self.port, self.environment)
        _await_ready(self)


@contextmanager
def running(
    data: Path, *, database_url: str = "", is_hasty: bool = False, log_json: bool = False
) -> Iterator[Server]:
    """A migrated and seeded workspace in `data`, served on a free port until the block ends.

    `is_hasty` breaks it on purpose: it answers before it stores. What it logs is in `server.log`.
    """
    environment = {
        **os.environ,
        "LEADLINE_DATA": str(data),
        "LEADLINE_DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "leadline.config.settings",
        "PYTHONPATH": str(made.ROOT),
        "LEADLINE_LOG_LEVEL": "WARNING",
        "LEADLINE_LOG_JSON": "1" if log_json else "",
        "PYTHONWARNINGS": "ignore::UserWarning",
        "TEST_HASTY": "1" if is_hasty else "",
    }
    if database_url:
        made.run(_SEED, environment)
    else:
        shutil.copytree(made.once("seeded", _seed), data, dirs_exist_ok=True)
    port = _free_port()
    server = Server(data, port, _spawn(port, environment), environment)
    try:
        _await_ready(server)
        yield server
    finally:
        server.process.terminate()
        try:
            server.process.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def _seed(folder: Path) -> None:
    shutil.copytree(made.migrated(), folder, dirs_exist_ok=True)
    made.run(_SEED, made.on_sqlite(folder))


def _spawn(port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _SERVE, str(port)]
    with (Path(environment["LEADLINE_DATA"]) / LOG).open("ab") as log:
        return subprocess.Popen(command, env=environment, stderr=log)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_ready(server: Server) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise AssertionError("The web process ended while starting.")
        try:
            if httpx.get(f"{server.url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("The web process did not become ready within 30 s.")


def readiness(server: Server) -> dict[str, object]:
    found: dict[str, object] = json.loads(httpx.get(f"{server.url}/readyz").content)
    return found
