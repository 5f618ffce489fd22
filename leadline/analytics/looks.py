"""A look at every lead at every decision instant: what its score was, and what became of it.

Grain: one lead at one instant. Columns: `at_us`, `lead`, `total` (int64, in tenths of a point) and
`won` (int64, 0 or 1). Looked at is who had been created by then, is nobody's test and is not
absent today, and had not been won; whoever has lost is looked at again while another deal is
open. Nothing here knows a fact from after the instant, but for `won`.
"""

from collections.abc import Mapping

import ibis
from ibis.expr.types import IntegerValue, Table

from leadline.criteria.nodes import MICRO
from leadline.lib.clock import DAY

Tables = Mapping[str, Table]

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
    return found


def as_bound(tables: Tables, at_us: int) -> Tables:
    """The tables without identifiers that became somebody's after the instant: what a visitor did
    is not the lead's before the lead said who they are."""
    bindings = tables["bindings"]
    return {**tables, "bindings": bindings.filter(bindings.opened_us <= at_us)}


def outcomes(tables: Tables, at_us: int, *, horizon_us: int) -> Table:
    """`lead`, `won`: everybody to be looked at at the instant. One row per lead."""
    leads, deals = tables["leads"], _of_leads(tables)
    there = leads.filter(
        ~leads.is_absent, ~leads.is_test, leads.created_us <= at_us, leads.lead_no.notnull()
    )
    is_closed = (deals.state != "open") & (deals.closed_us <= at_us)
    ends_later = deals.closed_us.isnull() | (deals.closed_us > at_us)
    is_won = deals.state == "won"
    known = deals.group_by("lead").agg(
        was_won=(is_closed & is_won).any(),
        was_closed=is_closed.any(),
        is_open=((deals.opened_us <= at_us) & ends_later).any(),
        won=(is_won & ends_later & (deals.closed_us <= at_us + horizon_us)).any(),
    )
    joined = there.select(lead="lead_no").left_join(known, "lead")
    asked = joined.filter(
        ~joined.was_won.fill_null(False),
        ~joined.was_closed.fill_null(False) | joined.is_open.fill_null(False),
    )
    return asked.select("lead", won=asked.won.fill_null(False).cast("int64"))


def _of_leads(tables: Tables) -> Table:
    deals, leads = tables["deals"], tables["leads"].select("lead_id", lead="lead_no")
    return deals.inner_join(leads, "lead_id").select("lead", "state", "opened_us", "closed_us")


def first_us(tables: Tables) -> int | None:
    """When the first lead was created; None while there is nobody."""
    leads = tables["leads"]
    there = leads.filter(~leads.is_absent, ~leads.is_test)
    [first] = there.agg(first=there.created_us.min()).to_pyarrow()["first"].to_pylist()
    return first  # type: ignore[no-any-return]  # Arrow has no types


def looked(scored: Table, asked: Table, *, at_us: int) -> Table:
    """The looks of one instant, of `lead`, `total` (micro-points) and `outcomes`."""
    joined = asked.inner_join(scored.select("lead", "total"), "lead")
    return joined.select(
        "lead", "won", at_us=ibis.literal(at_us, type="int64"), total=tenths(joined.total)
    )


def tenths(micro: IntegerValue) -> IntegerValue:
    """Micro-points in whole tenths of a point, rounded down.

    The division is one of floats, but of a multiple: exact below 2^53, a hundred times the most.
    """
    left = micro % GRAIN
    # Engines differ in the sign of what is left over below zero.
    left = ibis.ifelse(left < 0, left + GRAIN, left)
    found: IntegerValue = ((micro - left) / GRAIN).cast("int64")
    return found
