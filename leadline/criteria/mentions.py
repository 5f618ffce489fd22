"""What a rule asks for, so that loaders load that and nothing more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from leadline.criteria.nodes import (
    Act,
    AllOf,
    AnyOf,
    Did,
    DidNot,
    Node,
    Not,
    Ratio,
    Trait,
    fact_of,
)
from leadline.criteria.span import Span


@dataclass(frozen=True, slots=True)
class Mentions:
    """Names that a rule, or several, may read.

    `events` maps each event name to how far back it matters, in microseconds before the instant
    of evaluation (an upper bound: whole days are rounded up), or None for ever. `detailed` are
    the event names whose properties are asked for; of the others nobody reads them. `properties`
    are the names of these properties, whichever event has them.
    """

    events: Mapping[str, int | None] = field(default_factory=dict)
    detailed: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()

    def __or__(self, other: "Mentions") -> "Mentions":
        """What either asks for, with the longer reach."""
        events = dict(self.events)
        for name, reach_us in other.events.items():
            events[name] = _longer(events[name], reach_us) if name in events else reach_us
        return Mentions(
            events,
            self.detailed | other.detailed,
            self.traits | other.traits,
            self.facts | other.facts,
            self.properties | other.properties,
        )


def mentions(node: Node) -> Mentions:
    """What `node` reads."""
    if isinstance(node, (AllOf, AnyOf)):
        return union(mentions(child) for child in node.children)
    if isinstance(node, Not):
        return mentions(node.child)
    if isinstance(node, Trait):
        return Mentions(traits=frozenset({node.name}))
    if isinstance(node, (Did, DidNot)):
        return of_acts(node.acts, node.within)
    if isinstance(node, Ratio):
        return of_acts(node.of + node.to, node.within)
    return Mentions(facts=frozenset({fact_of(node)}))


def of_acts(acts: tuple[Act, ...], within: Span | None) -> Mentions:
    """What events have to be loaded to find `acts` within the span."""
    reach_us = None if within is None else within.reach_us
    detailed = frozenset(act.event for act in acts if act.where)
    properties = frozenset(each.name for act in acts for each in act.where)
    return Mentions({act.event: reach_us for act in acts}, detailed, properties=properties)


def union(several: Iterable[Mentions]) -> Mentions:
    """What any of them asks for."""
    total = Mentions()
    for each in several:
        total = total | each
    return total


def _longer(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)
