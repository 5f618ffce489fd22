"""Many small files of a month become one, and files without what must be forgotten."""

from collections import defaultdict
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from leadline.analytics import columns, shapes
from leadline.analytics.manifest import File, Manifest
from leadline.analytics.store import Store, broken
from leadline.analytics.tombstones import Gone
from leadline.analytics.writing import GROUP, Writer

MOST_FILES = 8
"""Small files of a month before they become one: a refresh each minute makes one."""
SMALL_BYTES = 64 << 20


def compact(store: Store, manifest: Manifest) -> int:
    """Make one file of the small files of a month where they are too many; how many months."""
    count = 0
    for name, table in manifest.tables.items():
        by_month: dict[str, list[File]] = defaultdict(list)
        for file in table.files:
            if file.month and file.size_bytes < SMALL_BYTES:
                by_month[file.month].append(file)
        for small in by_month.values():
            if len(small) > MOST_FILES:
                _exchange(store, manifest, name, small)
                count += 1
    return count


def drop(store: Store, manifest: Manifest, gone: Gone) -> int:
    """Write anew every file that holds rows about somebody or something in `gone`; how many."""
    count = 0
    for name, table in manifest.tables.items():
        for file in list(table.files):
            if holds(store, file, name, gone):
                _exchange(store, manifest, name, [file], gone=gone)
                count += 1
    return count


def holds(store: Store, file: File, table: str, gone: Gone) -> bool:
    """Whether a file has rows about `gone`. Reads the columns that say whom they are about."""
    asked = list(shapes.subjects(table))
    return any(
        columns.without(rows, table, gone).num_rows < rows.num_rows
        for rows in _rows(store, file, asked)
    )


def _exchange(
    store: Store, manifest: Manifest, table: str, old: list[File], *, gone: Gone | None = None
) -> None:
    """Let new files stand where `old` stood: their rows, today's columns, without `gone`."""
    wanted = shapes.columns(shapes.tables()[table], manifest.properties)
    with Writer(store, table, wanted) as writer:
        for file in old:
            for rows in _rows(store, file, None):
                kept = rows if gone is None else columns.without(rows, table, gone)
                writer.add({file.month: kept})
        new = [file for file in writer.close() if file.row_count]
    mine = manifest.tables[table]
    mine.files = [file for file in mine.files if file not in old] + new
    manifest.retired |= {file.path: manifest.generation for file in old}


def _rows(store: Store, file: File, asked: list[str] | None) -> Iterator[pa.Table]:
    try:
        with store.opened(file.path) as content, pq.ParquetFile(content) as parquet:
            names = parquet.schema_arrow.names
            chosen = None if asked is None else [name for name in asked if name in names]
            if chosen != []:
                for batch in parquet.iter_batches(GROUP, columns=chosen):
                    yield pa.Table.from_batches([batch])
    except FileNotFoundError:
        raise broken(file.path, _("is missing")) from None
    except (pa.ArrowException, OSError) as problem:
        raise broken(file.path, _("cannot be read (%(why)s)") % {"why": problem}) from problem
