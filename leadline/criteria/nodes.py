"""A rule after parsing: a tree of frozen nodes, equal when the rules are written alike."""

from dataclasses import dataclass, field
from typing import Literal

from leadline.criteria.span import Span
from leadline.criteria.vocabulary import Kind

MICRO = 1_000_000
"""Points and shares are integers in millionths: no engine rounds them differently."""

Scalar = str | int | float | bool
Operand = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison with a constant: `gte 200`. `kind` is the type that the value must have.

    The kind keeps `is: 1` and `is: true` apart, which Python calls equal.
    """

    __test__ = False  # not a test case, whatever pytest makes of the name

    operator: str
    operand: Operand
    kind: Kind


@dataclass(frozen=True, slots=True)
class Trait:
    """A property of the lead or its company; all `tests` must hold.

    `label` is what people call it and `value_labels` what they call the values named here (pairs
    of value and label), for sentences; they make no difference to the rule. Neither does
    `is_sensitive`, but what is written of one rule is not written of the other.
    """

    name: str
    tests: tuple[Test, ...]
    label: str = field(default="", compare=False)
    value_labels: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Property:
    """A top-level property of an event; all `tests` must hold."""

    name: str
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """An event by name, and what its properties must be."""

    event: str
    where: tuple[Property, ...] = ()


@dataclass(frozen=True, slots=True)
class Did:
    """At least so many events that are one of `acts`, each event counted once."""

    acts: tuple[Act, ...]
    at_least: int = 1
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class DidNot:
    """No event that is one of `acts`."""

    acts: tuple[Act, ...]
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """Events `of` per event `to`, as a share in millionths; false while there is no `to`."""

    of: tuple[Act, ...]
    to: tuple[Act, ...]
    at_least_micro: int
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """`total`, `fit` or `engagement`; the operands of the tests are micro-points."""

    part: str
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A named fact. `head` is the word it is written with: stage, owner, …, or fact."""

    head: Literal["stage", "temperature", "owner", "team", "source", "fact"]
    name: str
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class InSegment:
    """Member of the saved group of this name; `label` is what people call it."""

    name: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """May be contacted for this purpose through this channel."""

    purpose: str
    channel: str


@dataclass(frozen=True, slots=True)
class Since:
    """At least so long since a moment; false while the moment has not come."""

    what: str
    at_least: Span


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every child holds."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One child holds."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The child does not hold."""

    child: "Node"


Node = (
    Trait | Did | DidNot | Ratio | Score | Fact | InSegment | Consent | Since | AllOf | AnyOf | Not
)


def fact_of(node: Score | Fact | InSegment | Consent | Since) -> str:
    """The key in a snapshot's facts that the node reads."""
    if isinstance(node, Score):
        return f"score.{node.part}"
    if isinstance(node, Consent):
        return f"consent.{node.purpose}.{node.channel}"
    if isinstance(node, Since):
        return "stage_since" if node.what == "stage" else f"since.{node.what}"
    if isinstance(node, InSegment):
        return "segments"
    return node.name
