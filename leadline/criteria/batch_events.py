"""What rules ask of events, gathered first and answered by one pass over the events of a frame.

A rule registers what it needs (`count`, `total`) and gets the name of a column; `answered` is the
leads with these columns. Equal questions are asked once, however many rules ask them.
"""

from dataclasses import dataclass, field

import ibis
from ibis.expr import types

from leadline.criteria import batch_operators
from leadline.criteria.batch_operators import Cell, Condition, all_of, any_of
from leadline.criteria.frame import Frame
from leadline.criteria.nodes import Act, Property
from leadline.criteria.span import Span
from leadline.lib.clock import DAY, MINUTE

EVER = -(2**63)
"""An instant before all others."""

Key = tuple[tuple[Act, ...], int, tuple[int, ...]]
"""Which events, not older than, and what one gives by age in days (nothing: they are counted)."""


def oldest_us(at_us: int, within: Span | None, *, day_offset_minutes: int) -> int:
    """The first instant from which on an event is within the span at `at_us`."""
    if within is None:
        return EVER
    if within.is_exact:
        return at_us - within.micros + 1
    return day_starts_us(at_us, within.days, day_offset_minutes=day_offset_minutes)


def day_starts_us(at_us: int, days_ago: int, *, day_offset_minutes: int) -> int:
    """The first instant of the fixed-offset day that lies so many days before that of `at_us`."""
    offset_us = day_offset_minutes * MINUTE
    return ((at_us + offset_us) // DAY - days_ago) * DAY - offset_us


def whole_days(occurred_us: types.IntegerValue, today_us: int) -> types.IntegerValue:
    """How many days before the one that starts at `today_us` something occurred (int32).

    No engine divides integers when Ibis says `//`: it becomes a division of floats, which rounds.
    So the remainder goes first, in integers: what is left is a multiple of DAY, hence of 2^13,
    below 2^63, which a float holds exactly, and so is its quotient.
    """
    before = ibis.literal(today_us + DAY - 1, type="int64") - occurred_us
    return ((before - before % DAY) / DAY).cast("int32")


@dataclass(frozen=True, slots=True)
class Questions:
    """All that is asked of the events of one frame, days cut at one offset."""

    frame: Frame
    day_offset_minutes: int
    is_java: bool
    columns: dict[Key, str] = field(default_factory=dict)

    def count(self, acts: tuple[Act, ...], within: Span | None) -> str:
        """The column that says how many events are one of `acts` within the span; null for none."""
        return self._column((acts, self._oldest_us(within), ()))

    def total(self, acts: tuple[Act, ...], within: Span | None, table: tuple[int, ...]) -> str:
        """The column with the sum of what each such event gives at its age; null for none.

        `table` holds what it gives by age in whole days; older ones give nothing.
        """
        last_us = day_starts_us(
            self.frame.at_us, len(table) - 1, day_offset_minutes=self.day_offset_minutes
        )
        return self._column((acts, max(self._oldest_us(within), last_us), table))

    def answered(self) -> ibis.Table:
        """The leads of the frame with the answers; lazily, nothing is run."""
        leads = self.frame.leads
        if not self.columns:
            return leads
        events = self._events()
        answers = {name: self._answer(events, key) for key, name in self.columns.items()}
        found = events.group_by(event_lead=events.lead).aggregate(**answers)
        return leads.left_join(found, leads.lead == found.event_lead)

    def _oldest_us(self, within: Span | None) -> int:
        return oldest_us(self.frame.at_us, within, day_offset_minutes=self.day_offset_minutes)

    def _column(self, key: Key) -> str:
        return self.columns.setdefault(key, f"asked{len(self.columns)}")

    def _events(self) -> ibis.Table:
        """The events, with their age in whole days where somebody asks for it."""
        events = self.frame.events
        if not any(table for _, _, table in self.columns):
            return events
        today_us = day_starts_us(self.frame.at_us, 0, day_offset_minutes=self.day_offset_minutes)
        return events.mutate(age=whole_days(events.occurred_us, today_us))

    def _answer(self, events: ibis.Table, key: Key) -> types.IntegerScalar:
        acts, since_us, table = key
        condition = self._meant(events, acts)
        if since_us != EVER:
            condition = condition & (events.occurred_us >= since_us)
        if not table:
            return events.count(where=condition)
        given = ibis.literal(list(table), type="array<int64>")[events.age]
        return ibis.ifelse(condition, given, ibis.null("int64")).sum()

    def _meant(self, events: ibis.Table, acts: tuple[Act, ...]) -> Condition:
        """The event is one of `acts`."""
        plain = sorted({act.event for act in acts if not act.where})
        named = [events.name.isin(plain)] if len(plain) > 1 else [events.name == e for e in plain]
        fitting = [
            (events.name == act.event) & all_of(self._fits(events, each) for each in act.where)
            for act in acts
            if act.where and act.event not in plain
        ]
        return any_of([*named, *fitting])

    def _fits(self, events: ibis.Table, asked: Property) -> Condition:
        names = self.frame.properties.get(asked.name)
        if names is None:
            return batch_operators.fits(Cell(), asked.tests)
        cell = batch_operators.typed(events, names, is_java=self.is_java)
        return batch_operators.fits(cell, asked.tests)
