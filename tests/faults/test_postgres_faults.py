"""PostgreSQL goes away, or its disk is full, and comes back: 503 meanwhile, nothing lost, no
restart needed."""

import os
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from tests.faults import outage
from tests.faults.outage import Postgres, Visitor, check_refused, processes
from tests.races import safe_tree
from tests.worker.tree import Tree, until

pytestmark = pytest.mark.sqlite_only  # brings its own cluster: once is enough


def test_postgresql_that_stops_and_starts_loses_nothing(tmp_path: Path) -> None:
    with safe_tree.served(tmp_path / "data") as tree:
        postgres = Postgres(tree.environment["LEADLINE_DATABASE_URL"])
        visitor, before = Visitor(tree), processes(tree)
        for _ in range(20):
            assert visitor.track().status_code == 200
        postgres.stop()
        check_everything_refused(tree, visitor)
        time.sleep(1)
        postgres.start()
        until(tree.is_ready, what="readiness")
        until(lambda: visitor.track().status_code == 200, what="the door to be open")
        assert visitor.post_form().status_code == 200
        visitor.check_everything_arrived()
        assert processes(tree) == before, "a process was started again"


def test_a_full_disk_of_postgresql_refuses_keeps_what_was_accepted_and_recovers(
    tmp_path: Path,
) -> None:
    try:
        with (
            outage.small_disk(open_to_postgres(), megabytes=160) as disk,
            safe_tree.served(tmp_path / "data", disk=disk) as tree,
        ):
            fill_up_and_recover(tree, disk)
    except OSError as error:
        pytest.skip(f"no disk of its own can be mounted here: {error}")


def open_to_postgres() -> Path:
    """A place for a disk that PostgreSQL's own user reaches: a test's folder is root's alone."""
    return Path(tempfile.gettempdir()) / f"leadline-disk-{os.getpid()}-{time.monotonic_ns()}"


def fill_up_and_recover(tree: Tree, disk: Path) -> None:
    visitor, before = Visitor(tree), processes(tree)
    for _ in range(20):
        assert visitor.track().status_code == 200
    with outage.full(disk):
        # What is left of the last page of a table takes a few more.
        until(lambda: visitor.track().status_code == 503, what="the disk to be full")
        check_refused(visitor.track())
        check_refused(visitor.post_form())
        assert httpx.get(f"{tree.url}/readyz", timeout=20).status_code == 503
        assert httpx.get(f"{tree.url}/healthz").status_code == 200
        check_refused(visitor.post_lead())
    until(tree.is_ready, what="readiness")
    assert visitor.track().status_code == 200
    assert visitor.post_form().status_code == 200
    visitor.check_everything_arrived()
    assert tree.query("SELECT count(*) FROM capture_parked") == [(0,)]
    assert processes(tree) == before, "a process was started again"


def check_everything_refused(tree: Tree, visitor: Visitor) -> None:
    check_refused(visitor.track())
    check_refused(visitor.post_form())
    assert httpx.get(f"{tree.url}/readyz", timeout=20).status_code == 503
    assert httpx.get(f"{tree.url}/healthz").status_code == 200
    check_refused(httpx.get(f"{tree.url}/api/v1/me", headers=bearer(tree.keys), timeout=20))
    cookies = {"leadline_session": "x" * 32}
    check_refused(httpx.get(f"{tree.url}/today", cookies=cookies, timeout=20))


def bearer(keys: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {keys['api_key']}"}
