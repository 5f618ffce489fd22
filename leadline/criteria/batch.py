"""Whether rules hold for every lead of a frame: the batch evaluator, beside `evaluate`.

The same nodes become expressions of Ibis, which DuckDB and Spark run alike. Rules are compiled
in two steps, because what all of them ask of events is answered by one aggregation: the first
step says what is asked, the second reads the answers. Property tests hold this equal to
`evaluate` for every lead, bit for bit; docs/decisions/0023 says which side of each edge is in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis

from leadline.criteria import batch_operators, batch_rows
from leadline.criteria.batch_events import Questions, day_starts_us
from leadline.criteria.batch_operators import NO, Cell, Condition, all_of, any_of, is_true
from leadline.criteria.frame import Frame
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

Reading = Callable[[ibis.Table], Condition]
"""From the leads with their answers to whether the rule holds; never null."""


def holds(nodes: Mapping[str, Node], frame: Frame, *, day_offset_minutes: int) -> ibis.Table:
    """`lead` and a boolean column per node, one row per lead of the frame; nothing is run.

    Events are read once for all nodes. Names of columns are the caller's.
    """
    asking = Asking.of(frame, day_offset_minutes=day_offset_minutes)
    readings = {name: asking.reading(node) for name, node in nodes.items()}
    table = asking.answered()
    return table.select("lead", **{name: read(table) for name, read in readings.items()})


@dataclass(frozen=True, slots=True)
class Asking:
    """Rules being compiled over one frame: `reading` for each, then `answered` once."""

    frame: Frame
    day_offset_minutes: int
    questions: Questions

    @classmethod
    def of(cls, frame: Frame, *, day_offset_minutes: int) -> "Asking":
        is_java = batch_rows.engine(frame.leads) == "pyspark"
        return cls(frame, day_offset_minutes, Questions(frame, day_offset_minutes, is_java))

    def reading(self, node: Node) -> Reading:
        """What to read of the answers to know whether `node` holds."""
        return _READINGS[type(node)](self, node)

    def answered(self) -> ibis.Table:
        """The leads with what every reading needs."""
        return self.questions.answered()

    def all_of(self, node: AllOf) -> Reading:
        readings = [self.reading(child) for child in node.children]
        return lambda table: all_of(read(table) for read in readings)

    def any_of(self, node: AnyOf) -> Reading:
        readings = [self.reading(child) for child in node.children]
        return lambda table: any_of(read(table) for read in readings)

    def not_(self, node: Not) -> Reading:
        read = self.reading(node.child)
        return lambda table: ~read(table)

    def did(self, node: Did) -> Reading:
        count = self.questions.count(node.acts, node.within)
        return lambda table: is_true(table[count] >= node.at_least)

    def did_not(self, node: DidNot) -> Reading:
        count = self.questions.count(node.acts, node.within)
        return lambda table: ~is_true(table[count] >= 1)

    def ratio(self, node: Ratio) -> Reading:
        of = self.questions.count(node.of, node.within)
        to = self.questions.count(node.to, node.within)
        return lambda table: is_true(
            (table[to] >= 1) & (table[of] * MICRO >= table[to] * node.at_least_micro)
        )

    def since(self, node: Since) -> Reading:
        column = self.frame.facts.get(fact_of(node))
        if column is None:
            return lambda table: NO
        span, at_us = node.at_least, self.frame.at_us
        if span.is_exact:
            return lambda table: is_true(table[column] <= at_us - span.micros)
        # So many days ago or earlier: before the day after that one starts.
        before_us = day_starts_us(at_us, span.days - 1, day_offset_minutes=self.day_offset_minutes)
        return lambda table: is_true(table[column] < before_us)

    def trait(self, node: Trait) -> Reading:
        names, is_java = self.frame.traits.get(node.name), self.questions.is_java
        if names is None:
            return lambda table: batch_operators.passes(Cell(), node.tests)
        return lambda table: batch_operators.passes(
            batch_operators.typed(table, names, is_java=is_java), node.tests
        )

    def fact(self, node: Fact | Score) -> Reading:
        column, is_java = self.frame.facts.get(fact_of(node)), self.questions.is_java
        if column is None:
            return lambda table: batch_operators.passes(Cell(), node.tests)
        return lambda table: batch_operators.passes(
            batch_operators.plain(table[column], is_java=is_java), node.tests
        )

    def consent(self, node: Consent) -> Reading:
        column = self.frame.facts.get(fact_of(node))
        return lambda table: NO if column is None else is_true(table[column])

    def in_segment(self, node: InSegment) -> Reading:
        column = self.frame.facts.get(fact_of(node))
        if column is None:
            return lambda table: NO
        return lambda table: batch_operators.has_member(table[column], node.name)


# Each reads the node type of its key, which a mapping cannot say: hence Any.
_READINGS: Mapping[type, Callable[[Asking, Any], Reading]] = {
    AllOf: Asking.all_of,
    AnyOf: Asking.any_of,
    Not: Asking.not_,
    Did: Asking.did,
    DidNot: Asking.did_not,
    Ratio: Asking.ratio,
    Since: Asking.since,
    Trait: Asking.trait,
    Fact: Asking.fact,
    Score: Asking.fact,
    Consent: Asking.consent,
    InSegment: Asking.in_segment,
}
