"""`make run` on a folder and a port of its own, as somebody starts it who has a clone."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from leadline.worker import folder_lock
from tests import made
from tests.worker import tree as trees
from tests.worker.tree import Tree

pytestmark = pytest.mark.sqlite_only  # the database is a file of the folder

# What `setup` installs is there, or no test would run.
_MAKE = ("make", "-o", "setup", "run")
_CALLERS = ("DATA", "DEMO", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PORT")


def _environment() -> dict[str, str]:
    """Nothing of the run of the tests, which may have been started by make itself."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _CALLERS and not name.startswith("LEADLINE_")
    }


def _would_start(*wanted: str) -> str:
    """The line that make would run."""
    done = subprocess.run(
        [*_MAKE, "-n", *wanted], cwd=made.ROOT, env=_environment(), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return done.stdout.splitlines()[-1]


@contextmanager
def _made(data: Path, *wanted: str) -> Iterator[Tree]:
    """What `make run` serves, until the block ends."""
    port = trees.free_port()
    environment = _environment()
    tree = Tree(data, port, environment, {})
    with (data.parent / "said").open("w") as said:
        tree.process = subprocess.Popen(
            [*_MAKE, f"PORT={port}", f"DATA={data}", *wanted], cwd=made.ROOT, env=environment,
            stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        trees.until(tree.is_ready, what="make run to serve")
        yield tree
    finally:
        if tree.process.poll() is None:
            tree.end()


def _today_of_the_first_owner(tree: Tree) -> str:
    """Fill in the page that the bare address leads to; the screen on which that ends."""
    with httpx.Client(base_url=tree.url, follow_redirects=True, timeout=20) as client:
        page = client.get("/")
        assert page.url.path == "/set-up"
        form = {
            "csrfmiddlewaretoken": client.cookies["leadline_csrf"],
            "workspace_name": "Halvorsen", "name": "Nora", "email": "nora@halvorsen.example",
            "password": "correct horse battery", "time_zone": "Europe/Oslo",
        }  # fmt: skip
        today = client.post("/set-up", data=form)
        assert today.url.path == "/today"
        return today.text


def test_without_the_demo_it_starts_an_empty_workspace_of_ones_own(tmp_path: Path) -> None:
    data = tmp_path / "own"
    with _made(data, "DEMO=0") as tree:
        assert tree.query("SELECT count(*) FROM workspace_workspace") == [(0,)]
        said = (tmp_path / "said").read_text()
        assert "It has no owner yet" in said
        assert f"{tree.url}/set-up" in said

        today = _today_of_the_first_owner(tree)
        assert "Halvorsen" in today
        assert "chip-demo" not in today
        assert tree.query("SELECT name, is_demo FROM workspace_workspace") == [("Halvorsen", 0)]
        for table in ("leads_lead", "leads_company", "deals_deal", "timeline_event"):
            assert tree.query(f"SELECT count(*) FROM {table}") == [(0,)], table

        # make passes SIGTERM on and ends when everybody has; nobody keeps the folder.
        assert tree.end() != 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{tree.url}/healthz", timeout=5)
        with closing(folder_lock.FolderLock(data)):
            pass


def test_each_of_the_two_has_a_folder_of_its_own() -> None:
    assert "DATA=data/own DEMO=0 " in _would_start("DEMO=0")
    assert "DATA=data/demo DEMO=1 " in _would_start()
    assert f"DATA={Path('/srv/leads')} DEMO=0 " in _would_start("DEMO=0", "DATA=/srv/leads")
