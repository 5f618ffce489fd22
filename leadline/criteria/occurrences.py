"""Which events of a snapshot a rule means, newest first."""

from collections.abc import Callable, Iterator

from leadline.criteria import operators
from leadline.criteria.nodes import Act, Property
from leadline.criteria.snapshot import Event, Snapshot
from leadline.criteria.span import NEVER, Span
from leadline.lib.clock import DAY, MINUTE

Finder = Callable[[Snapshot, int, int], tuple[list[Event], int]]
"""(snapshot, at_us, limit) → at most `limit` events, newest first, and the next one to come.

Limit 0 means all. The second value is when the earliest event after `at_us` begins to exist, or
NEVER: a verdict that looked for events does not hold longer than that.
"""

Matcher = Callable[[Event], bool]


def finder(acts: tuple[Act, ...], within: Span | None, *, day_offset_minutes: int) -> Finder:
    """A function that finds the events which count, lie within the span and fit one of `acts`."""
    wanted = _matchers(acts)
    offset_us = day_offset_minutes * MINUTE
    days = within.days if within is not None and not within.is_exact else None
    reach_us = within.micros if within is not None and within.is_exact else None

    def find(snapshot: Snapshot, at_us: int, limit: int) -> tuple[list[Event], int]:
        if days is not None:
            oldest_us = ((at_us + offset_us) // DAY - days) * DAY - offset_us
        else:
            oldest_us = -NEVER if reach_us is None else at_us - reach_us + 1
        found: list[Event] = []
        coming_us = NEVER
        for name, matches in wanted:
            events = snapshot.events.get(name)
            if not events:
                continue
            room = limit
            for event in reversed(events):
                occurred_us = event.occurred_us
                if occurred_us > at_us:
                    if event.counts and occurred_us < coming_us:
                        coming_us = occurred_us
                    continue
                if occurred_us < oldest_us:
                    break
                if event.counts and (matches is None or matches(event)):
                    found.append(event)
                    room -= 1
                    if room == 0:
                        break
        if len(wanted) > 1:
            found.sort(key=_newest_first)
            if limit:
                del found[limit:]
        return found, coming_us

    return find


def _newest_first(event: Event) -> tuple[int, int]:
    return -event.occurred_us, -event.id


def _matchers(acts: tuple[Act, ...]) -> list[tuple[str, Matcher | None]]:
    """Per event name, what an event must fulfil; None when the name is enough."""
    by_event: dict[str, list[tuple[Property, ...]]] = {}
    for act in acts:
        by_event.setdefault(act.event, []).append(act.where)
    return [(event, _matcher(list(wheres))) for event, wheres in by_event.items()]


def _matcher(wheres: list[tuple[Property, ...]]) -> Matcher | None:
    if not all(wheres):
        return None
    choices = [tuple(_conditions(where)) for where in wheres]
    if len(choices) == 1 and len(choices[0]) == 1:
        [[(name, holds)]] = choices

        def matches_one(event: Event) -> bool:
            stored = event.stored  # what was decoded before saves the call of a property
            properties = stored if type(stored) is dict else event.properties
            return holds(properties.get(name))

        return matches_one

    def matches(event: Event) -> bool:
        properties = event.properties
        return any(all(holds(properties.get(name)) for name, holds in choice) for choice in choices)

    return matches


def _conditions(where: tuple[Property, ...]) -> Iterator[tuple[str, operators.Predicate]]:
    for each in where:
        yield each.name, operators.predicate(each.tests)
