"""Which events of a snapshot a rule means, newest first."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import attrgetter

from leadline.criteria import operators
from leadline.criteria.nodes import Act, Property
from leadline.criteria.snapshot import Event, Snapshot
from leadline.criteria.span import NEVER, Span
from leadline.lib.clock import DAY, MINUTE

Found = tuple[Sequence[Event], int]

Finder = Callable[[Snapshot, int, int], Found]
"""(snapshot, at_us, limit) → at most `limit` events, newest first, and the next one to come.

Limit 0 means all. The second value is when the earliest event after `at_us` begins to exist, or
NEVER: a verdict that looked for events does not hold longer than that.
"""

Matcher = Callable[[Event], bool]


def finder(acts: tuple[Act, ...], within: Span | None, *, day_offset_minutes: int) -> Finder:
    """A function that finds the events which lie within the span and fit one of `acts`."""
    finders = [
        _finder_of(name, matches, within, day_offset_minutes * MINUTE)
        for name, matches in _matchers(acts)
    ]
    return finders[0] if len(finders) == 1 else _merged(finders)


def _finder_of(name: str, matches: Matcher | None, within: Span | None, offset_us: int) -> Finder:
    """Looks at the ends of the span rather than at every event: they are in the order of time."""
    days = within.days if within is not None and not within.is_exact else None
    reach_us = within.micros if within is not None else 0

    def find(snapshot: Snapshot, at_us: int, limit: int) -> Found:
        events = snapshot.events.get(name)
        if not events:
            return (), NEVER
        begin, end, coming_us = 0, len(events), NEVER
        if events[-1].occurred_us > at_us:
            end = bisect_right(events, at_us, key=_moment)
            coming_us = events[end].occurred_us
        if matches is None and 0 < limit < end:
            begin = end - limit
        if within is not None and begin < end:
            if days is not None:
                oldest_us = ((at_us + offset_us) // DAY - days) * DAY - offset_us
            else:
                oldest_us = at_us - reach_us + 1
            if events[begin].occurred_us < oldest_us:
                begin = bisect_left(events, oldest_us, begin, end, key=_moment)
        found = events[begin:end]
        if matches is None:
            return found[::-1], coming_us
        return list(islice(filter(matches, reversed(found)), limit or None)), coming_us

    return find


def _merged(finders: list[Finder]) -> Finder:
    """Finds what any of them finds, no more than the limit of all together."""

    def find(snapshot: Snapshot, at_us: int, limit: int) -> Found:
        found: list[Event] = []
        coming_us = NEVER
        for each in finders:
            some, some_coming_us = each(snapshot, at_us, limit)
            found += some
            coming_us = min(coming_us, some_coming_us)
        found.sort(key=_newest_first)
        if limit:
            del found[limit:]
        return found, coming_us

    return find


_moment = attrgetter("occurred_us")


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
