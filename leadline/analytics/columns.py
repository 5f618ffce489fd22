"""Rows of the database as Arrow columns: typed values, properties, ids, months."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadline.analytics import shapes
from leadline.analytics.tombstones import Gone
from leadline.lib.facts import Column, Table

Value = Any  # JSON
Parts = tuple[str | None, float | None, bool | None, list[str] | None]
NOTHING: Parts = (None, None, None, None)
NO_KIND: Parts = (None, float("nan"), None, None)
"""Known, and of no type that a rule could ask for: an object. NaN is no number to any rule."""
NO_TEXT = "\x01"
"""A member of a list that is no text: no rule can name it, and the list is not empty."""
EXACT = 2**53
MOST_NUMBER = 1.7976931348623157e308
_MEMORY = 50_000


def parts(value: Value) -> Parts:
    """A JSON value as (text, number, flag, members), of which at most one is not None.

    A whole number beyond ±2^53 is stored one step further out, so that it stays on its side of
    every number that a rule may name (they end at 10^15).
    """
    if value is None:
        return NOTHING
    make = _PARTS.get(type(value))
    return NO_KIND if make is None else make(value)


def _members(value: list[Value]) -> Parts:
    return (None, None, None, [each if isinstance(each, str) else NO_TEXT for each in value])


def _outward(value: int) -> float:
    number = float(value)
    if -EXACT <= value <= EXACT:
        return number
    return float(np.nextafter(number, np.inf if value > 0 else -np.inf))


_PARTS: Mapping[type, Callable[[Value], Parts]] = {
    str: lambda value: (value, None, None, None),
    bool: lambda value: (None, None, value, None),
    int: lambda value: (None, _outward(value), None, None),
    float: lambda value: (None, value, None, None),
    list: _members,
}


class Reader:
    """Turns rows of one table into Arrow tables; remembers what it has decoded."""

    def __init__(self, table: Table, properties: Mapping[str, str]) -> None:
        self._table = table
        self._properties = properties
        self._columns = shapes.columns(table, properties)
        self._values: dict[str, Parts] = {}
        self._decoder = msgspec.json.Decoder(list[_asked(properties)])  # type: ignore[misc]  # made here

    def read(self, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
        """The rows with the columns of the lake, but those that a snapshot adds and properties of
        which nothing was said: a million events have forty such columns."""
        found: dict[str, pa.Array] = {}
        for at, column in enumerate(self._table.columns):
            # Not zip(*rows): one iterator for each row is five times as slow.
            cells = [row[at] for row in rows]
            found |= _READERS.get(column.type, _plain)(self, column, cells)
        return pa.table(found)

    def known(self, text: str | None) -> Parts:
        """The parts of a JSON text."""
        if text is None:
            return NOTHING
        found = self._values.get(text)
        if found is None:
            if len(self._values) >= _MEMORY:
                self._values.clear()
            found = self._values[text] = parts(msgspec.json.decode(text))
        return found

    def said(self, texts: Sequence[str]) -> dict[str, list[Value]]:
        """The values of each property that is kept and occurs, by the beginning of its columns."""
        together = f"[{','.join(texts)}]"
        try:
            # One call decodes them all and skips what nobody asks for.
            said = self._decoder.decode(together)
        except msgspec.ValidationError:
            objects = (text if text.startswith("{") else "{}" for text in texts)
            said = self._decoder.decode(f"[{','.join(objects)}]")
        return {
            physical: list(map(attrgetter(physical), said))
            for name, physical in self._properties.items()
            if _may_occur(name, together)
        }

    def type_of(self, column: Column) -> pa.DataType:
        return shapes.arrow(self._columns[column.name])


def _asked(properties: Mapping[str, str]) -> type[msgspec.Struct]:
    """An object with these properties, each of any kind and None where it is missing."""
    return msgspec.defstruct(
        "Said",
        [(physical, Value, None) for physical in properties.values()],
        rename={physical: name for name, physical in properties.items()},
    )


def _may_occur(name: str, text: str) -> bool:
    """Whether an object in the text may have a property of this name: a search, no decoding."""
    return f'"{name}"' in text or not (name.isascii() and name.replace("_", "").isalnum())


def _plain(reader: Reader, column: Column, cells: Sequence[Any]) -> dict[str, pa.Array]:
    kind = reader.type_of(column)
    if kind == pa.bool_():
        # SQLite has 0 and 1.
        return {column.name: pa.array([None if cell is None else bool(cell) for cell in cells])}
    return {column.name: pa.array(cells, type=kind)}


def _uuid(_reader: Reader, column: Column, cells: Sequence[Any]) -> dict[str, pa.Array]:
    found = pa.array(cells, type=pa.string())
    return {column.name: _dashed(found) if _is_bare(cells) else found}


def _is_bare(cells: Sequence[Any]) -> bool:
    """SQLite keeps an id as 32 digits, PostgreSQL gives 36 characters."""
    sample = next((cell for cell in cells if cell is not None), "")
    return len(sample) == 32


def _dashed(digits: pa.Array) -> pa.Array:
    cuts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)]
    pieces = [pc.utf8_slice_codeunits(digits, start, stop) for start, stop in cuts]
    return pc.binary_join_element_wise(*pieces, "-")


def _value(reader: Reader, _column: Column, cells: Sequence[Any]) -> dict[str, pa.Array]:
    found = [reader.known(cell) for cell in cells]
    return _typed("", list(zip(*found, strict=True)))


def _several(reader: Reader, _column: Column, cells: Sequence[Any]) -> dict[str, pa.Array]:
    found: dict[str, pa.Array] = {}
    for prefix, values in reader.said(cells).items():
        kinds = {type(value) for value in values} - {type(None)}
        if kinds == {str}:
            found[f"{prefix}_text"] = pa.array(values, type=pa.string())
        elif kinds:
            found |= _typed(f"{prefix}_", list(zip(*map(parts, values), strict=True)))
    return found


_KINDS: Mapping[str, pa.DataType] = {
    "text": pa.string(), "number": pa.float64(), "flag": pa.bool_(),
    "members": pa.list_(pa.string()),
}  # fmt: skip


def _typed(prefix: str, columns: Sequence[Sequence[Any]]) -> dict[str, pa.Array]:
    return {
        f"{prefix}{part}": pa.array(cells, type=kind)
        for (part, kind), cells in zip(_KINDS.items(), columns, strict=True)
    }


_READERS: Mapping[
    str, Callable[[Reader, Column, Sequence[Any]], dict[str, pa.Array]]
] = {"uuid": _uuid, "value": _value, "properties": _several}  # fmt: skip


def without(found: pa.Table, table: str, gone: Gone) -> pa.Table:
    """The rows that are about nobody and nothing in `gone`."""
    for column, kind in shapes.subjects(table).items():
        subjects = getattr(gone, kind)
        if subjects and column in found.column_names:
            listed = pa.array(sorted(subjects), type=found.schema.field(column).type)
            is_gone = pc.is_in(found[column], value_set=listed)
            if pc.any(is_gone).as_py():
                found = found.filter(pc.invert(is_gone))
    return found


def by_month(found: pa.Table, month: str) -> dict[str, pa.Table]:
    """The rows by the month of an instant, UTC: "2026-03" → rows."""
    if not found.num_rows:
        return {}
    instants = found[month].to_numpy().astype("datetime64[us]").astype("datetime64[M]")
    months = np.unique(instants)
    if len(months) == 1:
        return {str(months[0]): found}
    return {str(each): found.filter(pa.array(instants == each)) for each in months}
