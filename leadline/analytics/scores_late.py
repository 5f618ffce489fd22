"""Who had not been looked at yet at an instant of the past, though time had changed their score.

A score moves by itself: a window closes, points fade. Until the worker comes round the stored one
is that of before. Of a lead whose scores differ this is so when its stored score was right at an
instant after everything that was known of it by then: from there on only time went by. Anything
else stays a difference.
"""

from collections.abc import Callable, Iterator
from functools import reduce

import ibis
from ibis.expr.types import Table

from leadline.analytics import engines
from leadline.analytics.worlds import Tables
from leadline.lib import clock

MOST_INSTANTS = 32
_PAUSES = (clock.MINUTE, 10 * clock.MINUTE, clock.HOUR)


def found(
    tables: Tables,
    differing: Table,
    expected: Callable[[int], Table],
    *,
    at_us: int,
    day_offset_minutes: int,
) -> Table:
    """`lead_id` of those, a row each.

    `differing`: `lead_id`, `was_total`, `was_fit`, `was_engagement`, `changed_us`. `expected` gives
    all scores as of an instant. Looks at one instant after the other until nobody is left, at most
    at 36: those after which most of the leads were left alone, and some shortly before.
    """
    left = engines.kept(_seen(tables, differing, at_us=at_us))
    found = []
    for each in _instants(left, at_us=at_us, day_offset_minutes=day_offset_minutes):
        found.append(engines.kept(_right(left, expected(each), at_us=each)))
        left = engines.kept(left.anti_join(found[-1], "lead_id"))
        if not engines.rows(left.limit(1)):
            break
    return reduce(ibis.union, found)


def _right(seen: Table, expected: Table, *, at_us: int) -> Table:
    both = seen.filter(seen.seen_us <= at_us).inner_join(expected, "lead_id")
    return both.filter(
        both.total == both.was_total,
        both.fit == both.was_fit,
        both.engagement == both.was_engagement,
    ).select("lead_id")


def _seen(tables: Tables, differing: Table, *, at_us: int) -> Table:
    """Each lead with `seen_us`: when something about it became known last, or its score changed."""
    rows = [each.filter(each.known_us <= at_us) for each in _known(tables)]
    last = reduce(ibis.union, rows).group_by("lead_id")
    newest = last.agg(known_us=lambda table: table.known_us.max())
    both = differing.left_join(newest, "lead_id").drop("lead_id_right")
    seen_us = ibis.greatest(both.changed_us, both.known_us.fill_null(0))
    return both.mutate(seen_us=seen_us).drop("known_us", "changed_us")


def _known(tables: Tables) -> Iterator[Table]:
    """`lead_id`, `known_us` of what is scored."""
    leads = tables["leads"].select("lead_no", owner_id="lead_id")
    owners = tables["bindings"].select("lead_no", binding_id="id").inner_join(leads, "lead_no")
    for name in ("events", "consents"):
        rows = tables[name].inner_join(owners, "binding_id")
        yield rows.select(lead_id="owner_id", known_us="known_us")
    for name in ("trait_values", "adjustments", "activities"):
        rows = tables[name]
        yield rows.filter(rows.lead_id.notnull()).select("lead_id", "known_us")
    for name in ("assignments", "stage_changes"):
        yield tables[name].select("lead_id", known_us="at_us")


def _instants(seen: Table, *, at_us: int, day_offset_minutes: int) -> list[int]:
    """Before the day began, which changes most scores; shortly before; then what became known of
    many leads at once."""
    day = clock.local_day(at_us, day_offset_minutes)
    midnight = day * clock.DAY - day_offset_minutes * clock.MINUTE
    counted = seen.group_by("seen_us").agg(n=seen.count())
    most = counted.order_by(ibis.desc("n"), "seen_us").limit(MOST_INSTANTS)
    before = [midnight - 1, *(at_us - pause for pause in _PAUSES)]
    return list(dict.fromkeys([*before, *(each["seen_us"] for each in engines.rows(most))]))
