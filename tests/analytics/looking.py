"""Looks and small tables of a lake, made up in memory."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from leadline.analytics.looks import GRAIN

Row = Mapping[str, Any]  # a row of a lake's table

TABLES: Mapping[str, Mapping[str, pa.DataType]] = {
    "leads": {
        "lead_no": pa.int64(), "lead_id": pa.string(), "is_absent": pa.bool_(),
        "is_test": pa.bool_(), "created_us": pa.int64(), "known_us": pa.int64(),
    },
    "deals": {
        "id": pa.string(), "lead_id": pa.string(), "state": pa.string(),
        "opened_us": pa.int64(), "closed_us": pa.int64(), "known_us": pa.int64(),
    },
    "bindings": {"id": pa.int64(), "lead_no": pa.int64(), "given_us": pa.int64()},
    "events": {
        "id": pa.int64(), "binding_id": pa.int64(), "name": pa.string(),
        "occurred_us": pa.int64(), "known_us": pa.int64(),
    },
}  # fmt: skip


def table(name: str, rows: Sequence[Row]) -> Table:
    """A table of a lake with the columns that looks ask for."""
    columns = TABLES[name]
    made = {key: pa.array([row.get(key) for row in rows], kind) for key, kind in columns.items()}
    return ibis.memtable(pa.table(made))


def lead(number: int, *, created_us: int = 0, **said: Any) -> Row:
    """A lead that is there."""
    usual = {"is_absent": False, "is_test": False, "known_us": created_us}
    return {"lead_no": number, "lead_id": f"l{number}", "created_us": created_us, **usual, **said}


def looks(rows: Sequence[tuple[int, int, int, int]]) -> Table:
    """Rows of (instant, lead, total in tenths of a point, won)."""
    names = ("at_us", "lead", "total", "won")
    made = {name: pa.array([row[n] for row in rows], pa.int64()) for n, name in enumerate(names)}
    return ibis.memtable(pa.table(made))


def micro(tenths: int) -> int:
    """Tenths of a point in micro-points."""
    return tenths * GRAIN
