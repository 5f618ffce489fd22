"""Snapshots as a frame: the same leads for the batch evaluators."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
from pyarrow import parquet

from leadline.analytics import columns as lake
from leadline.criteria.frame import Frame, Typed
from leadline.criteria.snapshot import Event, Snapshot

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend as DuckDB
    from ibis.backends.pyspark import Backend as Spark

Put = Callable[[pa.Table], ibis.Table]
"""From rows in memory to a table of the engine."""

FACTS = {
    "segments": pa.list_(pa.string()),
    "stage": pa.string(),
    "temperature": pa.string(),
    "owner": pa.string(),
    "stage_since": pa.int64(),
}
PREFIXES = {"score.": pa.int64(), "since.": pa.int64(), "deal.": pa.bool_(), "consent.": pa.bool_()}
ADJUSTMENTS = pa.schema(
    {"lead": pa.int64(), "at_us": pa.int64(), "points_micro": pa.int64(),
     "half_life_days": pa.int64()}
)  # fmt: skip

_count = itertools.count()


def in_duckdb(connection: "DuckDB", folder: Path) -> Put:
    """Writes each table as a file of its own, which DuckDB then reads."""

    def put(rows: pa.Table) -> ibis.Table:
        name = f"frame{next(_count)}"
        place = folder / f"{name}.parquet"
        parquet.write_table(rows, place)
        return connection.read_parquet(place, table_name=name)

    return put


def in_spark(connection: "Spark") -> Put:
    """Hands each table over as it is: to have Spark look into a file first takes a second."""

    def put(rows: pa.Table) -> ibis.Table:
        name = f"frame{next(_count)}"
        connection._session.createDataFrame(rows).createOrReplaceTempView(name)
        return connection.table(name)

    return put


def frame(snapshots: Sequence[Snapshot], at_us: int, *, put: Put) -> Frame:
    """These leads at the instant, numbered from 0 in their order."""
    traits = _columns(each.traits for each in snapshots)
    facts = sorted({name for each in snapshots for name in each.facts if name != "adjustments"})
    events = [
        (number, event)
        for number, each in enumerate(snapshots)
        for group in each.events.values()
        for event in group
        if event.counts and event.occurred_us <= at_us
    ]
    properties = _columns(event.properties for _, event in events)
    return Frame(
        at_us,
        put(_leads(snapshots, traits, facts)),
        put(_events(events, properties)),
        put(_adjustments(snapshots, at_us)),
        traits=traits,
        properties=properties,
        facts={name: f"f{place}" for place, name in enumerate(facts)},
    )


def _columns(values: Iterable[Mapping[str, object]]) -> dict[str, Typed]:
    names = sorted({name for each in values for name in each})
    return {
        name: Typed(*(f"v{place}_{kind}" for kind in ("text", "number", "flag", "members")))
        for place, name in enumerate(names)
    }


def _typed(values: Sequence[object], names: Typed) -> dict[str, pa.Array]:
    texts, numbers, flags, members = (
        list(each) for each in zip(*map(lake.parts, values), strict=True)
    )
    return {
        names.text: pa.array(texts, pa.string()),
        names.number: pa.array(numbers, pa.float64()),
        names.flag: pa.array(flags, pa.bool_()),
        names.members: pa.array(members, pa.list_(pa.string())),
    }


def _leads(
    snapshots: Sequence[Snapshot], traits: Mapping[str, Typed], facts: Sequence[str]
) -> pa.Table:
    columns = {"lead": pa.array(range(len(snapshots)), pa.int64())}
    columns["lead_id"] = pa.array([f"lead {n}" for n in range(len(snapshots))], pa.string())
    for name, names in traits.items():
        columns |= _typed([each.traits.get(name) for each in snapshots], names)
    for place, name in enumerate(facts):
        kind = FACTS.get(name) or next(k for start, k in PREFIXES.items() if name.startswith(start))
        values = [each.facts.get(name) for each in snapshots]
        values = [sorted(each) if isinstance(each, frozenset) else each for each in values]
        columns[f"f{place}"] = pa.array(values, kind)
    return pa.table(columns)


def _events(events: Sequence[tuple[int, Event]], properties: Mapping[str, Typed]) -> pa.Table:
    columns = {
        "lead": pa.array([number for number, _ in events], pa.int64()),
        "name": pa.array([event.name for _, event in events], pa.string()),
        "occurred_us": pa.array([event.occurred_us for _, event in events], pa.int64()),
    }
    for name, names in properties.items():
        columns |= _typed([event.properties.get(name) for _, event in events], names)
    return pa.table(columns)


def _adjustments(snapshots: Sequence[Snapshot], at_us: int) -> pa.Table:
    rows = [
        (lead, given_us, points, half_life)
        for lead, each in enumerate(snapshots)
        for _, given_us, points, half_life in each.facts.get("adjustments", ())  # type: ignore[attr-defined]
        if given_us <= at_us
    ]
    return pa.Table.from_pylist(
        [dict(zip(ADJUSTMENTS.names, row, strict=True)) for row in rows], schema=ADJUSTMENTS
    )
