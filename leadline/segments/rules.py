"""Which segments a lead is in: pure decisions on a snapshot, without rows.

Segments have no memory: a lead is in one exactly while its rule holds. Rules stand in the order in
which they may name each other, so one walk decides all of them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from heapq import heapify, heappop, heappush

from leadline.criteria import documents, parse, uses
from leadline.criteria.errors import CriterionError
from leadline.criteria.evaluate import Check, compile_node
from leadline.criteria.evidence import Gather, compile_evidence
from leadline.criteria.mentions import Mentions, mentions, union
from leadline.criteria.nodes import Node
from leadline.criteria.sentence import sentence
from leadline.criteria.snapshot import Snapshot
from leadline.criteria.span import NEVER
from leadline.criteria.vocabulary import Vocabulary
from leadline.segments import touched
from leadline.segments.touched import Touched

LONGEST_REASON = 300
MEMBERS = "segments"
"""The fact of a snapshot that holds the keys of all segments a lead is in."""

# What a lead was in before is asked whatever the rules mention.
_OWN = Mentions(facts=frozenset({MEMBERS}))


@dataclass(frozen=True, slots=True)
class Written:
    """The rule of a dynamic segment as it is stored."""

    segment_id: int
    key: str
    document: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled. `because` is the rule in words, without values of sensitive fields."""

    segment_id: int
    key: str
    node: Node
    check: Check
    gather: Gather
    reads: Mentions
    because: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All dynamic segments, each after those that it names.

    `index` gives for whatever may be touched the places of the rules that mention it, `dependents`
    for a key those of the rules that name it, `ids` the number of each segment.
    """

    rules: tuple[Rule, ...] = ()
    reads: Mentions = field(default_factory=Mentions)
    index: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    dependents: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    ids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A lead enters or leaves; the events that a rule rests on, newest first."""

    segment_id: int
    key: str
    entered: bool
    because: str
    event_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one lead. `members` are the keys of all segments that it is in now.

    Moments are NEVER where nothing changes by itself; `asked` is how many rules were looked at.
    """

    members: frozenset[str]
    changes: tuple[Change, ...]
    due_us: int
    revalue_day: int
    asked: int


def read(document: object, *, vocabulary: Vocabulary, path: str = "") -> Node:
    """The rule of a segment in a document. Raises CriterionError with the path."""
    return parse.parse(document, vocabulary=vocabulary, allowed=uses.SEGMENT, path=path)


def reason(node: Node) -> str:
    """What is kept as the cause of entering and leaving: the rule in English, at most 300
    characters, without the values of sensitive fields."""
    said = sentence(node, is_about_lead=True)
    return said if len(said) <= LONGEST_REASON else f"{said[: LONGEST_REASON - 1]}…"


def named_in(document: object) -> set[str]:
    """The keys of the segments that a document names, whatever it means otherwise."""
    found = (each.get("in_segment") for each in documents.objects(document))
    return {each for each in found if isinstance(each, str)}


def refuse_circles(key: str, document: object, others: Mapping[str, object]) -> None:
    """Raises CriterionError at the place where the document leads back to its own segment.

    `others` are the documents of the other dynamic segments by key.
    """
    known = {**others, key: document}
    for named, path in _places(document, ""):
        if key in _reached(named, known):
            allowed = "a segment that does not depend on this one"
            raise CriterionError(path, named, allowed)


def compile_all(
    written: Sequence[Written], *, vocabulary: Vocabulary, day_offset_minutes: int
) -> Rules:
    """The segments compiled and put in order.

    Raises CriterionError for a document that cannot be read, and for a circle.
    """
    by_key = {each.key: each for each in written}
    ordered = [by_key[key] for key in _in_order(by_key)]
    rules = tuple(
        _compiled(each, vocabulary=vocabulary, day_offset_minutes=day_offset_minutes)
        for each in ordered
    )
    index: dict[str, list[int]] = defaultdict(list)
    dependents: dict[str, list[int]] = defaultdict(list)
    for place, rule in enumerate(rules):
        for name in touched.mentioned(rule.reads):
            index[name].append(place)
        for name in named_in(by_key[rule.key].document):
            dependents[name].append(place)
    return Rules(
        rules,
        union([_OWN if rules else Mentions(), *(rule.reads for rule in rules)]),
        {name: tuple(places) for name, places in index.items()},
        {name: tuple(places) for name, places in dependents.items()},
        {rule.key: rule.segment_id for rule in rules},
    )


def decide(
    rules: Rules,
    snapshot: Snapshot,
    *,
    at_us: int,
    changed: Touched | None = None,
) -> Decision:
    """Which segments the lead enters and leaves at an instant.

    The snapshot holds in the fact `segments` all that it is in, and the score, stage and
    temperature of this instant. Only rules that mention something `changed`, and rules about the
    segments that it thereby enters or leaves, are looked at; None: all of them.
    """
    # One set for all rules: those that name a segment come after it and see what was decided.
    members = set(_members(snapshot))
    seen = snapshot.with_facts({MEMBERS: members})
    waiting = _affected(rules, changed)
    changes, due_us, day, asked, last = [], NEVER, NEVER, 0, -1
    while waiting:
        place = heappop(waiting)
        if place == last:
            continue
        rule, last, asked = rules.rules[place], place, asked + 1
        holds, rule_due_us, rule_day = rule.check(seen, at_us)
        due_us, day = min(due_us, rule_due_us), min(day, rule_day)
        if holds == (rule.key in members):
            continue
        (members.add if holds else members.remove)(rule.key)
        event_ids = rule.gather(seen, at_us) if holds else ()
        changes.append(Change(rule.segment_id, rule.key, holds, rule.because, event_ids))
        for dependent in rules.dependents.get(rule.key, ()):
            heappush(waiting, dependent)
    return Decision(frozenset(members), tuple(changes), due_us, day, asked)


def leave_all(rules: Rules, snapshot: Snapshot, *, because: str) -> Decision:
    """What becomes of a lead that was merged into another or lies in the trash."""
    members = _members(snapshot)
    mine = [rule for rule in rules.rules if rule.key in members]
    changes = tuple(Change(rule.segment_id, rule.key, False, because) for rule in mine)
    return Decision(members - {rule.key for rule in mine}, changes, NEVER, NEVER, 0)


def _members(snapshot: Snapshot) -> frozenset[str]:
    found = snapshot.facts.get(MEMBERS)
    return found if isinstance(found, frozenset) else frozenset()


def _affected(rules: Rules, changed: Touched | None) -> list[int]:
    if changed is None:
        return list(range(len(rules.rules)))
    found = {place for name in changed for place in rules.index.get(name, ())}
    waiting = list(found)
    heapify(waiting)
    return waiting


def _compiled(each: Written, *, vocabulary: Vocabulary, day_offset_minutes: int) -> Rule:
    node = read(each.document, vocabulary=vocabulary)
    return Rule(
        each.segment_id,
        each.key,
        node,
        compile_node(node, day_offset_minutes=day_offset_minutes),
        compile_evidence(node, day_offset_minutes=day_offset_minutes),
        mentions(node),
        reason(node),
    )


def _in_order(by_key: Mapping[str, Written]) -> list[str]:
    needs = {key: named_in(each.document) & by_key.keys() for key, each in by_key.items()}
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as circle:
        allowed = "segments that do not name each other in a circle"
        raise CriterionError("", " → ".join(circle.args[1]), allowed) from None


def _reached(key: str, known: Mapping[str, object]) -> set[str]:
    """The segment itself and all that its rule names, at any remove."""
    found: set[str] = set()
    waiting = [key]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += named_in(known.get(each))
    return found


def _places(document: object, path: str) -> list[tuple[str, str]]:
    """Every segment that a document names, with the pointer to where it stands."""
    if isinstance(document, Mapping):
        here = document.get("in_segment")
        found = [(here, f"{path}/in_segment")] if isinstance(here, str) else []
        pairs = document.items()
    elif isinstance(document, list | tuple):
        found, pairs = [], enumerate(document)  # type: ignore[assignment]
    else:
        return []
    return found + [each for key, inner in pairs for each in _places(inner, f"{path}/{key}")]
