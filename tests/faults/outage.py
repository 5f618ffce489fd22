"""Ways in which the ground under a running tree fails, and what the tree answers meanwhile."""

import os
import re
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import httpx
import psycopg

from tests import cluster
from tests.worker.tree import Tree, until

_numbers = count()


class Visitor:
    """Sends events and forms, and remembers what was acknowledged."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.acknowledged: list[str] = []

    def track(self) -> httpx.Response:
        mark = f"fault-{next(_numbers)}"
        said = {"event": "Product Viewed", "userId": "u1", "messageId": mark}
        answer = httpx.post(
            f"{self._tree.url}/v1/track", json=said, auth=(self._tree.keys["write_key"], ""),
            timeout=20,
        )  # fmt: skip
        if answer.status_code == 200:
            self.acknowledged.append(mark)
        return answer

    def post_form(self, *, accept: str = "application/json") -> httpx.Response:
        said = {"name": "Grace", "email": "grace@navy.example.com", "company.name": "Navy"}
        headers = {"Accept": accept}
        return httpx.post(f"{self._tree.url}/f/demo", data=said, headers=headers, timeout=20)

    def post_lead(self) -> httpx.Response:
        """A write through the API."""
        headers = {"Authorization": f"Bearer {self._tree.keys['api_key']}"}
        said = {"email": f"lead{next(_numbers)}@navy.example.com"}
        url = f"{self._tree.url}/api/v1/leads"
        return httpx.post(url, json=said, headers=headers, timeout=20)

    def sign_in(self) -> httpx.Response:
        """The owner at the screens' own door, with the right password."""
        with httpx.Client(base_url=self._tree.url, timeout=20) as client:
            page = client.get("/sign-in/")
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            assert token is not None
            said = {"csrfmiddlewaretoken": token[1], "login": "ada@example.com",
                    "password": "correct horse battery"}  # fmt: skip
            return client.post("/sign-in/", data=said, headers={"Referer": self._tree.url})

    def check_everything_arrived(self) -> None:
        """Each acknowledged event is in a timeline once, when the inbox is empty."""
        until(lambda: self._tree.pending() == 0, what="the inbox to be empty")
        found = self._tree.query(
            "SELECT message_id FROM timeline_event WHERE message_id LIKE 'fault-%'"
        )
        stored = [str(mark) for (mark,) in found]
        assert len(stored) == len(set(stored))
        assert set(self.acknowledged) - set(stored) == set()


def check_refused(answer: httpx.Response) -> None:
    """503, a time to come back, and in JSON a problem document."""
    assert answer.status_code == 503, (answer.status_code, answer.text)
    assert int(answer.headers["retry-after"]) > 0
    if "json" in answer.headers["content-type"]:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == 503


def processes(tree: Tree) -> tuple[int | None, int | None]:
    """Web and worker: the same two numbers mean that nobody was started again."""
    return tree.child("leadline.worker.web"), tree.child("leadline.worker.main")


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program writes to the file and does not come to an end."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=20)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def no_file_may_grow(*numbers: int | None) -> Iterator[None]:
    """As with a full disk, for these processes: what would lengthen a file fails."""
    kinds = resource.RLIMIT_FSIZE
    before = {number: resource.prlimit(number, kinds) for number in numbers if number is not None}
    for number, (_soft, hard) in before.items():
        resource.prlimit(number, kinds, (0, hard))
    yield
    for number, limits in before.items():
        resource.prlimit(number, kinds, limits)


@contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """A disk of its own at `folder`. OSError when this machine does not let us mount one."""
    folder.mkdir(parents=True)
    options = f"size={megabytes}m"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode != 0:
        raise OSError(done.stderr.decode())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def remount(folder: Path, mode: str) -> None:
    """Make a disk read-only (`ro`) or writable again (`rw`)."""
    subprocess.run(["mount", "-o", f"remount,{mode}", folder], check=True)


@contextmanager
def failing_disk(folder: Path, *, megabytes: int) -> Iterator["FailingDisk"]:
    """A disk of its own at `folder` that can fail under files that are open.

    OSError when this machine does not let us have one.
    """
    folder.mkdir(parents=True)
    disk = FailingDisk(folder, folder.with_suffix(".img"))
    with disk.image.open("wb") as image:
        image.truncate(megabytes << 20)
    _run("mkfs.ext4", "-q", disk.image)
    disk.mount()
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


class FailingDisk:
    """An ext4 in a file; the kernel makes it read-only when it finds something wrong with it."""

    def __init__(self, folder: Path, image: Path) -> None:
        self.folder, self.image = folder, image

    def mount(self) -> None:
        _run("mount", "-o", "loop,errors=remount-ro", self.image, self.folder)

    def fail(self) -> None:
        """From now on nothing on it can be written, whatever is open."""
        device = _run("findmnt", "-no", "SOURCE", self.folder).strip()
        (Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error").write_text("1")

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Nothing on it can be changed until the block ends, whatever is open. The kernel makes no
        whole disk so and back while files are open for writing, but every file and folder."""
        # Folders first: then no file comes or goes any more.
        folders = [self.folder, *(each for each in self.folder.rglob("*") if each.is_dir())]
        _run("chattr", "+i", *folders)
        files = [each for each in self.folder.rglob("*") if each.is_file()]
        _run("chattr", "+i", *files)
        try:
            yield
        finally:
            _run("chattr", "-i", *folders, *files)

    def repair(self) -> None:
        """Check it and mount it again; nobody may have a file open."""
        _run("umount", self.folder)
        # 1: errors were found and corrected.
        _run("e2fsck", "-p", self.image, well=(0, 1))
        self.mount()


def _run(*command: str | Path, well: tuple[int, ...] = (0,)) -> str:
    """What a command of the system said. OSError when it is not there or does not succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in well:
        raise OSError(f"{command[0]}: {done.stderr or done.stdout}")
    return done.stdout


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Not one byte is left on the disk of the folder."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            for size in (1 << 20, 1 << 12, 1):
                while _grows(file.fileno(), size):
                    pass
        finally:
            file.flush()
    try:
        yield
    finally:
        ballast.unlink()


def _grows(descriptor: int, size: int) -> bool:
    try:
        return os.write(descriptor, b"x" * size) == size
    except OSError:
        return False


class Postgres:
    """The cluster behind a tree, stopped and started."""

    def __init__(self, address: str) -> None:
        with psycopg.connect(address) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None
        self._folder = Path(row[0])

    def stop(self) -> None:
        self._control("stop")

    def start(self) -> None:
        # `restart` of a stopped cluster starts it as it was started before.
        self._control("restart")

    def _control(self, act: str) -> None:
        programs = cluster.binaries()
        assert programs is not None
        drop: list[str] = []
        if os.geteuid() == 0:
            drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
        subprocess.run(
            [*drop, programs / "pg_ctl", "-D", self._folder, "-m", "immediate", "-w",
             "-l", self._folder / "log", act],
            cwd=self._folder, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
