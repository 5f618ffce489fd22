"""A rule as rows of a form: what stands in each field, also while it is no rule yet.

A row is one condition or one group of rows; everything typed is text. From a rule to rows here,
from rows to a document in `rule_documents`, from and to the fields of a form in `rule_fields`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from leadline.criteria import span
from leadline.criteria.canonical import whole_units
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
    Ratio,
    Score,
    Since,
    Test,
    Trait,
)
from leadline.criteria.operators import OPERATORS
from leadline.criteria.span import Span
from leadline.criteria.vocabulary import Kind

GROUPS = ("all", "any", "not")
EVENTS = ("did", "did_not", "ratio_of")
MISSING = "missing"
"""What `exists: false` is called in a form."""


@dataclass(slots=True)
class TestRow:
    """One comparison; `name` and `kind` matter for a property of an event only."""

    __test__ = False  # not a test case, whatever pytest makes of the name

    operator: str = ""
    values: list[str] = field(default_factory=list)
    name: str = ""
    kind: Kind = "text"

    @property
    def shape(self) -> str:
        """What stands behind the operator: one, many, pair, pattern, or flag for nothing."""
        return OPERATORS[self.operator].shape if self.operator in OPERATORS else "flag"

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def other(self) -> str:
        """The upper end of a pair."""
        return self.values[1] if len(self.values) > 1 else ""


@dataclass(slots=True)
class ActRow:
    """One event by name, and what its properties must be."""

    event: str = ""
    where: list[TestRow] = field(default_factory=list)


@dataclass(slots=True)
class Row:
    """`what` is a word of the language, with what it is about: `did`, `all`, `trait:title`.

    `times` and `share` (in percent) are how often, `span` and `unit` how long; `value` names a
    segment or a purpose, `channel` the way of a permission.
    """

    what: str = ""
    tests: list[TestRow] = field(default_factory=list)
    acts: list[ActRow] = field(default_factory=list)
    base: list[ActRow] = field(default_factory=list)
    times: str = ""
    share: str = ""
    span: str = ""
    unit: str = "d"
    value: str = ""
    channel: str = ""
    children: list["Row"] = field(default_factory=list)

    @property
    def head(self) -> str:
        return self.what.partition(":")[0]

    @property
    def about(self) -> str:
        """The field, part of the score, moment or fact; "" for other words."""
        return self.what.partition(":")[2]

    @property
    def is_group(self) -> bool:
        return self.what in GROUPS


def everything(row: Row) -> Iterator[Row]:
    """The row and all below it."""
    yield row
    for child in row.children:
        yield from everything(child)


def of(node: Node) -> Row:
    """The rows of a rule; `rule_documents.document` gives the rule back."""
    return _MAKERS[type(node)](node)


def _acts(acts: Sequence[Act]) -> list[ActRow]:
    return [
        ActRow(
            act.event,
            [_test(test, name=each.name) for each in act.where for test in each.tests],
        )
        for act in acts
    ]


def _test(test: Test, *, name: str = "") -> TestRow:
    if test.operator == "exists":
        return TestRow("exists" if test.operand else MISSING, name=name)
    operand = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    return TestRow(test.operator, [_typed(each) for each in operand], name, test.kind)


def _typed(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _score(node: Score) -> Row:
    tests = [_test(each) for each in node.tests]
    for test in tests:
        test.values = [str(whole_units(int(value))) for value in test.values]
    return Row(f"score:{node.part}", tests)


def _fact(node: Fact) -> Row:
    what = f"fact:{node.name}" if node.head == "fact" else node.head
    return Row(what, [_test(each) for each in node.tests])


def _did(node: Did) -> Row:
    times = str(node.at_least) if node.at_least > 1 else ""
    return _within(Row("did", acts=_acts(node.acts), times=times), node.within)


def _ratio(node: Ratio) -> Row:
    percent = Decimal(node.at_least_micro * 100) / MICRO
    share = format(percent.normalize(), "f")
    row = Row("ratio_of", acts=_acts(node.of), base=_acts(node.to), share=share)
    return _within(row, node.within)


def _within(row: Row, within: Span | None) -> Row:
    if within is not None:
        written = span.written(within)
        row.span, row.unit = written[:-1], written[-1]
    return row


_MAKERS: dict[type, Callable[[Any], Row]] = {  # Any: the node of the key's type
    AllOf: lambda node: Row("all", children=[of(each) for each in node.children]),
    AnyOf: lambda node: Row("any", children=[of(each) for each in node.children]),
    Not: lambda node: Row("not", children=[of(node.child)]),
    Trait: lambda node: Row(f"trait:{node.name}", [_test(each) for each in node.tests]),
    Did: _did,
    DidNot: lambda node: _within(Row("did_not", acts=_acts(node.acts)), node.within),
    Ratio: _ratio,
    Score: _score,
    Fact: _fact,
    InSegment: lambda node: Row("in_segment", value=node.name),
    Consent: lambda node: Row("consent", value=node.purpose, channel=node.channel),
    Since: lambda node: _within(Row(f"since:{node.what}"), node.at_least),
}
