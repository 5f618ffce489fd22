"""Tables that are taken whole, all in one snapshot of the database."""

from typing import Any

import numpy as np
import pyarrow as pa

from leadline.analytics import columns, shapes, source
from leadline.analytics.columns import Reader
from leadline.analytics.manifest import Manifest, Table
from leadline.analytics.store import Store
from leadline.analytics.tombstones import Gone
from leadline.analytics.writing import Writer
from leadline.lib.facts import Table as Declared

# Whose every change is a new row: unchanged counts and greatest ids are an unchanged table.
_MADE_OF = {"consents": ("privacy_consent", "leads_binding", "analytics_tombstone")}


def take(store: Store, before: Manifest, *, gone: Gone) -> dict[str, Table]:
    """Write every snapshot table anew, but those of which nothing changed; within `snapshot`."""
    numbers = Numbers()
    declared = [each for each in shapes.tables().values() if each.kind == "snapshot"]
    # Leads first: the others ask for their numbers.
    declared.sort(key=lambda each: (each.name != "leads", each.name))
    return {each.name: _taken(store, each, before, numbers, gone) for each in declared}


def _taken(
    store: Store, table: Declared, before: Manifest, numbers: "Numbers", gone: Gone
) -> Table:
    stamp = source.counted(_MADE_OF.get(table.name, ()))
    known = before.tables.get(table.name)
    if stamp and known is not None and known.stamp == stamp:
        return known
    reader = Reader(table, {})
    with Writer(store, table.name, shapes.columns(table, {})) as writer:
        for rows in source.whole(table):
            found = columns.without(reader.read(rows), table.name, gone)
            writer.add({"": numbers.add(table.name, found)})
        return Table(writer.close(), stamp=stamp)


class Numbers:
    """The number of each lead in this snapshot, 0 … n - 1 in the order of their ids."""

    def __init__(self) -> None:
        self._count = 0
        self._pieces: list[np.ndarray[Any, Any]] = []
        self._merged: dict[bytes, bytes] = {}
        self._ids: np.ndarray[Any, Any] | None = None
        self._roots: np.ndarray[Any, Any] | None = None

    def add(self, table: str, found: pa.Table) -> pa.Table:
        """The rows with the column that the lake adds to this table."""
        if table == "leads":
            return found.append_column("lead_no", self._counted(found))
        if table == "bindings":
            return found.append_column("lead_no", self._looked_up(found["lead_id"]))
        return found

    def _counted(self, found: pa.Table) -> pa.Array:
        ids = _bytes(found["lead_id"])
        self._pieces.append(ids)
        merged = found.filter(found["merged_into"].is_valid())
        self._merged |= dict(
            zip(_bytes(merged["lead_id"]), _bytes(merged["merged_into"]), strict=True)
        )
        first, self._count = self._count, self._count + len(ids)
        return pa.array(np.arange(first, self._count, dtype="int64"))

    def _looked_up(self, lead_ids: pa.ChunkedArray) -> pa.Array:
        """Whose numbers these are, merges followed; null for nobody's."""
        if self._ids is None or self._roots is None:
            self._ids = np.concatenate([np.array([], dtype="S36"), *self._pieces])
            self._roots = self._followed(self._ids)
        wanted = _bytes(lead_ids.fill_null(""))
        places = np.minimum(np.searchsorted(self._ids, wanted), max(0, len(self._ids) - 1))
        if not len(self._ids):
            return pa.nulls(len(wanted), pa.int64())
        is_nobody = self._ids[places] != wanted
        return pa.array(self._roots[places], type=pa.int64(), mask=is_nobody)

    def _followed(self, ids: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        roots = np.arange(len(ids), dtype="int64")
        place = {lead_id: at for at, lead_id in enumerate(ids)} if self._merged else {}
        for lead_id in self._merged:
            last = self._last(lead_id)
            if last in place:
                roots[place[lead_id]] = place[last]
        return roots

    def _last(self, lead_id: bytes) -> bytes:
        while lead_id in self._merged:
            lead_id = self._merged[lead_id]
        return lead_id


def _bytes(ids: pa.ChunkedArray) -> "np.ndarray[Any, Any]":
    return np.array(ids.to_pylist(), dtype="S36")
