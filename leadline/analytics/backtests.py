"""The questions `backtest` and `draft_effect`: an order and a lake in, a document out."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from leadline.analytics import backtest as documents
from leadline.analytics import effect, engines, orders
from leadline.analytics.backtest import Document, Past
from leadline.analytics.effect import Kept
from leadline.analytics.lake import Lake
from leadline.analytics.orders import Order

Json = Mapping[str, Any]


def backtest(arguments: Json, now: datetime, lake: Lake) -> Document:
    """The document of one model; with `against` the answer of `draft_effect` instead."""
    order = orders.read(arguments, now=now)
    if order.is_against:
        return draft_effect(arguments, now, lake)
    past = past_of(order, lake)
    found = documents.run(
        order.asked.model,
        past,
        horizon_days=order.horizon_days,
        objective=order.objective,
        version=order.asked.version,
    )
    return found | {"lake_us": past.now_us}


def draft_effect(arguments: Json, now: datetime, lake: Lake) -> Document:
    """What a model would change against the version in force; see `effect`."""
    order = orders.read(arguments, now=now)
    past = past_of(order, lake)
    if order.published is None:
        alone = documents.run(
            order.asked.model, past, horizon_days=order.horizon_days,
            objective=order.objective, version=order.asked.version, most=effect.INSTANTS,
        )  # fmt: skip
        return {"published": None, "draft": alone, "crossing": None, "lake_us": past.now_us}
    shared = kept(order, past)
    found = effect.of(order.asked.model, shared, objective=order.objective, line=order.line)
    return found | {"lake_us": past.now_us}


def past_of(order: Order, lake: Lake) -> Past:
    """The lake to look back into. Raises LakeError for words that it does not keep."""
    manifest = lake.manifest()
    tables = lake.tables(_connection(order.engine), manifest)
    return Past.of(tables, manifest)


def kept(order: Order, past: Past) -> Kept:
    """What the edits of one draft share: the last one's, or made anew. Something is published."""
    published, horizon_days = order.published, order.horizon_days
    assert published is not None
    last = _held.pop() if _held else None
    if last is None or not last.serves(past, published, horizon_days=horizon_days):
        last = effect.keep(past, published, horizon_days=horizon_days)
    _held.append(last.at(past))
    return _held[-1]


@cache
def _connection(engine: str) -> Any:  # Any: a backend of Ibis, which has no types
    """One for the whole process: the engine keeps what was computed for a draft."""
    return engines.here(engine)


_held: list[Kept] = []
"""At most one: people edit one draft at a time, and it is large."""
