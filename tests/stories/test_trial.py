"""The first half hour without a manual: demo, own workspace, a form on one's own site, a colleague.

Everything is clicked and copied from what the screens say; the form stands on another origin.
"""

import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import made
from tests.stories import trial
from tests.stories.trial import PASSWORD, Walk
from tests.worker import tree as trees
from tests.worker.tree import Tree

# A demo on PostgreSQL has one database and says so instead (tests/web/test_demo.py).
pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

RECORD = made.ROOT / "docs" / "trial.md"
# What was installed is not installed again; assets and translations are built, as in every clone.
_INSTALLED = {".venv": ".venv/.synced", "node_modules": "node_modules/.installed"}
DEMO_SECONDS = 600


@contextmanager
def _begun(folder: Path) -> Iterator[Tree]:
    """What `make run` does in a bare folder, with a workspace that only says that it is a demo."""
    port = trees.free_port()
    url = f"http://127.0.0.1:{port}"
    tree = Tree(folder / "data", port, trees.fresh_environment(folder / "data"), {})
    done = trees.run(
        tree.environment, "setup", "--data", str(tree.data), "--base-url", url,
        "--owner-email", "ada@example.com", "--owner-password", PASSWORD,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(tree.data / "leadline.sqlite3", timeout=20)) as file:
        file.execute("UPDATE workspace_workspace SET is_demo = 1, notes = '{\"demo\": {}}'")
        file.commit()
    tree.start()
    try:
        yield tree
    finally:
        tree.end()


def _recorded() -> list[str]:
    """The steps of the walk that is on record."""
    return re.findall(r"^\| \d+ \| ([^|]+?) \|", RECORD.read_text(), re.MULTILINE)


def test_a_lead_from_ones_own_site_is_in_the_todays_of_owner_and_colleague(
    browser: Browser, tmp_path: Path
) -> None:
    walk = Walk()
    with _begun(tmp_path) as tree:
        trial.to_the_colleagues_today(
            browser, tree.url, tmp_path, login="ada@example.com", password=PASSWORD, walk=walk
        )
    assert ["Clone", "make run", *(said for said, _seconds in walk.steps)] == _recorded()


@pytest.mark.torture
def test_from_a_bare_clone_to_the_colleagues_today(browser: Browser, tmp_path: Path) -> None:
    """With the whole demo, so it takes minutes. What it took is written to build/trial.json."""
    walk, clone = Walk(), tmp_path / "leadline"
    with walk.step("Clone"):
        _clone(clone)
    with _made(clone, walk=walk) as (tree, login, password):
        trial.to_the_colleagues_today(
            browser, tree.url, tmp_path, login=login, password=password, walk=walk
        )
    assert (clone / "data" / "demo" / "moved_to").read_text().strip() == str(clone / "data" / "own")
    file = made.ROOT / "build" / "trial.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(walk.told(), indent=2))
    assert [said for said, _seconds in walk.steps] == _recorded()


def _clone(clone: Path) -> None:
    done = subprocess.run(
        ["git", "clone", "--quiet", made.ROOT, clone], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"this is no clone itself: {done.stderr}")
    for name in _INSTALLED:
        (clone / name).symlink_to(made.ROOT / name)


@contextmanager
def _made(clone: Path, *, walk: Walk) -> Iterator[tuple[Tree, str, str]]:
    """`make run` in the clone, and what it prints: whom to sign in as, and with what."""
    port = trees.free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEADLINE_")}
    environment = {**kept, "PYTHONPATH": str(clone)}
    for name in ("DATA", "DEMO", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PORT"):
        environment.pop(name, None)
    tree = Tree(clone / "data" / "demo", port, environment, {})
    skipped = [part for stamp in _INSTALLED.values() for part in ("-o", stamp)]
    out = clone.parent / "said"
    with walk.step("make run"), out.open("w") as said:
        tree.process = subprocess.Popen(
            ["make", *skipped, "run", f"PORT={port}"], cwd=clone, env=environment, stdout=said,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        _wait_until_ready(tree)
    try:
        login, password = _told(out.read_text())
        yield tree, login, password
    finally:
        if tree.process.poll() is None:
            os.killpg(tree.process.pid, signal.SIGTERM)
            tree.process.wait(trees.END_SECONDS)


def _wait_until_ready(tree: Tree) -> None:
    deadline = time.monotonic() + DEMO_SECONDS
    while not tree.is_ready():
        assert time.monotonic() < deadline, "the demo is not there"
        time.sleep(0.2)


def _told(out: str) -> tuple[str, str]:
    found = re.search(r"Sign in as (\S+) with the password (\S+)", out)
    assert found is not None, out
    return found[1], found[2]
