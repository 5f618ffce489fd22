"""A throw-away PostgreSQL cluster for tests and benchmarks."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import scratch

# Tests may lose the cluster with the machine; durability tests ask for safe=True.
_FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"


def binaries() -> Path | None:
    """The newest installed PostgreSQL's programs, or None."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parent.parent.name)
    )
    return found[-1].parent if found else None


def as_owner() -> list[str]:
    """What stands before a command that must not run as root: PostgreSQL refuses to."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]


@contextmanager
def running(*, safe: bool = False, disk: Path | None = None) -> Iterator[str]:
    """Start a cluster on a free port of the loopback; yields its `postgres://` address.

    Its tables are on `disk`, when that is given; log and write-ahead log are not: without room
    for those PostgreSQL ends, as the tests of an outage have it.
    """
    programs = binaries()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    folder = scratch.folder("postgres")
    (folder / "run").mkdir()
    database, drop = (disk or folder) / "db", as_owner()
    if drop:
        user = pwd.getpwnam("postgres")
        for path in {folder.parent, folder, folder / "run", database.parent}:
            os.chown(path, user.pw_uid, user.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    subprocess.run(
        [*drop, programs / "initdb", "-D", database, "-X", folder / "wal", "-U", "postgres",
         "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"],
        cwd=folder, check=True, **quiet,
    )  # fmt: skip
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder}/run -c max_connections=200 "
    subprocess.run(
        [*drop, programs / "pg_ctl", "-D", database, "-w", "-t", "60", "-l", folder / "log",
         "-o", options + ("" if safe else _FAST), "start"],
        cwd=folder, check=True, **quiet,
    )  # fmt: skip
    try:
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*drop, programs / "pg_ctl", "-D", database, "-m", "immediate", "stop"],
            cwd=folder, check=True, **quiet,
        )  # fmt: skip
        shutil.rmtree(folder.parent, ignore_errors=True)
