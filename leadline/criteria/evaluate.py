"""Whether a rule holds for a lead at an instant, and until when that is certain.

A rule is compiled once into a tree of closures and then called for every lead; the closures
trade in plain tuples, because a Verdict per node doubles the time of a pass, and compare moments
in place, because every `min` is a call.

`until` never comes too late: in [at, until) no evaluation of the same snapshot gives another
answer. It may come early: a false `all` is certain for as long as its first false child is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from leadline.criteria import operators
from leadline.criteria.nodes import (
    MICRO,
    AllOf,
    AnyOf,
    Consent,
    Did,
    DidNot,
    Fact,
    InSegment,
    Node,
    Not,
    Ratio,
    Score,
    Since,
    Trait,
    fact_of,
)
from leadline.criteria.occurrences import finder
from leadline.criteria.snapshot import Snapshot
from leadline.criteria.span import NEVER, Span, start_of
from leadline.lib.clock import DAY, MINUTE

Answer = tuple[bool, int, int]
"""(holds, due_us, revalue_day), NEVER where there is none."""

Check = Callable[[Snapshot, int], Answer]
"""(snapshot, at_us) → Answer."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of a lead at an instant.

    `due_us`: the earliest instant within a day at which the answer can change (exact windows,
    events still to come). `revalue_day`: the number of the earliest fixed-offset day at whose
    start it can change. `until_us`: the earlier of the two. None: not without new facts.
    """

    holds: bool
    until_us: int | None
    due_us: int | None
    revalue_day: int | None


def evaluate(node: Node, snapshot: Snapshot, at_us: int, *, day_offset_minutes: int) -> Verdict:
    """The verdict on `snapshot` at `at_us` (microseconds); never raises for odd values."""
    holds, due_us, day = compile_node(node, day_offset_minutes=day_offset_minutes)(snapshot, at_us)
    until_us = min(due_us, start_of(day, day_offset_minutes=day_offset_minutes))
    return Verdict(holds, when(until_us), when(due_us), when(day))


def when(moment: int) -> int | None:
    """A moment of an Answer for people and rows: None instead of NEVER."""
    return None if moment == NEVER else moment


@lru_cache(maxsize=2_000)
def compile_node(node: Node, *, day_offset_minutes: int) -> Check:
    """The rule as a function. Hold on to it: the cache has to hash the whole rule each time."""
    return _COMPILERS[type(node)](node, day_offset_minutes)


def _compile_all(node: AllOf, offset: int) -> Check:
    checks = [compile_node(child, day_offset_minutes=offset) for child in node.children]

    def check(snapshot: Snapshot, at_us: int) -> Answer:
        due_us = day = NEVER
        for each in checks:
            answer = each(snapshot, at_us)
            if not answer[0]:
                return answer
            due_us = answer[1] if answer[1] < due_us else due_us
            day = answer[2] if answer[2] < day else day
        return True, due_us, day

    return check


def _compile_any(node: AnyOf, offset: int) -> Check:
    checks = [compile_node(child, day_offset_minutes=offset) for child in node.children]

    def check(snapshot: Snapshot, at_us: int) -> Answer:
        due_us = day = NEVER
        for each in checks:
            answer = each(snapshot, at_us)
            if answer[0]:
                return answer
            due_us = answer[1] if answer[1] < due_us else due_us
            day = answer[2] if answer[2] < day else day
        return False, due_us, day

    return check


def _compile_not(node: Not, offset: int) -> Check:
    return _inverted(compile_node(node.child, day_offset_minutes=offset))


def _inverted(inner: Check) -> Check:
    def check(snapshot: Snapshot, at_us: int) -> Answer:
        holds, due_us, day = inner(snapshot, at_us)
        return not holds, due_us, day

    return check


def _compile_did(node: Did, offset: int) -> Check:
    """Holds until the last of the needed events, the oldest of the newest, leaves the span."""
    find = finder(node.acts, node.within, day_offset_minutes=offset)
    needed, leaving = node.at_least, leaver(node.within, offset)

    def check(snapshot: Snapshot, at_us: int) -> Answer:
        found, coming_us = find(snapshot, at_us, needed)
        if len(found) < needed:
            return False, coming_us, NEVER
        due_us, day = leaving(found[needed - 1].occurred_us)
        return True, due_us, day

    return check


def _compile_did_not(node: DidNot, offset: int) -> Check:
    return _inverted(_compile_did(Did(node.acts, 1, node.within), offset))


def _compile_ratio(node: Ratio, offset: int) -> Check:
    find_of = finder(node.of, node.within, day_offset_minutes=offset)
    find_to = finder(node.to, node.within, day_offset_minutes=offset)
    at_least, leaving = node.at_least_micro, leaver(node.within, offset)

    def check(snapshot: Snapshot, at_us: int) -> Answer:
        of, of_coming_us = find_of(snapshot, at_us, 0)
        to, to_coming_us = find_to(snapshot, at_us, 0)
        due_us, day = min(of_coming_us, to_coming_us), NEVER
        for found in (of, to):
            if found:
                leaves_us, leaves_day = leaving(found[-1].occurred_us)
                due_us, day = min(due_us, leaves_us), min(day, leaves_day)
        return bool(to) and len(of) * MICRO >= at_least * len(to), due_us, day

    return check


def leaver(within: Span | None, day_offset_minutes: int) -> Callable[[int], tuple[int, int]]:
    """A function from when an event occurred to when it leaves the span: (due_us, day)."""
    if within is None:
        return lambda occurred_us: (NEVER, NEVER)
    if within.is_exact:
        length_us = within.micros
        return lambda occurred_us: (occurred_us + length_us, NEVER)
    days, offset_us = within.days + 1, day_offset_minutes * MINUTE
    return lambda occurred_us: (NEVER, (occurred_us + offset_us) // DAY + days)


def _compile_since(node: Since, offset: int) -> Check:
    """Once it holds, it holds until the moment comes again; what is dated ahead says when."""
    key, span, offset_us = fact_of(node), node.at_least, offset * MINUTE
    coming_key = f"coming.{node.what}"

    def check(snapshot: Snapshot, at_us: int) -> Answer:
        moment = snapshot.facts.get(key)
        coming_us: Any = snapshot.facts.get(coming_key, NEVER)  # an integer, as documented
        if coming_us <= at_us:
            moment, coming_us = coming_us, NEVER
        if type(moment) is not int:
            return False, coming_us, NEVER
        if span.is_exact:
            due_us = moment + span.micros
            return (True, coming_us, NEVER) if at_us >= due_us else (False, due_us, NEVER)
        day = (moment + offset_us) // DAY + span.days
        now_day = (at_us + offset_us) // DAY
        return (True, coming_us, NEVER) if now_day >= day else (False, NEVER, day)

    return check


def _compile_trait(node: Trait, offset: int) -> Check:
    name, passes = node.name, operators.predicate(node.tests)
    return lambda snapshot, at_us: (passes(snapshot.traits.get(name)), NEVER, NEVER)


def _compile_fact(node: Fact | Score, offset: int) -> Check:
    key, passes = fact_of(node), operators.predicate(node.tests)
    return lambda snapshot, at_us: (passes(snapshot.facts.get(key)), NEVER, NEVER)


def _compile_consent(node: Consent, offset: int) -> Check:
    key = fact_of(node)
    return lambda snapshot, at_us: (snapshot.facts.get(key) is True, NEVER, NEVER)


def _compile_in_segment(node: InSegment, offset: int) -> Check:
    key, name = fact_of(node), node.name

    def check(snapshot: Snapshot, at_us: int) -> Answer:
        segments = snapshot.facts.get(key)
        is_member = isinstance(segments, (frozenset, set, tuple, list)) and name in segments
        return is_member, NEVER, NEVER

    return check


# Each compiler takes the node type of its key, which a mapping cannot say: hence Any.
_COMPILERS: Mapping[type, Callable[[Any, int], Check]] = {
    AllOf: _compile_all,
    AnyOf: _compile_any,
    Not: _compile_not,
    Did: _compile_did,
    DidNot: _compile_did_not,
    Ratio: _compile_ratio,
    Since: _compile_since,
    Trait: _compile_trait,
    Fact: _compile_fact,
    Score: _compile_fact,
    Consent: _compile_consent,
    InSegment: _compile_in_segment,
}
