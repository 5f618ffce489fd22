"""Files on disk, below the data folder: written whole or not at all, under names of our own.

    media/files/<two letters>/<random name>

The name says nothing about what is in it; the row does. A file is never changed once it is there.
"""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from django.conf import settings

_PART_BYTES = 256 * 1024
_PARTIAL = ".partial"


class NoRoom(OSError):
    """The file could not be written: the disk is full or read-only. Nothing of it is left."""

    permanent = False


class TooLarge(ValueError):
    """There is more in it than may be kept. Nothing of it is left."""

    permanent = True


class Stored(msgspec.Struct, frozen=True):
    """A file that is on disk: its random name, its size, the hash of its content."""

    name: str
    size_bytes: int
    sha256: str


def write(file: BinaryIO, *, most_bytes: int) -> Stored:
    """Copy it to disk, durably; raises NoRoom and TooLarge."""
    name = secrets.token_hex(20)
    target = path(name)
    partial = target.with_suffix(_PARTIAL)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _new(partial) as stream:
            size_bytes, sha256 = _copy(file, stream, most_bytes=most_bytes)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
    except TooLarge:
        partial.unlink(missing_ok=True)
        raise
    except OSError as problem:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise NoRoom(str(problem)) from problem
    return Stored(name, size_bytes, sha256)


def path(name: str) -> Path:
    """Where the file of this name stands; whether it does or not."""
    return _folder() / name[:2] / name


def delete(name: str) -> None:
    """Remove the file; nothing happens when it is gone."""
    if name:
        path(name).unlink(missing_ok=True)


def names() -> Iterator[tuple[str, float]]:
    """Every file that is there, half-written ones too, and when it was written (Unix seconds)."""
    for found in _folder().glob("*/*"):
        with contextlib.suppress(FileNotFoundError):
            yield found.name, found.stat().st_mtime


def _folder() -> Path:
    return Path(settings.ENVIRONMENT.data) / "media" / "files"


def _new(partial: Path) -> BinaryIO:
    handle = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    return os.fdopen(handle, "wb")


def _copy(file: BinaryIO, stream: BinaryIO, *, most_bytes: int) -> tuple[int, str]:
    size_bytes, digest = 0, hashlib.sha256()
    while part := file.read(_PART_BYTES):
        size_bytes += len(part)
        if size_bytes > most_bytes:
            raise TooLarge(most_bytes)
        digest.update(part)
        stream.write(part)
    return size_bytes, digest.hexdigest()
