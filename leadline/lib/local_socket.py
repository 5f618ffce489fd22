"""A socket in a folder: how processes of one user on one machine ask each other.

Whoever may open the file may ask. One question is one connection: a line there, a line back.
"""

import os
import select
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# In the data folder: where the analyst is asked, whoever it is just now.
ANALYST = "analyst.sock"
BACKLOG = 64
_PIECE = 65_536


class TooLong(Exception):
    """A line is longer than whoever reads it takes."""

    permanent = True


class Unfinished(Exception):
    """The other side has gone before its line was whole."""

    permanent = False


def listening(file: Path) -> socket.socket:
    """Listen at `file`, for this user alone. What a killed process left there is replaced, so the
    caller holds whatever says that nobody else listens there."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    file.unlink(missing_ok=True)
    with _address(file) as address:
        listener.bind(address)
    # Nobody can connect before `listen`.
    file.chmod(0o600)
    listener.listen(BACKLOG)
    return listener


def connected(file: Path, *, timeout_s: float) -> socket.socket | None:
    """A connection to whoever listens at `file`, or None when nobody does.

    Raises TimeoutError when so many wait there already that this one cannot.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout_s)
    try:
        with _address(file) as address:
            connection.connect(address)
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        return None
    except BlockingIOError as problem:
        connection.close()
        raise TimeoutError from problem
    return connection


def is_asked(listener: socket.socket) -> bool:
    """Does somebody wait to be let in?"""
    return bool(select.select([listener], [], [], 0)[0])


def is_gone(connection: socket.socket) -> bool:
    """Has the other side, who has said its line, hung up?"""
    if not select.select([connection], [], [], 0)[0]:
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def read_line(connection: socket.socket, *, at_most: int, until: float) -> bytes:
    """One line without its end. Raises TooLong, Unfinished, TimeoutError at monotonic `until`."""
    pieces: list[bytes] = []
    size = 0
    while not pieces or b"\n" not in pieces[-1]:
        if size > at_most:
            raise TooLong(f"more than {at_most:,} bytes")
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        try:
            pieces.append(connection.recv(_PIECE))
        except ConnectionError as problem:
            raise Unfinished from problem
        if not pieces[-1]:
            raise Unfinished
        size += len(pieces[-1])
    return b"".join(pieces).partition(b"\n")[0]


@contextmanager
def _address(file: Path) -> Iterator[str]:
    """What to call the file: an address has room for some hundred bytes, a folder's name may have
    more, and then the kernel finds the folder by its descriptor (Linux)."""
    if len(os.fsencode(file)) < 100 or sys.platform != "linux":
        yield str(file)
        return
    folder = os.open(file.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{file.name}"
    finally:
        os.close(folder)
