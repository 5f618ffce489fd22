"""Several instants of the past as one frame: each instant a world of its own, all at one time.

A frame is of one instant, and to write one down for an engine takes half a second, whatever the
engine then needs; a backtest asks for 24. So the lake is repeated once per instant, with leads,
bindings and rows of each world numbered apart, and with every time moved by a whole number of
days, so that all instants fall together. Whole days keep every age and every window as it was,
to the microsecond (days are cut at a fixed offset), so the scores are those of 24 frames; a test
holds it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import ibis
import pyarrow as pa
from ibis.expr.types import Table, Value

from leadline.lib.clock import DAY

Tables = Mapping[str, Table]

SHIFT = 40
"""Bits for the numbers of one world: a million millions of rows."""

MOST_ROWS = 1_200_000
"""Leads times instants that one query scores: beyond, a group-by of 15 sums does not fit 1 GB."""

APART = frozenset({"id", "binding_id", "lead", "lead_id", "lead_no"})
"""Columns that number rows, when they are integers."""


@dataclass(frozen=True, slots=True)
class Worlds:
    """Instants (microseconds, ascending, whole days apart); the last one is where they meet."""

    instants: Sequence[int]

    @property
    def at_us(self) -> int:
        """The instant at which every world stands."""
        return self.instants[-1]

    @property
    def rows(self) -> Table:
        """`world`, `world_us` (its instant) and `moved_us`, one row per instant."""
        moved = [self.at_us - each for each in self.instants]
        assert not any(each % DAY for each in moved), "instants are whole days apart"
        columns = {
            "world": range(len(self.instants)),
            "world_us": self.instants,
            "moved_us": moved,
        }
        return ibis.memtable(pa.table({n: pa.array(v, pa.int64()) for n, v in columns.items()}))

    def told_apart(self, tables: Tables) -> Tables:
        """Every table once per world, leads only where they had been created."""
        found = {name: self._repeated(table) for name, table in tables.items()}
        leads = found["leads"]
        return {**found, "leads": leads.filter(leads.created_us <= self.at_us)}

    def _repeated(self, table: Table) -> Table:
        return self.moved(table.cross_join(self.rows)).select(*table.columns)

    def moved(self, rows: Table) -> Table:
        """Rows with `world` and `moved_us`, as they are in their world."""
        found: dict[str, Value] = {}
        for name, kind in rows.schema().items():
            if name in ("world_us", "moved_us"):
                continue
            if name.endswith("_us"):
                found[name] = rows[name] + rows.moved_us
            elif kind.is_integer() and name in APART:
                found[name] = rows[name] + rows.world * 2**SHIFT
            elif name == "company_id":
                found[name] = rows.world.cast("string") + ":" + rows[name]
        return rows.mutate(**found)

    def parted(self, scored: Table) -> Table:
        """Scores of leads of all worlds, with `lead` as today and `at_us`, the instant."""
        found = scored.mutate(world=scored.lead >> SHIFT, lead=scored.lead & (2**SHIFT - 1))
        instants = self.rows.select("world", at_us="world_us")
        return found.inner_join(instants, "world").drop("world")


def numbered(tables: Tables) -> dict[str, Table]:
    """The tables with leads called by their number (`lead_no`) instead of their id."""
    leads = tables["leads"]
    numbers = leads.select("lead_id", of_lead="lead_no")
    found = {}
    for name, table in tables.items():
        if name == "leads":
            found[name] = table.mutate(lead_id=table.lead_no)
        elif "lead_id" not in table.columns:
            found[name] = table
        elif name == "bindings":
            found[name] = table.drop("lead_id")
        else:
            # Some rows are of a company and have no lead.
            joined = table.left_join(numbers, "lead_id").drop("lead_id_right")
            found[name] = joined.mutate(lead_id=joined.of_lead).drop("of_lead")
    return found


def portions(instants: Sequence[int], *, leads: int) -> Iterator[Worlds]:
    """The instants in as few worlds at a time as one query can hold."""
    most = max(1, MOST_ROWS // max(1, leads))
    for start in range(0, len(instants), most):
        yield Worlds(instants[start : start + most])
