"""Criteria of policies and rules: parsed on save, compiled on load. `{}` holds for everybody."""

from dataclasses import dataclass, field

from leadline.criteria import uses
from leadline.criteria.evaluate import Check, compile_node
from leadline.criteria.mentions import Mentions, mentions
from leadline.criteria.parse import parse
from leadline.criteria.snapshot import Snapshot
from leadline.criteria.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled criterion and what it reads; `check` None holds for everybody."""

    check: Check | None
    reads: Mentions = field(default_factory=Mentions)

    def holds(self, snapshot: Snapshot, at_us: int) -> bool:
        """Whether it holds for the lead at the instant; never raises for odd values."""
        return self.check is None or self.check(snapshot, at_us)[0]


def check(document: object, *, vocabulary: Vocabulary, path: str = "") -> None:
    """Raises CriterionError, with the path, for a document that is no criterion."""
    if document != {}:
        parse(document, vocabulary=vocabulary, allowed=uses.ROUTING, path=path)


def compiled(document: object, *, vocabulary: Vocabulary, day_offset_minutes: int) -> Condition:
    """The criterion as a function; raises CriterionError like `check`."""
    if document == {}:
        return Condition(None)
    node = parse(document, vocabulary=vocabulary, allowed=uses.ROUTING)
    return Condition(compile_node(node, day_offset_minutes=day_offset_minutes), mentions(node))
