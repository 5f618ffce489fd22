"""The lake's table of contents: which files are it, how far each table goes, what columns mean."""

from typing import Any

import msgspec
from django.utils.translation import gettext as _

from leadline.analytics.store import Store, broken

NAME = "manifest.json"
VERSION = 1
"""Grows when older programs could not read what is written; files of older versions stay
readable as long as what was added since may be null."""


class File(msgspec.Struct, frozen=True):
    """A Parquet file, whole and never changed. `month` is "2026-03", "" in a snapshot."""

    path: str
    row_count: int
    size_bytes: int
    crc32: int
    month: str = ""


class Table(msgspec.Struct):
    """The files of one table, and how far it goes.

    `upto` of an `append` table: everything below it was exported. On SQLite the next id, on
    PostgreSQL the oldest transaction that still ran. `stamp` of a snapshot: what it was made of,
    so that an unchanged one is not taken again.
    """

    files: list[File] = []
    upto: int = 0
    stamp: list[int] = []


class Manifest(msgspec.Struct):
    """One generation of a lake. `lake_us`: as of when it knows everything (microseconds).

    `properties` maps each property of events that is kept to the beginning of its four columns,
    `traits` are the fields whose values are kept. `retired` are files of generations before, with
    the generation that no longer names them.
    """

    version: int
    key: str
    vendor: str
    generation: int = 0
    lake_us: int = 0
    properties: dict[str, str] = {}
    traits: list[str] = []
    tables: dict[str, Table] = {}
    retired: dict[str, int] = {}

    def files(self) -> list[File]:
        """All files of this generation."""
        return [file for table in self.tables.values() for file in table.files]


class _Version(msgspec.Struct):
    version: Any = None  # whatever stands there


def read(store: Store) -> Manifest | None:
    """The manifest at this address; None when there is no lake. Raises LakeError."""
    content = store.read(NAME)
    if content is None:
        return None
    try:
        version = msgspec.json.decode(content, type=_Version).version
        if version != VERSION:
            found = {"found": repr(version), "expected": VERSION}
            said = _("is of version %(found)s, and this program reads %(expected)d") % found
            raise broken(NAME, said)
        return msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as problem:
        raise broken(NAME, _("is damaged: %(why)s") % {"why": problem}) from None


def write(store: Store, manifest: Manifest) -> None:
    """Let this be the lake from now on."""
    store.replace(NAME, msgspec.json.encode(manifest))
