"""Moments that few rules count from: each is loaded while some rule asks for it."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from leadline.criteria.mentions import Mentions
from leadline.routing import queries as routing
from leadline.timeline import events

ASSIGNED = "since.assigned"
LAST_EVENT = "since.last_event"
COMING_EVENT = "coming.last_event"

Facts = dict[UUID, dict[str, object]]


def facts(bindings: Mapping[UUID, Sequence[int]], reads: Mentions, at_us: int) -> Facts:
    """By lead, whose bindings these are: when it got its owner, and what happened to it last.

    A query for each of the two that is asked for. What is dated ahead of `at_us` comes apart.
    """
    found: Facts = {lead_id: {} for lead_id in bindings}
    if ASSIGNED in reads.facts:
        for lead_id, since_us in routing.had_since_us(bindings).items():
            found[lead_id][ASSIGNED] = since_us
    if LAST_EVENT in reads.facts:
        around = events.around(_all(bindings), at_us=at_us)
        for lead_id, mine in bindings.items():
            found[lead_id] |= _happened([around[each] for each in mine if each in around])
    return found


def _happened(around: Sequence[tuple[int | None, int | None]]) -> dict[str, object]:
    last = [last_us for last_us, _ in around if last_us is not None]
    coming = [coming_us for _, coming_us in around if coming_us is not None]
    happened: dict[str, object] = {LAST_EVENT: max(last)} if last else {}
    return happened | ({COMING_EVENT: min(coming)} if coming else {})


def _all(bindings: Mapping[UUID, Sequence[int]]) -> Iterable[int]:
    return (each for mine in bindings.values() for each in mine)
