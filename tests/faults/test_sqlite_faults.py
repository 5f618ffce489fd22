"""Locked, full or read-only: 503 with a time to come back, nothing lost, no restart needed."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from leadline.capture.inbox import Draft, InboxUnavailable
from leadline.capture.inbox_sqlite import FILE_NAME, SqliteInbox
from leadline.capture.reader import SqliteReader
from tests.faults import outage
from tests.faults.outage import FailingDisk, Visitor, check_refused, processes
from tests.worker.tree import Tree, fresh_environment, served, started, template, until

pytestmark = pytest.mark.sqlite_only  # about files; PostgreSQL is in test_postgres_faults


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    with served(tmp_path_factory.mktemp("faults") / "data") as tree:
        yield tree


def check_open_again(tree: Tree, visitor: Visitor, before: tuple[int | None, ...]) -> None:
    until(tree.is_ready, what="readiness")
    assert visitor.track().status_code == 200
    assert visitor.post_form().status_code == 200
    assert processes(tree) == before, "a process was started again"
    visitor.check_everything_arrived()


def test_a_locked_inbox_refuses_events_and_forms_and_recovers(tree: Tree) -> None:
    """The file, on which SQLite waits for two seconds, is held for longer."""
    visitor, before = Visitor(tree), processes(tree)
    assert visitor.track().status_code == 200
    with outage.locked(tree.data / "inbox.sqlite3"):
        check_refused(visitor.track())
        check_refused(visitor.post_form())
        page = visitor.post_form(accept="text/html")
        check_refused(page)
        assert "grace@navy.example.com" in page.text
        assert httpx.get(f"{tree.url}/readyz").status_code == 503
        assert httpx.get(f"{tree.url}/healthz").status_code == 200
    check_open_again(tree, visitor, before)


def test_a_locked_main_database_delays_the_worker_and_refuses_nobody(tree: Tree) -> None:
    visitor, before = Visitor(tree), processes(tree)
    with outage.locked(tree.data / "leadline.sqlite3"):
        for _ in range(5):
            assert visitor.track().status_code == 200
        assert visitor.post_form().status_code == 200
        assert tree.pending() >= 1
    check_open_again(tree, visitor, before)


def test_api_and_screens_wait_a_little_for_a_locked_main_database_then_refuse(tree: Tree) -> None:
    """No 20 s of silence: somebody waits in front of a screen, and 16 of them hold all threads."""
    visitor, before = Visitor(tree), processes(tree)
    headers = {"Authorization": f"Bearer {tree.keys['api_key']}"}
    with outage.locked(tree.data / "leadline.sqlite3"):
        # Reading goes on at once, although the first use of a key would be noted.
        for path in ("/api/v1/me", "/api/v1/leads"):
            read = httpx.get(tree.url + path, headers=headers, timeout=20)
            assert (read.status_code, read.elapsed.total_seconds() < 2) == (200, True)
        with ThreadPoolExecutor(20) as crowd:
            asked = [crowd.submit(visitor.post_lead) for _ in range(20)]
            for each in asked:
                check_refused(each.result())
        refused = visitor.sign_in()
        check_refused(refused)
        assert refused.elapsed.total_seconds() < 10
    assert visitor.post_lead().is_success
    assert visitor.sign_in().status_code == 302
    check_open_again(tree, visitor, before)


def test_files_that_cannot_grow_refuse_and_recover(tree: Tree) -> None:
    visitor, before = Visitor(tree), processes(tree)
    assert visitor.track().status_code == 200
    with outage.no_file_may_grow(*before):
        check_refused(visitor.track())
        check_refused(visitor.post_form())
    check_open_again(tree, visitor, before)


def test_a_full_disk_refuses_keeps_what_was_accepted_and_recovers(tmp_path: Path) -> None:
    try:
        with outage.small_disk(tmp_path / "disk", megabytes=64) as disk:
            data = disk / "data"
            shutil.copytree(template().folder, data)
            environment = fresh_environment(data)
            with started(data, environment, keys=template().keys) as tree:
                fill_up_and_recover(tree, disk)
    except OSError as error:
        pytest.skip(f"no disk of its own can be mounted here: {error}")


def test_a_read_only_disk_refuses_and_is_written_again_later(tmp_path: Path) -> None:
    """No process may hold a file open while its disk is made read-only, so this is the inbox
    alone."""
    row = Draft(1, "key:1", "track", 1, 0, "{}", b"{}")
    try:
        with outage.small_disk(tmp_path / "disk", megabytes=4) as disk:
            store = SqliteInbox(disk / FILE_NAME, consumed=lambda: 0)
            store.append([row])
            store.close()
            outage.remount(disk, "ro")
            for _ in range(2):
                with pytest.raises(InboxUnavailable):
                    store.append([row])
                with pytest.raises(InboxUnavailable):
                    store.probe()
            outage.remount(disk, "rw")
            store.probe()
            store.append([row])
            store.close()
            reader = SqliteReader(disk / FILE_NAME)
            assert len(reader.after(0, 10)) == 2
            reader.close()
    except OSError as error:
        pytest.skip(f"no disk of its own can be mounted here: {error}")


def test_a_disk_that_turns_read_only_refuses_and_keeps_what_was_accepted(tmp_path: Path) -> None:
    try:
        with outage.failing_disk(tmp_path / "disk", megabytes=96) as disk:
            data = disk.folder / "data"
            shutil.copytree(template().folder, data)
            os.sync()
            environment = fresh_environment(data)
            with started(data, environment, keys=template().keys) as tree:
                fail_and_be_repaired(tree, disk)
    except OSError as error:
        pytest.skip(f"no disk of its own can be mounted here: {error}")


def fail_and_be_repaired(tree: Tree, disk: FailingDisk) -> None:
    visitor = Visitor(tree)
    for _ in range(20):
        assert visitor.track().status_code == 200
    assert visitor.post_form().status_code == 200
    disk.fail()
    for _ in range(2):
        check_refused(visitor.track())
        check_refused(visitor.post_form())
        check_refused(visitor.post_form(accept="text/html"))
        check_refused(visitor.post_lead())
        check_refused(visitor.sign_in())
    assert httpx.get(f"{tree.url}/readyz", timeout=20).status_code == 503
    assert httpx.get(f"{tree.url}/healthz").status_code == 200
    tree.end()
    disk.repair()
    tree.start()
    assert visitor.track().status_code == 200
    visitor.check_everything_arrived()


def fill_up_and_recover(tree: Tree, disk: Path) -> None:
    visitor, before = Visitor(tree), processes(tree)
    for _ in range(20):
        assert visitor.track().status_code == 200
    with outage.full(disk):
        # What is left of the last page of a file may take a few more.
        until(lambda: visitor.track().status_code == 503, what="the disk to be full")
        check_refused(visitor.track())
        check_refused(visitor.post_form())
    check_open_again(tree, visitor, before)
