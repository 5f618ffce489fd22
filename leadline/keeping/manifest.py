"""What stands beside the files of a backup: when, from what, how many rows, and what was checked.

A backup is a folder:

    leadline-20261122T000312Z/
        manifest.json
        leadline.sqlite3, inbox.sqlite3     (SQLite)    or    database.dump     (PostgreSQL)
        secret_key, set_up.json, media/     what else the data folder held of these
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

FILE_NAME = "manifest.json"
FORMAT = 1
_CHUNK = 1024 * 1024


class NotABackup(Exception):
    """The folder is no backup of ours, or not a whole one. Trying again cannot help."""

    permanent = True


class File(msgspec.Struct, frozen=True):
    """Size and content of one file when it was written."""

    size_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """The contents of manifest.json. `migrations`: app → names applied; `tables`: rows of each.

    `is_proven`: the copy was opened and every invariant of `leadline doctor` held; otherwise the
    files were only read through, and `note` says why.
    """

    format: int
    made_at: datetime
    version: str
    engine: str
    cause: str
    tables: dict[str, int]
    migrations: dict[str, list[str]]
    files: dict[str, File]
    is_proven: bool
    note: str = ""

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files.values())


def folder_name(made_at: datetime) -> str:
    return f"leadline-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def read(folder: Path) -> Manifest:
    """The manifest in `folder`; raises NotABackup."""
    try:
        found = msgspec.json.decode((folder / FILE_NAME).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError) as problem:
        raise NotABackup(f"{folder} is not a backup: there is no {FILE_NAME} in it.") from problem
    except msgspec.DecodeError as problem:
        raise NotABackup(f"{folder / FILE_NAME} cannot be read: {problem}") from problem
    if found.format != FORMAT:
        raise NotABackup(f"{folder} has the format {found.format}; this version knows {FORMAT}.")
    return found


def write(folder: Path, manifest: Manifest) -> None:
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / FILE_NAME).write_bytes(text)


def files_in(folder: Path) -> Mapping[str, File]:
    """Every file below `folder` but the manifest, by its path from there."""
    return {
        str(path.relative_to(folder)): File(path.stat().st_size, _sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != FILE_NAME
    }


def check_files(folder: Path, manifest: Manifest) -> None:
    """Raises NotABackup for the first file that is missing or not as it was written."""
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise NotABackup(f"{name} is missing in {folder}.")
        if path.stat().st_size != expected.size_bytes or _sha256(path) != expected.sha256:
            raise NotABackup(f"{name} in {folder} is not as it was written: it is damaged.")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
