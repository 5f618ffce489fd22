"""A rule as a filter over rows: a Django condition that holds for exactly the leads that
`evaluate` says yes to, on both databases.

Only words whose answer stands in rows of one lead: `trait, score, stage, temperature, owner,
team, source, consent, since, in_segment, all, any, not`. What would read timelines (`did`,
`did_not`, `ratio_of`) and patterns, which no two engines read alike, raise NotForLists.

The names of columns come from the caller's `Columns`, never from the rule: nothing that a user
types becomes an ORM keyword. Every condition is true or false, never NULL, so `not` means not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Left, Right, StrIndex
from django.db.models.lookups import Exact, GreaterThan

from leadline.criteria.nodes import (
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
    Test,
    Trait,
)
from leadline.lib import json_list
from leadline.lib.clock import DAY, MINUTE
from leadline.lib.refusal import Phrase, Refused

Rows = QuerySet[Any, Any]  # of whichever model the caller's columns come from

NOWHERE = Q(pk__in=[])
EVERYWHERE = ~NOWHERE


class NotForLists(Refused):
    """A rule that is right but cannot filter a list."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value stands: a field path of the listed model.

    With `rows`, the value is their field `path`, and the listed model holds the key of the row in
    `key` (owner by e-mail) or, without `key`, the rows hold the listed row's key in `lead`.
    Empty text and NULL are "unknown", unless `is_always_known`.
    """

    path: str
    rows: Rows | None = None
    key: str = ""
    is_always_known: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """Traits of what several leads have in common, their company: `rows` with `name`, `text` and
    `number` of the one in the field `key`, which is also a field of `leads`, rows with `lead`.

    Where there is such a row it counts, and what stands in `Columns.traits` does not. Rows there
    have to ask, so other numbers of them `are_few`.
    """

    rows: Rows
    key: str
    leads: Rows
    are_few: Callable[[Rows], bool]

    def around(self, lead: str) -> Rows:
        """Those of the one lead in the column of an outer query: by key, from that end."""
        mine = self.leads.filter(lead=OuterRef(OuterRef(lead)))
        return self.rows.filter(**{self.key: Subquery(mine.values(self.key))})


@dataclass(frozen=True, slots=True)
class Columns:
    """What may be named and where it stands.

    `facts`: the columns of stage, temperature, owner, team, source; `score`: of total, fit and
    engagement (micro-points); `since`: of moments (microseconds). `traits`: rows with `lead`,
    `name`, `text` and `number`, one per known trait: numbers in `number`, all else in `text`, a
    boolean as "true" or "false". `shared` is for names of traits that several leads have in common.
    Of traits that `are_few` the leads are looked up first, else each row looks for its trait: the
    planners do not find out by themselves. `consent` gives the condition for (purpose, channel),
    `segment` the one for what rules call a segment.
    """

    facts: Mapping[str, Column]
    score: Mapping[str, Column]
    since: Mapping[str, Column]
    traits: Rows
    shared: Callable[[str], Shared | None] = lambda name: None
    are_few: Callable[[Rows], bool] = lambda rows: False
    consent: Callable[[str, str], Q] | None = None
    segment: Callable[[str], Q] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The instant (microseconds) and the offset of days that `since` counts by."""

    at_us: int
    day_offset_minutes: int = field(default=0)


def condition(node: Node, *, columns: Columns, asked: Asked) -> Q:
    """The rows for which `node` holds at `asked.at_us`. Raises NotForLists."""
    if type(node) not in _READERS:
        raise _not_by(_WORDS.get(type(node), type(node).__name__))
    return _READERS[type(node)](node, columns, asked)


def _not_by(what: str) -> NotForLists:
    return NotForLists(
        Phrase("A list cannot be filtered by “%(what)s”; save this as a segment.", what=what)
    )


_WORDS: Mapping[type, str] = {Did: "did", DidNot: "did_not", Ratio: "ratio_of"}


def _all(node: AllOf, columns: Columns, asked: Asked) -> Q:
    return Q(*(condition(child, columns=columns, asked=asked) for child in node.children))


def _any(node: AnyOf, columns: Columns, asked: Asked) -> Q:
    children = [condition(child, columns=columns, asked=asked) for child in node.children]
    return Q(*children, _connector=Q.OR)


def _not(node: Not, columns: Columns, asked: Asked) -> Q:
    if isinstance(node.child, Since):
        return _since(node.child, columns, asked, is_negated=True)
    return ~condition(node.child, columns=columns, asked=asked)


def _consent(node: Consent, columns: Columns, asked: Asked) -> Q:
    if columns.consent is None:
        raise _not_by("consent")
    return columns.consent(node.purpose, node.channel)


def _in_segment(node: InSegment, columns: Columns, asked: Asked) -> Q:
    if columns.segment is None:
        raise _not_by("in_segment")
    return columns.segment(node.name)


def _column(named: Mapping[str, Column], name: str, head: str) -> Column:
    if name not in named:
        raise _not_by(head if head == name else f"{head} {name}")
    return named[name]


# Traits


def _trait(node: Trait, columns: Columns, asked: Asked) -> Q:
    known = [test for test in node.tests if test.operator != "exists"]
    combined = EVERYWHERE
    for test in node.tests:
        if test.operator == "exists":
            is_known = Q(text__gt="") | Q(number__isnull=False)
            found = _each(Q(is_known, name=node.name), node.name, columns)
            combined &= found if test.operand else ~found
    if not known:
        return combined
    passes = Q(*(_typed(test) for test in known), name=node.name)
    first = _looked_up(passes, node.name, columns)
    return combined & (_each(passes, node.name, columns) if first is None else Q(pk__in=first))


def _each(passes: Q, name: str, columns: Columns) -> Q:
    """Each listed row looks for a trait that passes and counts."""
    own, shared = columns.traits.filter(passes, lead=OuterRef("pk")), columns.shared(name)
    if shared is None:
        return Q(Exists(own))
    theirs = shared.around("pk").filter(passes)
    # One EXISTS over both: PostgreSQL makes a hash of all traits of the name for either of two.
    both = theirs.values("name").union(_counting(own, name, shared).values("name"), all=True)
    return Q(Exists(both))


def _counting(own: Rows, name: str, shared: Shared) -> Rows:
    """Those of the rows of single leads that stand behind no shared one."""
    return own.filter(~Exists(shared.around("lead").filter(name=name)))


def _looked_up(passes: Q, name: str, columns: Columns) -> Rows | None:
    """The leads with a trait that passes and counts, None when they are not few."""
    own, shared = columns.traits.filter(passes), columns.shared(name)
    if shared is None:
        return own.values("lead") if columns.are_few(own) else None
    whose = shared.rows.filter(passes).values(shared.key)
    theirs = shared.leads.filter(**{f"{shared.key}__in": whose})
    if not (shared.are_few(own) and columns.are_few(theirs)):
        return None
    counting = _counting(own, name, shared)
    return counting.values("lead").union(theirs.values("lead"), all=True)


def _typed(test: Test) -> Q:
    if test.kind == "list":
        return _of_kind("list") & _of_list(test)
    return _of_kind(test.kind) & _test("text", "number", test)


def _of_list(test: Test) -> Q:
    """A list stands in `text` as JSON, so a member is found with its quotes: `"crm"`."""
    members = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    marks = (mark for member in members for mark in json_list.marks(str(member)))
    found = Q(*(Q(_contains("text", mark)) for mark in marks), _connector=Q.OR)
    return ~found if test.operator == "not_in" else found


def _of_kind(kind: str) -> Q:
    if kind == "list":
        return Q(text__startswith="[", number__isnull=True)
    if kind == "boolean":
        return Q(text__in=("true", "false"), number__isnull=True)
    return Q(text__isnull=kind == "number", number__isnull=kind != "number")


# Facts and scores


def _score(node: Score, columns: Columns, asked: Asked) -> Q:
    return _held(_column(columns.score, node.part, "score"), node.tests)


def _fact(node: Fact, columns: Columns, asked: Asked) -> Q:
    return _held(_column(columns.facts, node.name, node.head), node.tests)


def _held(column: Column, tests: tuple[Test, ...]) -> Q:
    """All tests on one column of the row, or on the row that it points to."""
    if column.rows is None:
        known = EVERYWHERE if column.is_always_known else _known(column.path, tests)
        return _all_tests(tests, known, lambda test: _test(column.path, column.path, test))
    if not column.key:
        rows = column.rows.filter(lead=OuterRef("pk"))
        known = Q(Exists(rows))
        return _all_tests(
            tests, known, lambda t: Q(Exists(rows.filter(_test(column.path, column.path, t))))
        )
    return _all_tests(
        tests, Q(**{f"{column.key}__isnull": False}), lambda test: _pointed(column, test)
    )


def _pointed(column: Column, test: Test) -> Q:
    """The key is one of the rows that pass: `owner_id IN (SELECT id …)`, so its index serves."""
    assert column.rows is not None
    rows = column.rows.filter(_test(column.path, column.path, test)).values("pk")
    if test.operator == "is":
        return Q(**{column.key: rows[:1]})
    return Q(**{f"{column.key}__in": rows})


def _known(path: str, tests: tuple[Test, ...]) -> Q:
    known = Q(**{f"{path}__isnull": False})
    return known & ~Q(**{path: ""}) if tests[0].kind == "text" else known


def _all_tests(tests: tuple[Test, ...], known: Q, of: Callable[[Test], Q]) -> Q:
    combined = EVERYWHERE
    for test in tests:
        if test.operator == "exists":
            combined &= known if test.operand else ~known
        else:
            combined &= known & of(test)
    return combined


# One test


def _test(text: str, number: str, test: Test) -> Q:
    """The comparison; `text` and `number` are the fields that hold either sort of value."""
    if test.operator in _TEXTUAL:
        return Q(_TEXTUAL[test.operator](text, str(test.operand)))
    if test.operator not in _COMPARED:
        raise _not_by(test.operator)
    path = number if test.kind == "number" else text
    lookup, is_negated = _COMPARED[test.operator]
    operand: object = test.operand
    if test.kind == "boolean":
        operand = str(test.operand).lower()
    plain = Q(**{f"{path}__{lookup}": operand})
    found = ~plain if is_negated else plain
    return found & _a_day(path) if test.kind == "date" else found


def _a_day(path: str) -> Q:
    # Text has other orders in other places; ten digits and dashes have one.
    return Q(**{f"{path}__regex": r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"})


def _contains(path: str, operand: str) -> "GreaterThan[Any]":  # generic for mypy only
    # LIKE folds case on SQLite, so `contains` and `startswith` would differ between databases.
    return GreaterThan(StrIndex(F(path), Value(operand)), 0)


def _starts(path: str, operand: str) -> "Exact[Any]":  # generic for mypy only
    return Exact(Left(F(path), len(operand)), operand)


def _ends(path: str, operand: str) -> "Exact[Any]":  # generic for mypy only
    return Exact(Right(F(path), len(operand)), operand)


_TEXTUAL: Mapping[str, Callable[[str, str], Any]] = {  # lookups with different operands
    "contains": _contains,
    "starts": _starts,
    "ends": _ends,
}
_COMPARED = {
    "is": ("exact", False),
    "is_not": ("exact", True),
    "in": ("in", False),
    "not_in": ("in", True),
    "gte": ("gte", False),
    "gt": ("gt", False),
    "lte": ("lte", False),
    "lt": ("lt", False),
    "between": ("range", False),
}


# Moments


def _since(node: Since, columns: Columns, asked: Asked, *, is_negated: bool = False) -> Q:
    """The moment lies at or before the last one that is long enough ago.

    Its negation is written out, because no index serves `NOT (created_at <= x)` on SQLite.
    """
    column = _column(columns.since, node.what, "since")
    if node.at_least.is_exact:
        latest_us = asked.at_us - node.at_least.micros
    else:
        offset_us = asked.day_offset_minutes * MINUTE
        today = (asked.at_us + offset_us) // DAY
        latest_us = (today - node.at_least.days + 1) * DAY - offset_us - 1
    past = Q(**{f"{column.path}__lte": latest_us})
    unknown = NOWHERE if column.is_always_known else Q(**{f"{column.path}__isnull": True})
    if is_negated:
        return Q(**{f"{column.path}__gt": latest_us}) | unknown
    return past & ~unknown


_READERS: Mapping[type, Callable[[Any, Columns, Asked], Q]] = {  # Any: the node of the key's type
    AllOf: _all,
    AnyOf: _any,
    Not: _not,
    Trait: _trait,
    Score: _score,
    Fact: _fact,
    Since: _since,
    Consent: _consent,
    InSegment: _in_segment,
}
