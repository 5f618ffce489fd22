"""From a document (what YAML or JSON gives) to nodes, or to an error that says where."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from leadline.criteria import operators, span
from leadline.criteria.errors import CriterionError, join
from leadline.criteria.nodes import (
    MICRO,
    Act,
    AllOf,
    AnyOf,
    Consent,
    Did,
    DidNot,
    Fact,
    InSegment,
    Node,
    Not,
    Property,
    Ratio,
    Score,
    Since,
    Test,
    Trait,
)
from leadline.criteria.span import Span
from leadline.criteria.vocabulary import TEMPERATURES, Kind, Vocabulary

MAX_DEPTH = 20
MAX_NODES = 500
MAX_ACTS = 20
MAX_PROPERTIES = 20
MAX_TIMES = 10_000
MAX_SHARE = 1_000
MAX_POINTS = 1_000_000
MAX_NAME = 200
NAME_PATTERN = "^[A-Za-z_][A-Za-z0-9_]{0,63}$"
SCORE_PARTS = ("total", "fit", "engagement")


def parse(
    document: object, *, vocabulary: Vocabulary, allowed: frozenset[str], path: str = ""
) -> Node:
    """The criterion in `document`.

    `allowed` is one of the sets in `uses`; `path` is where the document stands in a larger one,
    and precedes every path in an error. Raises CriterionError, and nothing else, for anything
    that is not a criterion: unknown words, wrong types, too deep (20) or too large (500 nodes).
    """
    return _Reading(vocabulary, allowed).criterion(document, path=path, depth=1)


def parse_act(
    document: object, *, vocabulary: Vocabulary, path: str = ""
) -> tuple[tuple[Act, ...], Span | None]:
    """The acts and the span in what stands behind `each:` of a score rule.

    Written like `did` but without `at_least`: `{did: …, where: …, within: …}`.
    """
    reading = _Reading(vocabulary, frozenset({"did"}))
    leaf = reading.leaf(document, path=path)
    leaf.refuse_others({"did", "where", "within"})
    return reading.acts(leaf, "did"), reading.within(leaf)


def micro(value: object, *, path: str, lowest: int, highest: int) -> int:
    """A number with at most six decimals as millionths; bounds are in whole units."""
    number = operators.scalar(value, kind="number", path=path)
    exact = round(float(number) * MICRO) if isinstance(number, float) else int(number) * MICRO
    if isinstance(number, float) and exact / MICRO != number:
        raise CriterionError(path, value, "at most six decimals")
    if not lowest * MICRO <= exact <= highest * MICRO:
        raise CriterionError(path, value, f"a number from {lowest} to {highest}")
    return exact


def whole(value: object, *, path: str, lowest: int, highest: int) -> int:
    """A whole number within the bounds, or CriterionError."""
    if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
        return value
    raise CriterionError(path, value, f"a whole number from {lowest} to {highest}")


def name(value: object, *, path: str) -> str:
    """A name of letters, digits and underscores, at most 64, or CriterionError."""
    if isinstance(value, str) and len(value) <= 64 and value.isascii() and value.isidentifier():
        return value
    raise CriterionError(path, value, "a name of letters, digits and _, not starting with a digit")


def mapping(value: object, *, path: str, allowed: str) -> Mapping[str, object]:
    """`value` as an object whose keys are text, or CriterionError."""
    if not isinstance(value, Mapping) or not value:
        raise CriterionError(path, value, allowed)
    for key in value:
        if not isinstance(key, str):
            raise CriterionError(path, key, "keys that are text (quote yes, no, on and off)")
    return value


def sequence(value: object, *, path: str, longest: int) -> list[object]:
    """`value` as a list of 1 to `longest`, or CriterionError."""
    if isinstance(value, (list, tuple)) and 0 < len(value) <= longest:
        return list(value)
    raise CriterionError(path, value, f"a list of 1 to {longest}")


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One object of the document with the word that says what it is."""

    head: str
    document: Mapping[str, object]
    path: str

    def at(self, key: str) -> str:
        return join(self.path, key)

    def refuse_others(self, known: set[str]) -> None:
        for key in self.document:
            if key not in known:
                raise CriterionError(self.at(key), key, f"beside {self.head}: {_listed(known)}")


@dataclass(slots=True)
class _Reading:
    """One document being read; `count` is the nodes so far."""

    vocabulary: Vocabulary
    allowed: frozenset[str]
    count: int = field(default=0)

    def criterion(self, document: object, *, path: str, depth: int) -> Node:
        self.count += 1
        if self.count > MAX_NODES:
            raise CriterionError(path, "one criterion more", f"at most {MAX_NODES} in one rule")
        if depth > MAX_DEPTH:
            raise CriterionError(path, "one level more", f"at most {MAX_DEPTH} levels")
        leaf = self.leaf(document, path=path)
        if leaf.head in ("all", "any", "not"):
            return self.combination(leaf, depth=depth)
        return _READERS[leaf.head](self, leaf)

    def leaf(self, document: object, *, path: str) -> _Leaf:
        shown = f"an object with one of {_listed(self.allowed)}"
        found = mapping(document, path=path, allowed=shown)
        heads = [key for key in found if key in HEADS]
        if len(heads) != 1:
            raise CriterionError(path, _listed(heads) or _listed(set(found)), shown)
        if heads[0] not in self.allowed:
            raise CriterionError(join(path, heads[0]), heads[0], f"here: {_listed(self.allowed)}")
        return _Leaf(heads[0], found, path)

    def combination(self, leaf: _Leaf, *, depth: int) -> Node:
        leaf.refuse_others({leaf.head})
        inner, path = leaf.document[leaf.head], leaf.at(leaf.head)
        if leaf.head == "not":
            return Not(self.criterion(inner, path=path, depth=depth + 1))
        children = tuple(
            self.criterion(child, path=join(path, index), depth=depth + 1)
            for index, child in enumerate(sequence(inner, path=path, longest=MAX_NODES))
        )
        return AllOf(children) if leaf.head == "all" else AnyOf(children)

    def trait(self, leaf: _Leaf) -> Trait:
        named = self.known(leaf, "trait", self.vocabulary.traits)
        tests = self.tests(leaf, {"trait"}, kind=self.vocabulary.traits[named])
        labels = self.vocabulary.labels.get(named, "")
        is_sensitive = named in self.vocabulary.sensitive
        return Trait(named, tests, labels, self.value_labels(named, tests), is_sensitive)

    def value_labels(self, named: str, tests: tuple[Test, ...]) -> tuple[tuple[str, str], ...]:
        known = self.vocabulary.options.get(named, {})
        values = [
            value
            for test in tests
            for value in (test.operand if isinstance(test.operand, tuple) else (test.operand,))
        ]
        return tuple(
            (each, known[each]) for each in values if isinstance(each, str) and each in known
        )

    def did(self, leaf: _Leaf) -> Did:
        leaf.refuse_others({"did", "where", "at_least", "within"})
        times = whole(
            leaf.document.get("at_least", 1),
            path=leaf.at("at_least"),
            lowest=1,
            highest=MAX_TIMES,
        )
        return Did(self.acts(leaf, "did"), times, self.within(leaf))

    def did_not(self, leaf: _Leaf) -> DidNot:
        leaf.refuse_others({"did_not", "where", "within"})
        return DidNot(self.acts(leaf, "did_not"), self.within(leaf))

    def ratio_of(self, leaf: _Leaf) -> Ratio:
        leaf.refuse_others({"ratio_of", "to", "at_least", "within"})
        share = micro(
            leaf.document.get("at_least"), path=leaf.at("at_least"), lowest=0, highest=MAX_SHARE
        )
        return Ratio(self.acts(leaf, "ratio_of"), self.acts(leaf, "to"), share, self.within(leaf))

    def score(self, leaf: _Leaf) -> Score:
        part = leaf.document["score"]
        if part not in SCORE_PARTS:
            raise CriterionError(leaf.at("score"), part, _listed(SCORE_PARTS))
        tests = self.tests(leaf, {"score"}, kind="number")
        return Score(str(part), tuple(_in_micro(test, leaf) for test in tests))

    def fact(self, leaf: _Leaf) -> Fact:
        named = self.known(leaf, "fact", self.vocabulary.facts)
        return Fact("fact", named, self.tests(leaf, {"fact"}, kind=self.vocabulary.facts[named]))

    def standing(self, leaf: _Leaf) -> Fact:
        """stage, temperature, owner, team, source: a text, or operators on it."""
        leaf.refuse_others({leaf.head})
        written, path = leaf.document[leaf.head], leaf.at(leaf.head)
        if not isinstance(written, Mapping):
            written = {"is": written}
        inner = _Leaf(leaf.head, mapping(written, path=path, allowed="operators"), path)
        tests = self.tests(inner, set(), kind="text")
        known = {"stage": self.vocabulary.stages, "temperature": TEMPERATURES}.get(leaf.head)
        for test in tests:
            _check_choices(test, known, path=path)
        return Fact(leaf.head, leaf.head, tests)  # type: ignore[arg-type]  # one of _READERS' keys

    def in_segment(self, leaf: _Leaf) -> InSegment:
        leaf.refuse_others({"in_segment"})
        named = self.known(leaf, "in_segment", self.vocabulary.segments)
        return InSegment(named, (self.vocabulary.segments or {}).get(named, ""))

    def consent(self, leaf: _Leaf) -> Consent:
        leaf.refuse_others({"consent", "channel"})
        return Consent(
            name(self.known(leaf, "consent", self.vocabulary.purposes), path=leaf.at("consent")),
            name(self.known(leaf, "channel", self.vocabulary.channels), path=leaf.at("channel")),
        )

    def since(self, leaf: _Leaf) -> Since:
        leaf.refuse_others({"since", "at_least"})
        what = self.known(leaf, "since", self.vocabulary.since)
        return Since(what, span.parse(leaf.document.get("at_least"), path=leaf.at("at_least")))

    def acts(self, leaf: _Leaf, key: str) -> tuple[Act, ...]:
        """One event by name (with the `where` beside it), or a list of alternatives.

        An alternative is a name or `{event: …, where: …}`. An event that fits several is counted
        once, so a rule can name every way in which the same thing arrives.
        """
        written, path = leaf.document.get(key), leaf.at(key)
        where = leaf.document.get("where")
        if not isinstance(written, (list, tuple)):
            event = operators.text(written, path=path, longest=MAX_NAME)
            return (Act(event, self.where(where, path=leaf.at("where"))),)
        if where is not None:
            raise CriterionError(leaf.at("where"), where, "where inside each alternative")
        alternatives = sequence(written, path=path, longest=MAX_ACTS)
        acts = [self.act(each, path=join(path, index)) for index, each in enumerate(alternatives)]
        return tuple(dict.fromkeys(acts))

    def act(self, document: object, *, path: str) -> Act:
        if not isinstance(document, Mapping):
            return Act(operators.text(document, path=path, longest=MAX_NAME))
        found = mapping(document, path=path, allowed="event and where")
        _Leaf("event", found, path).refuse_others({"event", "where"})
        event = operators.text(found.get("event"), path=join(path, "event"), longest=MAX_NAME)
        return Act(event, self.where(found.get("where"), path=join(path, "where")))

    def where(self, document: object, *, path: str) -> tuple[Property, ...]:
        if document is None:
            return ()
        found = mapping(document, path=path, allowed="an object of properties with operators")
        if len(found) > MAX_PROPERTIES:
            raise CriterionError(path, document, f"at most {MAX_PROPERTIES} properties")
        properties = []
        for key, written in found.items():
            inner = mapping(written, path=join(path, key), allowed=_listed(operators.OPERATORS))
            leaf = _Leaf(name(key, path=join(path, key)), inner, join(path, key))
            properties.append(Property(key, self.tests(leaf, set(), kind=None)))
        return tuple(sorted(properties, key=lambda each: each.name))

    def within(self, leaf: _Leaf) -> Span | None:
        written = leaf.document.get("within")
        return None if written is None else span.parse(written, path=leaf.at("within"))

    def tests(self, leaf: _Leaf, others: set[str], *, kind: Kind | None) -> tuple[Test, ...]:
        """The operators of a leaf in the order of the table, all of which must hold."""
        leaf.refuse_others(others | set(operators.OPERATORS))
        found = [key for key in operators.OPERATORS if key in leaf.document]
        if not found:
            raise CriterionError(leaf.path, "no operator", _listed(operators.OPERATORS))
        return tuple(
            operators.read(key, leaf.document[key], kind=kind, path=leaf.at(key)) for key in found
        )

    def known(
        self, leaf: _Leaf, key: str, names: Mapping[str, object] | frozenset[str] | None
    ) -> str:
        """The text at `key`, which must be one of `names` unless they are None."""
        found, path = leaf.document.get(key), leaf.at(key)
        named = operators.text(found, path=path, longest=MAX_NAME)
        if names is not None and named not in names:
            raise CriterionError(path, found, _listed(names))
        return named


_Reader = Callable[[_Reading, _Leaf], Node]
_READERS: Mapping[str, _Reader] = {
    "trait": _Reading.trait,
    "did": _Reading.did,
    "did_not": _Reading.did_not,
    "ratio_of": _Reading.ratio_of,
    "score": _Reading.score,
    "stage": _Reading.standing,
    "temperature": _Reading.standing,
    "owner": _Reading.standing,
    "team": _Reading.standing,
    "source": _Reading.standing,
    "fact": _Reading.fact,
    "in_segment": _Reading.in_segment,
    "consent": _Reading.consent,
    "since": _Reading.since,
}
HEADS = frozenset(_READERS) | {"all", "any", "not"}
"""The words that say what a criterion is; each has exactly one."""


def _in_micro(test: Test, leaf: _Leaf) -> Test:
    """A test on points as a test on micro-points."""

    def points(value: object) -> int:
        path = leaf.at(test.operator)
        return micro(value, path=path, lowest=-MAX_POINTS, highest=MAX_POINTS)

    if test.operator == "exists":
        return test
    operand = test.operand
    if isinstance(operand, tuple):
        return Test(test.operator, tuple(points(each) for each in operand), test.kind)
    return Test(test.operator, points(operand), test.kind)


def _check_choices(test: Test, known: frozenset[str] | None, *, path: str) -> None:
    if known is None or test.operator not in ("is", "is_not", "in", "not_in"):
        return
    for value in test.operand if isinstance(test.operand, tuple) else (test.operand,):
        if value not in known:
            raise CriterionError(join(path, test.operator), value, _listed(known))


def _listed(names: Iterable[str]) -> str:
    """Names in order, at most 30 of them, for people."""
    ordered = sorted(names)
    return ", ".join(ordered[:30]) + (", …" if len(ordered) > 30 else "")
