"""The leads behind a number of a backtest: who stands in a bar, in a band, who crosses the line.

Asked with the arguments of `draft_effect` (or of `backtest`, with `alone`) and `which`:

kind        "now": leads by their score at the newest instant of the lake; "looks": leads at month
            ends, as bands count them; "people": the same, each once; "up", "down": who crosses
model       "draft" or "published": by whose scores
begins, ends    points: from, and below; None without a bound
won         only those who were won within the horizon
alone       the model without another beside it, over all the instants of `backtest`
skip        so many were shown already

The answer: {"count", "rows": at most 100 of {"lead_id", "at_us", "points", "won"}, "lake_us"},
the highest score first, looks by month end. `count` is the number in the document of the same
lake, always; `at_us` and `won` are None where there was no look.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import ibis
import msgspec
from ibis.expr.types import Table

from leadline.analytics import backtest, backtests, bands, counting, effect, instants, looks, orders
from leadline.analytics.backtest import Past
from leadline.analytics.lake import Lake
from leadline.analytics.looks import GRAIN
from leadline.analytics.orders import Order
from leadline.criteria.errors import CriterionError
from leadline.criteria.nodes import MICRO

PAGE = 100
Json = Mapping[str, Any]
_Points = float | None


class Which(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number of the document; see above."""

    kind: Literal["now", "looks", "people", "up", "down"]
    model: Literal["draft", "published"] = "draft"
    begins: _Points = None
    ends: _Points = None
    won: bool = False
    alone: bool = False
    skip: int = 0


def leads(arguments: Json, now: datetime, lake: Lake) -> dict[str, Any]:
    """The leads behind a number. Raises CriterionError with the path, and LakeError."""
    which = read(arguments.get("which"))
    rest = {name: value for name, value in arguments.items() if name != "which"}
    order = orders.read(rest, now=now)
    past = backtests.past_of(order, lake)
    return _page(_rows(which, order, past), past, which)


def read(written: object) -> Which:
    """Which number. Raises CriterionError."""
    try:
        found = msgspec.convert(written, Which)
    except msgspec.ValidationError as refusal:
        raise CriterionError("/which", written, str(refusal)) from None
    if not 0 <= found.skip < 2**31:
        raise CriterionError("/which/skip", found.skip, "a count from 0")
    return found


def _rows(which: Which, order: Order, past: Past) -> Table:
    """`lead`, `at_us`, `tenths`, `won` of everybody who counts."""
    if which.kind in ("up", "down"):
        return _crossing(which, order, past)
    found = _alone(which, order, past)
    if found is None:
        kept = backtests.kept(order, past)
        then, today = effect.compared(order.asked.model, kept)
        found = (
            _now(today.select("lead", total=today[which.model]))
            if which.kind == "now"
            else _looks([effect.looks_of(each, which.model) for each in then])
        )
    if which.begins is not None:
        found = found.filter(found.tenths >= _tenths(which.begins))
    if which.ends is not None:
        found = found.filter(found.tenths < _tenths(which.ends))
    if which.kind == "people":
        each = found.group_by("lead")
        found = each.agg(at_us=found.at_us.max(), tenths=found.tenths.max(), won=found.won.max())
    return found.filter(found.won == 1) if which.won else found


def _alone(which: Which, order: Order, past: Past) -> Table | None:
    """Of one model; None where another one stands beside it."""
    if not which.alone and order.published is not None:
        return None
    model = order.asked.model
    if which.kind == "now":
        return _now(past.today(model).select("lead", "total"))
    most = instants.MOST if which.alone else effect.INSTANTS
    chosen = past.chosen(model, horizon_days=order.horizon_days, most=most)
    return _looks(backtest.looked(model, past, chosen.over, horizon_days=order.horizon_days))


def _crossing(which: Which, order: Order, past: Past) -> Table:
    if order.published is None:
        raise CriterionError("/which/kind", which.kind, "now, looks or people: none is in force")
    _, today = effect.compared(order.asked.model, backtests.kept(order, past))
    way = effect.UP if which.kind == "up" else effect.DOWN
    crossed = effect.crossed(today, order.published.model, order.asked.model, way, line=order.line)
    return _now(crossed.select("lead", total=crossed.draft))


def _now(rows: Table) -> Table:
    nothing = ibis.null("int64")
    return rows.select("lead", at_us=nothing, tenths=looks.tenths(rows.total), won=nothing)


def _looks(tables: list[Table]) -> Table:
    if not tables:
        raise CriterionError("/which/kind", "looks", "now: no month end can be judged yet")
    return ibis.union(
        *[each.select("lead", "at_us", "won", tenths=each.total) for each in tables],
        distinct=False,
    )


def _page(rows: Table, past: Past, which: Which) -> dict[str, Any]:
    names = past.tables["leads"].select("lead_id", lead="lead_no")
    named = rows.cache().inner_join(names, "lead")
    order = [ibis.desc("at_us"), ibis.desc("tenths"), "lead_id"]
    shown = named.order_by(order).limit(PAGE, offset=which.skip)
    found = shown.select("lead_id", "at_us", "tenths", "won").to_pyarrow().to_pylist()
    return {
        "count": counting.count(rows),
        "rows": [
            {
                "lead_id": str(each["lead_id"]),
                "at_us": each["at_us"],
                "points": bands.points(each["tenths"] * GRAIN),
                "won": None if each["won"] is None else bool(each["won"]),
            }
            for each in found
        ],
        "lake_us": past.now_us,
    }


def _tenths(points: float) -> int:
    """Edges are whole tenths or rounded up to them, as totals are rounded down."""
    return -(-round(points * MICRO) // GRAIN)
