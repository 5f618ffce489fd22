"""Writing Parquet files of one table: one open file per month, row groups of a useful size."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from leadline.analytics import shapes
from leadline.analytics.manifest import File
from leadline.analytics.store import Checked, Store

GROUP = 100_000
"""Rows of a row group: what engines read and decode at a time."""


@dataclass
class _Month:
    path: str
    checked: Checked
    parquet: pq.ParquetWriter
    waiting: list[pa.Table] = field(default_factory=list)
    waiting_count: int = 0
    row_count: int = 0


class Writer:
    """Files of one table. As a context: what was not closed is named by nobody and swept later."""

    def __init__(self, store: Store, table: str, wanted: shapes.Columns) -> None:
        self._store = store
        self._table = table
        self._wanted = wanted
        self._schema = shapes.schema(wanted)
        self._months: dict[str, _Month] = {}
        self._open = ExitStack()

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, rows: Mapping[str, pa.Table]) -> None:
        """Append rows by month; "" for a table without months. Columns that are missing are
        null."""
        for month, mine in rows.items():
            into = self._months.get(month) or self._begin(month)
            into.waiting.append(mine)
            into.waiting_count += mine.num_rows
            if into.waiting_count >= GROUP:
                self._flush(into)

    def close(self) -> list[File]:
        """The files, whole and on the disk."""
        for each in self._months.values():
            self._flush(each)
            each.parquet.close()
        self._open.close()
        found = [_file(month, each) for month, each in sorted(self._months.items())]
        self._months.clear()
        return found

    def _begin(self, month: str) -> _Month:
        # A name of its own: nobody can be reading it, and no other writer writes it.
        folder = f"{self._table}/{month}" if month else self._table
        path = f"{folder}/{uuid4().hex}.parquet"
        checked = self._open.enter_context(self._store.writing(path))
        # zstd's lowest level: half the size of Snappy at the same speed.
        parquet = pq.ParquetWriter(
            checked, self._schema, compression="zstd", compression_level=1,
            write_page_checksum=True,
        )  # fmt: skip
        self._months[month] = _Month(path, checked, parquet)
        return self._months[month]

    def _flush(self, month: _Month) -> None:
        if month.waiting:
            together = pa.concat_tables(month.waiting, promote_options="default")
            rows = shapes.fitted(together, self._wanted)
            month.parquet.write_table(rows.combine_chunks(), row_group_size=GROUP)
            month.row_count += rows.num_rows
            month.waiting, month.waiting_count = [], 0


def _file(month: str, written: _Month) -> File:
    done = written.checked.written
    return File(written.path, written.row_count, done.size_bytes, done.crc32, month)
