"""What has changed about a lead since it was looked at last, as names that rules mention.

`None` means anything may have changed.
"""

from collections.abc import Iterable, Iterator, Mapping

from leadline.criteria.mentions import Mentions

Touched = frozenset[str]

EVERYTHING: Touched | None = None
_ANY_EVENT = "fact since.last_event"
"""What any event moves, whatever its name."""


def by_events(names: Iterable[str]) -> Touched:
    """Events of these names arrived."""
    return frozenset([*(f"event {name}" for name in names), _ANY_EVENT])


def by_traits(names: Iterable[str]) -> Touched:
    """These traits have other values."""
    return frozenset(f"trait {name}" for name in names)


def by_facts(before: Mapping[str, object], after: Mapping[str, object]) -> Touched:
    """The facts that are not what they were."""
    return frozenset(f"fact {name}" for name, value in after.items() if before.get(name) != value)


def mentioned(reads: Mentions) -> Iterator[str]:
    """Everything that touches a rule which reads this."""
    yield from (f"event {name}" for name in reads.events)
    yield from (f"trait {name}" for name in reads.traits)
    yield from (f"fact {name}" for name in reads.facts)
