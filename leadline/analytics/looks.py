"""A look at every lead at every decision instant: what its score was, and what became of it.

Grain: one lead at one instant. Columns: `at_us`, `lead`, `total` (int64, in tenths of a point) and
`won` (int64, 0 or 1). Looked at is who had been created by then, is nobody's test and is not
absent today, and had not been won; whoever has lost is looked at again while another deal is
open. Nothing here knows a fact from after the instant, but for `won`.
"""

import ibis
from ibis.expr.types import IntegerValue, Table

from leadline.analytics.worlds import Tables, Worlds
from leadline.criteria.nodes import MICRO
from leadline.lib.clock import DAY

GRAIN = MICRO // 10
"""Scores are compared in tenths of a point: points that fade give every lead a score of its own,
and nobody draws a line between 50.0000 and 50.0001."""

LATE_US = 7 * DAY
"""What became known later than this was brought in as history. (What comes in live is refused a
time further back.)"""

_FACTS = {
    "events": "occurred_us", "touches": "occurred_us", "trait_values": "occurred_us",
    "consents": "at_us", "activities": "began_us", "adjustments": "at_us",
}  # fmt: skip


def as_it_happened(tables: Tables) -> Tables:
    """The tables as if history that was brought in had been known when it happened.

    An import of two years was known to nobody before it came; a backtest of it asks what the
    model would have said to somebody who had been there. What came in live keeps when it was
    known: a late event is late in a backtest too.
    """
    found = dict(tables)
    for name, happened in _FACTS.items():
        if name in found:
            rows = found[name]
            is_history = rows.known_us - rows[happened] > LATE_US
            found[name] = rows.mutate(
                known_us=ibis.ifelse(is_history, rows[happened], rows.known_us)
            )
    return found | {"bindings": _bound(tables)}


def _bound(tables: Tables) -> Table:
    """Bindings: what a visitor did becomes the lead's when the lead says who they are, or, of leads
    that were brought in as history, as soon as there is the lead. What such a lead says of itself
    long after it was brought in came live."""
    leads, bindings = tables["leads"], tables["bindings"]
    is_history = leads.known_us - leads.created_us > LATE_US
    came = leads.filter(is_history).select(of_lead="lead_no", came_us=leads.known_us)
    joined = bindings.left_join(came, bindings.lead_no == came.of_lead)
    came_with = (joined.given_us <= joined.came_us + LATE_US).fill_null(False)
    given_us = ibis.ifelse(came_with, ibis.null("int64"), joined.given_us)
    return joined.mutate(given_us=given_us).select(*bindings.columns)


def outcomes(tables: Tables, worlds: Worlds, *, horizon_us: int) -> Table:
    """`at_us`, `lead`, `won`: everybody to be looked at, one row per lead and instant."""
    leads, instants = tables["leads"], worlds.rows.select(at_us="world_us")
    present = leads.filter(~leads.is_absent, ~leads.is_test).select("created_us", lead="lead_no")
    there = present.cross_join(instants)
    there = there.filter(there.created_us <= there.at_us).select("at_us", "lead")
    deals = _of_leads(tables).cross_join(instants)
    is_closed = (deals.state != "open") & (deals.closed_us <= deals.at_us)
    ends_later = deals.closed_us.isnull() | (deals.closed_us > deals.at_us)
    is_won = deals.state == "won"
    known = deals.group_by("at_us", "lead").agg(
        was_won=(is_closed & is_won).any(),
        was_closed=is_closed.any(),
        is_open=((deals.opened_us <= deals.at_us) & ends_later).any(),
        won=(is_won & ends_later & (deals.closed_us <= deals.at_us + horizon_us)).any(),
    )
    joined = there.left_join(known, ["at_us", "lead"])
    asked = joined.filter(
        ~joined.was_won.fill_null(False),
        ~joined.was_closed.fill_null(False) | joined.is_open.fill_null(False),
    )
    return asked.select("at_us", "lead", won=asked.won.fill_null(False).cast("int64"))


def _of_leads(tables: Tables) -> Table:
    deals, leads = tables["deals"], tables["leads"].select("lead_id", lead="lead_no")
    return deals.inner_join(leads, "lead_id").select("lead", "state", "opened_us", "closed_us")


def begin(tables: Tables) -> tuple[int, int | None]:
    """How many leads there are, and when the first was created (None while there is nobody)."""
    leads = tables["leads"]
    there = leads.filter(~leads.is_absent, ~leads.is_test)
    found = there.agg(count=there.count(), first=there.created_us.min()).to_pyarrow().to_pydict()
    return found["count"][0], found["first"][0]


def tenths(micro: IntegerValue) -> IntegerValue:
    """Micro-points in whole tenths of a point, rounded down.

    The division is one of floats, but of a multiple: exact below 2^53, a hundred times the most.
    """
    left = micro % GRAIN
    # Engines differ in the sign of what is left over below zero.
    left = ibis.ifelse(left < 0, left + GRAIN, left)
    found: IntegerValue = ((micro - left) / GRAIN).cast("int64")
    return found
