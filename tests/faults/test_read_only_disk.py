"""The whole tree on a disk that is read-only for a while: refused meanwhile, nothing lost, written
again afterwards without anybody starting it again."""

import os
import shutil
from pathlib import Path

import httpx
import pytest

from tests.faults import outage
from tests.faults.outage import FailingDisk, Visitor, check_refused
from tests.worker.tree import Tree, fresh_environment, started, template, until

pytestmark = pytest.mark.sqlite_only  # about files; PostgreSQL is in test_postgres_faults


def be_read_only_for_a_while(tree: Tree, disk: FailingDisk) -> None:
    visitor, supervisor = Visitor(tree), tree.process
    for _ in range(20):
        assert visitor.track().status_code == 200
    assert visitor.post_form().status_code == 200
    os.sync()
    with disk.read_only():
        check_everything_refused(tree, visitor)
        # All that the next one opens can only read, and so can what its threads share of it.
        tree.kill("leadline.worker.web")
        check_everything_refused(tree, visitor)
    until(tree.is_ready, what="readiness")
    assert visitor.track().status_code == 200
    assert visitor.post_form().status_code == 200
    for _ in range(20):  # more than there are threads
        assert visitor.post_lead().is_success
    assert visitor.sign_in().status_code == 302
    visitor.check_everything_arrived()
    assert tree.query("SELECT count(*) FROM capture_parked") == [(0,)]
    assert tree.process is supervisor
    assert tree.is_ready()


def check_everything_refused(tree: Tree, visitor: Visitor) -> None:
    until(lambda: is_answered(tree), what="the web process to be there")
    check_refused(visitor.track())
    check_refused(visitor.post_form())
    check_refused(visitor.post_form(accept="text/html"))
    check_refused(visitor.post_lead())
    check_refused(visitor.sign_in())
    assert httpx.get(f"{tree.url}/readyz", timeout=20).status_code == 503


def is_answered(tree: Tree) -> bool:
    """Writing to what is shared in memory ends a process when the kernel can no longer take it to
    the disk (SIGBUS); the supervisor starts the next one."""
    try:
        asked = [Visitor(tree).track(), Visitor(tree).post_lead()]
    except httpx.TransportError:
        return False
    return [each.status_code for each in asked] == [503, 503]


def test_a_disk_that_is_read_only_for_a_while_is_written_again_without_a_restart(
    tmp_path: Path,
) -> None:
    try:
        with outage.failing_disk(tmp_path / "disk", megabytes=96) as disk:
            data = disk.folder / "data"
            shutil.copytree(template().folder, data)
            environment = fresh_environment(data)
            with started(data, environment, keys=template().keys) as tree:
                be_read_only_for_a_while(tree, disk)
    except OSError as error:
        pytest.skip(f"no disk of its own can be mounted here: {error}")
