"""Reading the lake: its tables over DuckDB or Spark, without what must not be read any more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.utils.translation import gettext as _

from leadline.analytics import engines, shapes, tombstones
from leadline.analytics import manifest as manifests
from leadline.analytics.manifest import File, Manifest
from leadline.analytics.store import LakeError, Store, broken
from leadline.analytics.tombstones import Gone

__all__ = ["Lake", "LakeError", "here"]

Backend = Any  # an Ibis backend of DuckDB or Spark: neither has types

_looked_at: set[tuple[str, int, int]] = set()
"""Files in folders that this process has read whole: place, size, and when it was written."""


@dataclass(frozen=True)
class Lake:
    """A lake at an address. `gone` says what must not be read of a generation.

    Everything raises LakeError for a file that is broken or missing, for a lake of another version
    and where there is none: never wrong numbers.
    """

    address: str | Path
    gone: Callable[[int], Gone] = tombstones.pending

    def manifest(self) -> Manifest:
        """The newest generation, with every file of it there."""
        found = manifests.read(self._store)
        if found is None:
            raise LakeError(
                _("There is no lake yet. Make it with: leadline lake refresh"), permanent=False
            )
        return found

    def check(self, manifest: Manifest) -> None:
        """Look at every file of the generation, whole once per process."""
        _check(self._store, manifest)

    def tables(
        self, connection: Backend, manifest: Manifest | None = None
    ) -> Mapping[str, ibis.Table]:
        """Every table of one generation by name; those without a file are empty.

        `manifest`: the one that the caller goes by, else the newest. Files are read whole once per
        process to compare them with what was written.
        """
        manifest = manifest or self.manifest()
        store = self._store
        _check(store, manifest)
        gone = self.gone(manifest.generation)
        found = {}
        for name, declared in shapes.tables().items():
            wanted = shapes.columns(declared, manifest.properties)
            files = manifest.tables[name].files if name in manifest.tables else []
            files = [file for file in files if file.row_count]
            rows = _opened(connection, store, files) if files else _empty(connection, wanted)
            found[name] = _without(_fitted(rows, wanted), name, gone)
        return found

    @property
    def _store(self) -> Store:
        return Store(str(self.address))


def here() -> Lake:
    """The lake of this installation."""
    return Lake(settings.ENVIRONMENT.lake)


def _check(store: Store, manifest: Manifest) -> None:
    sizes = store.sizes()
    for file in manifest.files():
        if file.path not in sizes:
            raise broken(file.path, _("is missing"))
        if sizes[file.path] != file.size_bytes:
            found = {"found": sizes[file.path], "expected": file.size_bytes}
            raise broken(file.path, _("has %(found)d bytes instead of %(expected)d") % found)
        if store.is_local:
            _check_content(store, file)


def _check_content(store: Store, file: File) -> None:
    """Elsewhere the store answers for what it holds; a disk does not."""
    mark = (store.place(file.path), file.size_bytes, store.changed_ns(file.path))
    if mark in _looked_at:
        return
    if store.crc32(file.path) != file.crc32:
        raise broken(file.path, _("is damaged"))
    try:
        with store.opened(file.path) as content:
            row_count = pq.read_metadata(content).num_rows
    except pa.ArrowException:
        raise broken(file.path, _("is no Parquet file")) from None
    if row_count != file.row_count:
        found = {"found": row_count, "expected": file.row_count}
        raise broken(file.path, _("has %(found)d rows instead of %(expected)d") % found)
    _looked_at.add(mark)


def _opened(connection: Backend, store: Store, files: list[File]) -> ibis.Table:
    """Columns that only some of the files have are null in the others."""
    places = [store.place(file.path) for file in files]
    if connection.name == "pyspark":
        session = connection._session  # Ibis reads one path alone
        view = ibis.util.gen_name("lake")
        session.read.option("mergeSchema", True).parquet(*places).createOrReplaceTempView(view)
        return connection.table(view)
    if not (store.is_local or connection.con.filesystem_is_registered(store.protocol)):
        connection.con.register_filesystem(store.filesystem)
    return connection.read_parquet(places, union_by_name=True)


def _empty(connection: Backend, wanted: shapes.Columns) -> ibis.Table:
    listed = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in wanted.items())
    return connection.sql(f"SELECT {listed} WHERE FALSE", dialect="duckdb")


def _fitted(rows: ibis.Table, wanted: shapes.Columns) -> ibis.Table:
    """Today's columns in today's order, of files that may be older or newer."""
    types = {name: ibis.dtype(_IBIS[kind]) for name, kind in wanted.items()}
    return rows.select(
        **{
            name: rows[name].cast(kind) if name in rows.columns else ibis.null(kind)
            for name, kind in types.items()
        }
    )


_IBIS: Mapping[str, str] = {
    "BIGINT": "int64", "DOUBLE": "float64", "BOOLEAN": "boolean", "VARCHAR": "string",
    "VARCHAR[]": "array<string>",
}  # fmt: skip


def _without(rows: ibis.Table, table: str, gone: Gone) -> ibis.Table:
    """The rows that nobody was told to forget. One join for each kind of subject."""
    for column, kind in shapes.subjects(table).items():
        if subjects := getattr(gone, kind):
            listed = pa.table({column: sorted(subjects)})
            rows = rows.anti_join(engines.beside(rows, listed), column)
    return rows
