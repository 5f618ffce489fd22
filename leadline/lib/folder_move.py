"""The wish to serve another data folder: said by a screen, fulfilled by the supervisor.

Both sides know only files in the folder that is served: `move.wish`, `move.answer`, and
`moved_to`, which names the folder that people went on to. Whoever may write there owns the
folder anyway. Files are replaced whole, so that nobody reads half of one.
"""

import fcntl
import os
from pathlib import Path
from typing import Literal

import msgspec

WISH, ANSWER, MOVED_TO = "move.wish", "move.answer", "moved_to"
LOCK = "serve.lock"


class Own(msgspec.Struct, frozen=True):
    """Who opens an empty workspace. The password travels as its hash only."""

    email: str
    password_hash: str
    name: str
    workspace_name: str
    time_zone: str
    country: str
    currency: str
    language: str
    playbook: str
    base_url: str


class Wish(msgspec.Struct, frozen=True):
    """`own` opens a new folder beside this one; `back` goes on to where people went before."""

    id: str
    kind: Literal["own", "back"]
    own: Own | None = None


class Answer(msgspec.Struct, frozen=True):
    """What became of a wish: the folder and a one-time entrance, or why it could not be."""

    id: str
    folder: str = ""
    entrance: str = ""
    problem: str = ""


def can_move(data: Path) -> bool:
    """Whether somebody holds the lock of the folder: a supervisor that can fulfil a wish."""
    try:
        probe = os.open(data / LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(probe)
    return False


def ask(data: Path, wish: Wish) -> None:
    _write(data / WISH, msgspec.json.encode(wish))


def take(data: Path) -> Wish | None:
    """The wish that waits, once; None when there is none or nobody can read it."""
    try:
        said = (data / WISH).read_bytes()
    except FileNotFoundError:
        return None
    (data / WISH).unlink(missing_ok=True)
    try:
        return msgspec.json.decode(said, type=Wish)
    except msgspec.MsgspecError:
        return None


def answer(data: Path, given: Answer) -> None:
    """Say what became of a wish; a folder is remembered as the one that people went on to."""
    if given.folder:
        _write(data / MOVED_TO, given.folder.encode())
    _write(data / ANSWER, msgspec.json.encode(given))


def answered(data: Path, wish_id: str) -> Answer | None:
    """The answer to this wish, once."""
    try:
        found = msgspec.json.decode((data / ANSWER).read_bytes(), type=Answer)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
    if found.id != wish_id:
        return None
    (data / ANSWER).unlink(missing_ok=True)
    return found


def moved_to(data: Path) -> Path | None:
    """Where people went on to from this folder, if there is a workspace there."""
    try:
        folder = Path((data / MOVED_TO).read_text().strip())
    except FileNotFoundError:
        return None
    return folder if (folder / "set_up.json").exists() else None


def free_folder(beside: Path) -> Path:
    """A name beside the folder that is not in use: own, own-2, own-3, …"""
    number = 1
    while True:
        folder = beside.parent / ("own" if number == 1 else f"own-{number}")
        if not folder.exists():
            return folder
        number += 1


def _write(file: Path, content: bytes) -> None:
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
        stream.write(content)
    fresh.replace(file)
