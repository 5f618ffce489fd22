"""The columns of the lake's tables as Arrow and as SQL know them."""

from collections.abc import Mapping
from functools import cache

import pyarrow as pa

from leadline.lib import facts
from leadline.lib.facts import Table

Columns = dict[str, str]
"""Name of a column → its type in DuckDB's SQL, in order."""

PARTS = ("text", "number", "flag", "members")
_PARTS: Mapping[str, str] = {
    "text": "VARCHAR", "number": "DOUBLE", "flag": "BOOLEAN", "members": "VARCHAR[]",
}  # fmt: skip
_TYPES: Mapping[str, str] = {
    "int64": "BIGINT", "float64": "DOUBLE", "bool": "BOOLEAN", "string": "VARCHAR",
    "uuid": "VARCHAR",
}  # fmt: skip
_ARROW: Mapping[str, pa.DataType] = {
    "BIGINT": pa.int64(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_(), "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
}  # fmt: skip
# Given to leads in the order of the snapshot: whose number a row has, counted from 0.
_ADDED: Mapping[str, Columns] = {
    "leads": {"lead_no": "BIGINT"},
    "bindings": {"lead_no": "BIGINT"},
}


def columns(table: Table, properties: Mapping[str, str]) -> Columns:
    """The columns of one table; `properties` as in the manifest."""
    found: Columns = dict(_ADDED.get(table.name, {}))
    for column in table.columns:
        if column.type == "value":
            found |= _PARTS
        elif column.type == "properties":
            for physical in properties.values():
                found |= {f"{physical}_{part}": kind for part, kind in _PARTS.items()}
        else:
            found[column.name] = _TYPES[column.type]
    return found


def schema(wanted: Columns) -> pa.Schema:
    """The same for Arrow."""
    return pa.schema([(name, arrow(kind)) for name, kind in wanted.items()])


def arrow(kind: str) -> pa.DataType:
    """An Arrow type by its name in SQL."""
    return _ARROW[kind]


def fitted(rows: pa.Table, wanted: Columns) -> pa.Table:
    """The rows with just these columns; those that they have not are null."""
    return pa.table(
        {
            name: rows[name] if name in rows.column_names else pa.nulls(rows.num_rows, arrow(kind))
            for name, kind in wanted.items()
        }
    )


@cache
def tables() -> Mapping[str, Table]:
    """Every declared table by name."""
    return {table.name: table for table in facts.registered()}


def subjects(table: str) -> Mapping[str, str]:
    """The columns of a table that say whom or what a row is about, and where `Gone` lists them."""
    named = {column.name for column in tables()[table].columns}
    own = {name: kind for name, kind in _SUBJECTS.items() if name in named}
    return {**own, **_OWN_SUBJECTS.get(table, {})}


_SUBJECTS: Mapping[str, str] = {"lead_id": "lead_ids", "binding_id": "binding_ids"}
_OWN_SUBJECTS: Mapping[str, Mapping[str, str]] = {
    "bindings": {"id": "binding_ids"},
    "trait_values": {"name": "fields"},
}
