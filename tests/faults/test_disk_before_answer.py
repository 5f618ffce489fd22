"""An answer of 2xx leaves after what was sent was flushed to the disk (I02), seen by strace."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.outage import Visitor
from tests.races import safe_tree
from tests.worker.tree import Tree, served, until

pytestmark = [
    pytest.mark.sqlite_only,  # brings its own PostgreSQL
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

_CALLS = "trace=fsync,fdatasync,write,writev,sendto,sendmsg"
_FLUSH = re.compile(r"f(?:data)?sync\(\d+<([^>]*)>")
_ANSWER = re.compile(r"(?:write|writev|sendto|sendmsg)\(.*\"HTTP/1\.1 2")


@contextmanager
def traced(pids: list[int], log: Path) -> Iterator[Callable[[], list[str]]]:
    """Watch the processes and their threads; yields what reads the calls made so far, in order."""
    attached = [part for pid in pids for part in ("-p", str(pid))]
    command = ["strace", "-f", "-y", "-s", "48", "-e", _CALLS, "-o", str(log), *attached]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        _wait_until_attached(tracer, pids)
        yield lambda: log.read_text(errors="replace").splitlines()
    finally:
        tracer.terminate()
        tracer.communicate(timeout=20)


def _wait_until_attached(tracer: "subprocess.Popen[str]", pids: list[int]) -> None:
    def is_attached(pid: int) -> bool:
        try:
            return f"TracerPid:\t{tracer.pid}" in Path(f"/proc/{pid}/status").read_text()
        except FileNotFoundError:
            return True  # a connection that has ended meanwhile

    until(
        lambda: tracer.poll() is not None or all(map(is_attached, pids)),
        what="strace to be attached",
    )
    if tracer.poll() is not None:
        pytest.skip(f"strace may not look at processes here: {tracer.communicate()[1][:200]}")


def order(calls: list[str], *, file: str) -> list[str]:
    """`flush` and `answer` in the order in which they were done; flushes of this file only."""
    found = []
    for line in calls:
        # A call that another thread interrupts takes two lines; it is done with the second.
        if (flush := _FLUSH.search(line)) and file in flush[1]:
            found.append("flush")
        elif _ANSWER.search(line):
            found.append("answer")
    return found


def check(pids: list[int], log: Path, *, file: str, ask: Callable[[], int]) -> None:
    """One request at a time, while nothing else writes: a flush, then its answer."""
    with traced(pids, log) as calls:
        for _ in range(3):
            _check_one(calls, len(calls()), file=file, ask=ask)
            time.sleep(0.05)


def _check_one(
    calls: Callable[[], list[str]], before: int, *, file: str, ask: Callable[[], int]
) -> None:
    assert ask() == 200
    until(lambda: "answer" in order(calls()[before:], file=file), what="the answer's line")
    seen = order(calls()[before:], file=file)
    assert "flush" in seen[: seen.index("answer")], calls()[before:]


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    with served(tmp_path / "data") as running:
        yield running


def test_sqlite_flushes_the_inbox_before_the_answer(tree: Tree, tmp_path: Path) -> None:
    web = tree.child("leadline.worker.web")
    assert web is not None
    visitor = Visitor(tree)
    for name, ask in (("track", visitor.track), ("form", visitor.post_form)):
        check(
            [web], tmp_path / f"{name}.strace", file="inbox",
            ask=lambda ask=ask: ask().status_code,  # type: ignore[misc]
        )  # fmt: skip


def test_the_trace_tells_an_answer_that_nothing_was_stored_for(tree: Tree, tmp_path: Path) -> None:
    """The twin: a request that stores nothing is answered without a flush."""
    web = tree.child("leadline.worker.web")
    assert web is not None
    with traced([web], tmp_path / "healthz.strace") as calls:
        assert httpx.get(f"{tree.url}/healthz", timeout=20).status_code == 200
        until(lambda: "answer" in order(calls(), file="inbox"), what="the answer's line")
        assert order(calls(), file="inbox") == ["answer"]


def test_postgresql_flushes_its_log_before_the_answer(tmp_path: Path) -> None:
    with safe_tree.served(tmp_path / "data") as tree:
        web = tree.child("leadline.worker.web")
        assert web is not None
        visitor = Visitor(tree)
        assert visitor.track().status_code == 200  # opens the inbox's connection
        until(lambda: tree.pending() == 0, what="the inbox to be empty")
        # Neither the worker's transactions nor the server's own writer may flush in its stead.
        worker = tree.child("leadline.worker.main")
        assert worker is not None
        sql = (
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid()"
        )
        backends = [int(str(pid)) for (pid,) in tree.query(sql)]
        os.kill(worker, signal.SIGSTOP)
        try:
            check(
                [web, *backends], tmp_path / "track.strace", file="/wal/",
                ask=lambda: visitor.track().status_code,
            )  # fmt: skip
        finally:
            os.kill(worker, signal.SIGCONT)
