"""The lanes of a worker do not wait for each other."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.worker.tree import Tree, copied, free_port, started, until

_PLAN = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "leadline.config.settings"
import django
django.setup()
from leadline.lib import clock
from leadline.workspace import jobs
assert jobs.enqueue("backup", now=clock.now())
"""


@contextmanager
def mute_mail_server(port: int) -> Iterator[list[socket.socket]]:
    """Takes connections and says nothing until the block ends, when it hangs up: who called."""
    callers: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", port)) as listener:

        def accept() -> None:
            while True:
                try:
                    callers.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield callers
        listener.shutdown(socket.SHUT_RDWR)
    for each in callers:
        each.close()


def ask(tree: Tree, name: str) -> None:
    said = {"name": name, "email": f"{name.lower()}@navy.example.com", "company.name": "Navy"}
    headers = {"Accept": "application/json"}
    assert httpx.post(f"{tree.url}/f/demo", json=said, headers=headers).status_code == 200


def plan_backup(tree: Tree) -> None:
    """A job of a few seconds, for which the worker starts a child."""
    done = subprocess.run(
        [sys.executable, "-c", _PLAN], env=tree.environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def await_lead(tree: Tree, name: str) -> None:
    sql = f"SELECT owner_id IS NOT NULL FROM cards_card WHERE name = '{name}'"
    until(lambda: [bool(found) for (found,) in tree.query(sql)] == [True], what=f"{name}'s owner")


def test_a_frozen_job_and_a_mute_mail_server_keep_no_lead_waiting(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    environment = copied(data) | {"LEADLINE_EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    # Hung up on first, the sender does not hold the end of the tree up until it loses patience.
    with started(data, environment) as tree, mute_mail_server(port) as callers:
        ask(tree, "Grace")
        await_lead(tree, "Grace")
        assert tree.query("SELECT kind FROM routing_notification") == [("hot_lead",)]
        until(lambda: bool(callers), what="the mail about Grace to be tried")
        plan_backup(tree)
        until(lambda: tree.child("job_child") is not None, what="a child for the jobs")
        child = tree.child("job_child")
        assert child is not None
        os.kill(child, signal.SIGSTOP)
        try:
            ask(tree, "Ada")
            await_lead(tree, "Ada")
            assert Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "T"
            held = "SELECT count(*) FROM delivery_message WHERE state IN ('claimed', 'handing')"
            assert tree.query(held) != [(0,)]
        finally:
            os.kill(child, signal.SIGCONT)
