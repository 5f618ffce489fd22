"""Facts: the rows that the lake has not seen, into files by month; goes on where it stopped."""

from collections.abc import Callable, Iterable

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from leadline.analytics import columns, shapes, source
from leadline.analytics.columns import Reader
from leadline.analytics.manifest import File, Manifest
from leadline.analytics.source import Rows, Span
from leadline.analytics.store import Store
from leadline.analytics.tombstones import Gone
from leadline.analytics.writing import Writer
from leadline.lib.facts import Table

NAME = "progress.json"
STRIDE = 1_000_000
"""Ids after which the files are closed and noted: what a kill costs at most."""


class Begun(msgspec.Struct):
    """A span of one table on its way: looked at up to the id `after`, into these files."""

    low: int
    high: int
    first_id: int
    last_id: int
    after: int
    files: list[File] = []

    @property
    def span(self) -> Span:
        return Span(self.low, self.high, self.first_id, self.last_id)


class Progress(msgspec.Struct):
    """What was written for the next generation and stands in no manifest yet."""

    key: str
    # The key of the lake that this database had: a new one is gone on with only beside it.
    replaces: str
    generation: int
    properties: dict[str, str]
    traits: list[str]
    tables: dict[str, list[Begun]] = {}

    def files(self) -> list[File]:
        return [file for spans in self.tables.values() for each in spans for file in each.files]


def read(store: Store) -> Progress | None:
    """What an interrupted run left; None when there is nothing that can be read."""
    content = store.read(NAME)
    try:
        return None if content is None else msgspec.json.decode(content, type=Progress)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def begun(store: Store, manifest: Manifest, *, replaces: str) -> Progress:
    """What an interrupted run left for just this generation, else nothing."""
    new = Progress(
        manifest.key, replaces, manifest.generation, dict(manifest.properties),
        list(manifest.traits),
    )  # fmt: skip
    found = read(store)
    if found is None or any(getattr(found, each) != getattr(new, each) for each in _SAME):
        return new
    return found


_SAME = ("key", "generation", "properties", "traits")


def plan(progress: Progress, manifest: Manifest, *, horizon: int) -> None:
    """Add to `progress` what every table has beyond what it holds; a query for each table."""
    for table in appended():
        spans = progress.tables.setdefault(table.name, [])
        known = manifest.tables.get(table.name)
        low = spans[-1].high if spans else (known.upto if known else 0)
        span = source.ahead(table, low=low, horizon=horizon)
        if span.high > span.low:
            after = span.first_id - 1
            spans.append(Begun(span.low, span.high, span.first_id, span.last_id, after))


def appended() -> list[Table]:
    """The tables whose rows are written once."""
    return [each for each in shapes.tables().values() if each.kind == "append"]


def write(store: Store, progress: Progress, *, gone: Gone, check: Callable[[], None]) -> None:
    """Write all that is planned; `check` is called between files and may stop the work."""
    for table in appended():
        reader = Reader(table, progress.properties)
        for each in progress.tables[table.name]:
            while each.after < each.last_id:
                check()
                _write_stride(store, table, reader, each, progress, gone)
                store.replace(NAME, msgspec.json.encode(progress))


def _write_stride(
    store: Store, table: Table, reader: Reader, begun: Begun, progress: Progress, gone: Gone
) -> None:
    wanted = shapes.columns(table, progress.properties)
    upto = begun.after
    with Writer(store, table.name, wanted) as writer:
        for upto, rows in source.portions(table, begun.span, after=begun.after):
            if rows:
                writer.add(_months(table, reader, rows, progress.traits, gone))
            if upto - begun.after >= STRIDE:
                break
        begun.files += writer.close()
    begun.after = upto


def _months(
    table: Table, reader: Reader, rows: Rows, traits: Iterable[str], gone: Gone
) -> dict[str, pa.Table]:
    found = columns.without(reader.read(rows), table.name, gone)
    if table.name == "trait_values":
        kept = pa.array(list(traits), type=pa.string())
        found = found.filter(pc.is_in(found["name"], value_set=kept))
    return columns.by_month(found, table.month)
