"""What a history of looks adds up to: few rows, whatever the number of leads.

Each function runs one query (on DuckDB or Spark) over `looks` and returns plain numbers, which
`ranking`, `bands` and `advice` know what to do with. Totals come back in micro-points.
"""

from collections.abc import Mapping, Sequence

import ibis
import pyarrow as pa
from ibis.expr.types import IntegerColumn, Table

from leadline.analytics import engines, ranking
from leadline.analytics.advice import Climb
from leadline.analytics.looks import GRAIN
from leadline.analytics.ranking import Spread, Step, Steps
from leadline.analytics.shares import Clustered

History = Mapping[int, Steps]
"""By instant: how many leads had which total, and how many of them were won."""


def history(looks: Table) -> dict[int, list[Step]]:
    """The steps of every instant, in order."""
    counted = looks.group_by("at_us", "total").agg(count=looks.count(), won=looks.won.sum())
    found: dict[int, list[Step]] = {}
    for at_us, total, count, won in _rows(counted.order_by("at_us", "total")):
        found.setdefault(at_us, []).append(Step(total * GRAIN, count, won))
    return found


def people(looks: Table) -> tuple[int, int]:
    """How many leads were looked at, and how many of them were won at all."""
    each = looks.group_by("lead").agg(won=looks.won.max())
    [(leads, won)] = _rows(each.agg(leads=each.count(), won=each.won.sum()))
    return leads, won or 0


def spread(looks: Table, found: History) -> Spread:
    """How much each lead adds to the pairs in order, for the error of the area."""
    places = engines.beside(looks, _places(found))
    joined = looks.inner_join(places, ["at_us", "total"])
    is_won = joined.won == 1
    each = joined.group_by("lead").agg(
        a=ibis.ifelse(is_won, joined.when_won, joined.when_not).sum().cast("float64"),
        p=ibis.ifelse(is_won, joined.others, joined.all_won).sum().cast("float64"),
    )
    sums = each.agg(
        leads=each.count(), aa=(each.a * each.a).sum(), ap=(each.a * each.p).sum(),
        pp=(each.p * each.p).sum(),
    )  # fmt: skip
    [(leads, aa, ap, pp)] = _rows(sums)
    return Spread(leads, aa or 0.0, ap or 0.0, pp or 0.0)


def _places(found: History) -> pa.Table:
    columns: dict[str, list[int]] = {name: [] for name in _PLACES}
    for at_us, instant in found.items():
        all_won = sum(each.won for each in instant)
        others = sum(each.count for each in instant) - all_won
        for total, when_won, when_not in ranking.places(instant):
            row = (at_us, total // GRAIN, when_won, when_not, others, all_won)
            for name, value in zip(_PLACES, row, strict=True):
                columns[name].append(value)
    return pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})


_PLACES = ("at_us", "total", "when_won", "when_not", "others", "all_won")


def in_bands(looks: Table, begins: Sequence[int]) -> list[Clustered]:
    """Per band: the sums from which its rate and the spread of it between leads come."""
    found = clustered(looks.select("lead", "won", band=_band(looks.total, begins)))
    return [found.get(index, Clustered(0, 0, 0, 0, 0, 0)) for index in range(len(begins))]


def clustered(rows: Table) -> dict[int, Clustered]:
    """By `band` (an integer), of rows with `lead` and `won`."""
    each = rows.group_by("band", "lead").agg(n=rows.count(), w=rows.won.sum())
    sums = each.group_by("band").agg(
        leads=each.count(), n=each.n.sum(), w=each.w.sum(), nn=(each.n * each.n).sum(),
        nw=(each.n * each.w).sum(), ww=(each.w * each.w).sum(),
    )  # fmt: skip
    return {band: Clustered(*rest) for band, *rest in _rows(sums)}


def count(rows: Table) -> int:
    """How many there are."""
    [(found,)] = _rows(rows.aggregate(count=rows.count()))
    return found


def _band(total: IntegerColumn, begins: Sequence[int]) -> IntegerColumn:
    """How many edges but the first lie at or below the total; edges are whole tenths or rounded
    up to them, as totals are rounded down."""
    edges = [-(-edge // GRAIN) for edge in begins[1:]]
    found = ibis.literal(0, type="int64")
    for edge in edges:
        found = found + (total >= edge).cast("int64")
    return found


def climb(looks: Table, *, working_days: float) -> Climb:
    """How leads rose, for the advice on a line. Three counts in one query."""
    before = ibis.window(group_by="lead", order_by="at_us", preceding=(None, 1))
    rising = looks.mutate(most=looks.total.max().over(before)).cache()
    seen_before = rising.filter(rising.most.notnull())
    held = seen_before.mutate(low=ibis.least(seen_before.total, seen_before.most))
    first_us = rising.at_us.min().as_scalar()
    peaks = looks.group_by("lead").agg(total=looks.total.max(), won=looks.won.max())
    return Climb(
        reached=_steps(looks, "total"),
        held=_steps(held, "low"),
        begun=_steps(rising.filter(rising.at_us == first_us), "total"),
        peaks=_steps(peaks, "total"),
        working_days=working_days,
    )


def _steps(rows: Table, total: str) -> list[Step]:
    counted = rows.group_by(total).agg(count=rows.count(), won=rows.won.sum())
    found = _rows(counted)
    return ranking.steps((each * GRAIN, count, won) for each, count, won in found)


def totals(scored: Table) -> list[Step]:
    """How many leads have which total now (in tenths); nothing about outcomes."""
    return _steps(scored.mutate(won=ibis.literal(0, type="int64")), "total")


def _rows(found: Table) -> list[tuple[int, ...]]:
    """The rows of a small result, as plain numbers."""
    columns = found.to_pyarrow().to_pydict().values()
    return list(zip(*columns, strict=True))
