"""Which events make a rule true: what a screen shows as the cause."""

from collections.abc import Callable

from leadline.criteria.evaluate import compile_node
from leadline.criteria.nodes import AllOf, AnyOf, Did, Node, Ratio
from leadline.criteria.occurrences import finder
from leadline.criteria.snapshot import Snapshot

MAX_EVENTS = 100

Gather = Callable[[Snapshot, int], tuple[int, ...]]
"""(snapshot, at_us) → event ids."""


def evidence(
    node: Node, snapshot: Snapshot, at_us: int, *, day_offset_minutes: int
) -> tuple[int, ...]:
    """Ids of the events that make `node` hold, newest first per criterion, at most 100.

    Empty when it does not hold, and for what rests on the absence of events or on other facts.
    Of an `any` the first child with events speaks; of a ratio, its numerator.
    """
    return compile_evidence(node, day_offset_minutes=day_offset_minutes)(snapshot, at_us)


def compile_evidence(node: Node, *, day_offset_minutes: int) -> Gather:
    """The search for evidence as a function, to be held on to."""
    gather = _gatherer(node, day_offset_minutes)
    check = compile_node(node, day_offset_minutes=day_offset_minutes)
    return lambda snapshot, at_us: gather(snapshot, at_us) if check(snapshot, at_us)[0] else ()


def _gatherer(node: Node, offset: int) -> Gather:
    if isinstance(node, (AllOf, AnyOf)):
        return _gather_children(node, offset)
    if isinstance(node, (Did, Ratio)):
        find = finder(
            node.acts if isinstance(node, Did) else node.of, node.within, day_offset_minutes=offset
        )
        return lambda snapshot, at_us: tuple(
            event.id for event in find(snapshot, at_us, MAX_EVENTS)[0]
        )
    return lambda snapshot, at_us: ()


def _gather_children(node: AllOf | AnyOf, offset: int) -> Gather:
    gathers = [compile_evidence(child, day_offset_minutes=offset) for child in node.children]
    is_enough = isinstance(node, AnyOf)

    def gather(snapshot: Snapshot, at_us: int) -> tuple[int, ...]:
        found: dict[int, None] = {}
        for each in gathers:
            found.update(dict.fromkeys(each(snapshot, at_us)))
            if found and is_enough:
                break
        return tuple(found)[:MAX_EVENTS]

    return gather
