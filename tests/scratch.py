"""Folders of a test run in the temporary folder: gone with the run, or, when it was killed, with
the next one that starts.

Each stands in a folder of its own beside a file that its process keeps locked: whoever gets that
lock knows that nobody uses the folder any more. The lock ends with the process, however it ends.
"""

import atexit
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

KINDS = ("tests", "made", "postgres", "tree")
_FILE = "alive"
_INSIDE = "in"
# Of folders without such a file, which are being made, or come from before there were any.
_OLD_SECONDS = 12 * 60 * 60

_kept: list[int] = []
"""The locked files of this process; what is inherited by a child keeps the lock as well."""


def folder(kind: str) -> Path:
    """A new folder, which is removed when this process ends."""
    around = Path(tempfile.mkdtemp(prefix=f"leadline-{kind}-"))
    fresh = around / f"{_FILE}.new"
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    fresh.rename(around / _FILE)
    _kept.append(file)
    inside = around / _INSIDE
    inside.mkdir(mode=0o700)
    atexit.register(_remove, around, os.getpid())
    return inside


def sweep() -> int:
    """Remove the folders of runs that are over; how many. Others' and new ones stay."""
    gone = [around for around in _folders() if _is_left(around)]
    for around in gone:
        _stop_cluster(around / _INSIDE / "db")
        shutil.rmtree(around, ignore_errors=True)
    return len(gone)


def _folders() -> Iterator[Path]:
    for kind in KINDS:
        for around in Path(tempfile.gettempdir()).glob(f"leadline-{kind}-*"):
            if around.is_dir() and not around.is_symlink() and os.access(around, os.W_OK):
                yield around


def _is_left(around: Path) -> bool:
    try:
        file = os.open(around / _FILE, os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return _is_old(around) and not _is_served(around / "db")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def _is_old(around: Path) -> bool:
    try:
        return time.time() - around.stat().st_mtime > _OLD_SECONDS
    except FileNotFoundError:
        return False


def _is_served(database: Path) -> bool:
    return (database / "postmaster.pid").exists()


def _stop_cluster(database: Path) -> None:
    """PostgreSQL goes on when the run that started it was killed."""
    if not _is_served(database):
        return
    from tests import cluster

    programs = cluster.binaries()
    if programs is not None:
        command = [*cluster.as_owner(), programs / "pg_ctl", "-D", database, "-m", "immediate"]
        subprocess.run(
            [*command, "stop"], cwd=database, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip


def _remove(around: Path, owner: int) -> None:
    # A child that was forked runs this as well, and nothing here is its own.
    if os.getpid() == owner:
        shutil.rmtree(around, ignore_errors=True)
