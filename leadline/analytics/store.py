"""Where the lake's files lie: a folder, or any address that fsspec knows.

Files are written once under a name that nobody has used before; only the manifest is replaced, by a
rename in a folder and by one upload elsewhere, which object stores do all or nothing.
"""

import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import fsspec
from django.utils.translation import gettext as _
from fsspec.implementations.local import LocalFileSystem

_PIECE = 1 << 20


class LakeError(Exception):
    """The lake cannot be read or written as it is; the sentence names the file and what to do."""

    def __init__(self, message: str, *, permanent: bool = True) -> None:
        super().__init__(message)
        self.permanent = permanent


def broken(name: str, why: str) -> LakeError:
    """What is said of a file that is not what the manifest says."""
    said = _("The lake's file %(file)s %(why)s.") % {"file": name, "why": why}
    return LakeError(f"{said} {rebuild()}")


def rebuild() -> str:
    """What to do about a lake that cannot be used."""
    return _("Make the lake new with: leadline lake rebuild")


@dataclass(frozen=True)
class Written:
    """A file as it was written: bytes, and their CRC-32."""

    size_bytes: int
    crc32: int


class Store:
    """The files under one address; names are relative, with forward slashes."""

    def __init__(self, address: str) -> None:
        try:
            self._files, self._root = fsspec.core.url_to_fs(address)
        except (ImportError, ValueError) as problem:
            said = _("The lake's address %(address)s cannot be used: %(why)s.")
            raise LakeError(said % {"address": address, "why": problem}) from None
        self.address = address
        self.is_local = isinstance(self._files, LocalFileSystem)

    @property
    def filesystem(self) -> Any:  # an fsspec filesystem, which has no types
        """What DuckDB reads through when the address is no folder."""
        return self._files

    @property
    def protocol(self) -> str:
        """What the address begins with, such as "s3"."""
        named = self._files.protocol
        return str(named if isinstance(named, str) else named[0])

    def place(self, name: str) -> str:
        """Where a file is, as DuckDB and Spark want it."""
        path = f"{self._root}/{name}"
        return path if self.is_local else str(self._files.unstrip_protocol(path))

    def read(self, name: str) -> bytes | None:
        """The content of a small file; None when there is none."""
        try:
            return bytes(self._files.cat_file(f"{self._root}/{name}"))
        except FileNotFoundError:
            return None

    def replace(self, name: str, content: bytes) -> None:
        """Write a small file whole: whoever reads sees the old one or the new one."""
        path = f"{self._root}/{name}"
        if not self.is_local:
            self._files.makedirs(self._root, exist_ok=True)
            self._files.pipe_file(path, content)
            return
        os.makedirs(self._root, exist_ok=True)
        with open(f"{path}.new", "wb") as file:
            file.write(content)
            _settle(file)
        os.replace(f"{path}.new", path)
        _settle_folder(self._root)

    @contextmanager
    def writing(self, name: str) -> Iterator["Checked"]:
        """A new file; whole on the disk when the block has ended."""
        path = f"{self._root}/{name}"
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        with self._files.open(path, "wb") as file:
            checked = Checked(file)
            yield checked
            if self.is_local:
                _settle(file)

    def opened(self, name: str) -> IO[bytes]:
        """The file, to be read and closed. Raises FileNotFoundError."""
        return self._files.open(f"{self._root}/{name}", "rb")  # type: ignore[no-any-return]  # fsspec

    def sizes(self) -> dict[str, int]:
        """Every file there is with its size in bytes. One listing."""
        self._files.invalidate_cache()
        found = self._files.find(self._root, detail=True)
        cut = len(self._root.rstrip("/")) + 1
        return {path[cut:]: int(each["size"] or 0) for path, each in found.items()}

    def crc32(self, name: str) -> int:
        """Of the whole content."""
        found = 0
        with self.opened(name) as file:
            while piece := file.read(_PIECE):
                found = zlib.crc32(piece, found)
        return found

    def changed_ns(self, name: str) -> int:
        """When a file in a folder was last written to; 0 elsewhere."""
        return os.stat(f"{self._root}/{name}").st_mtime_ns if self.is_local else 0

    def remove(self, names: Iterable[str]) -> int:
        """Delete these; those that are gone already are passed over. Returns how many went."""
        count = 0
        for name in names:
            try:
                self._files.rm_file(f"{self._root}/{name}")
            except FileNotFoundError:
                continue
            count += 1
        return count


class Checked:
    """A file that counts what is written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = 0
        self._crc32 = 0
        self.closed = False

    def write(self, content: bytes) -> int:
        self._crc32 = zlib.crc32(content, self._crc32)
        self._size += len(content)
        self._file.write(content)
        return len(content)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """The store closes the file itself, when everything is in it."""

    @property
    def written(self) -> Written:
        return Written(self._size, self._crc32)


def _settle(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _settle_folder(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
