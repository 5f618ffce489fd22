"""Temperature and stage of a lead: pure decisions on a snapshot, without rows.

Temperature has no memory. The stage is a ratchet with history: it moves on when a later stage's
`enter` holds and back only by its own `leave`, and only a lead that nobody works on. Where
somebody does, the stage is held and the decision proposes to return the lead to nurture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadline.criteria import parse, uses
from leadline.criteria.evaluate import Check, compile_node
from leadline.criteria.mentions import Mentions, mentions, union
from leadline.criteria.nodes import Node
from leadline.criteria.snapshot import Snapshot
from leadline.criteria.span import NEVER
from leadline.criteria.vocabulary import Vocabulary
from leadline.lib import clock

HELD_US = 30 * clock.DAY
"""For so long somebody's call, mail, meeting or decision holds a stage; microseconds."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A criterion and what people read when it holds."""

    because: str
    value: str
    check: Check
    is_reply: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A stage. `rank` is its place in the order."""

    key: str
    label: str
    rank: int
    enter: Check | None
    leave: Check | None
    is_sales: bool
    is_terminal: bool
    is_on_path: bool
    is_nurture: bool = False
    enter_because: str = ""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A lifecycle document, read once per version and compiled."""

    hand_raisers: tuple[Reason, ...]
    temperatures: tuple[Reason, ...]
    steps: tuple[Step, ...]
    mentions: Mentions
    by_key: Mapping[str, Step]

    @property
    def first(self) -> Step:
        return self.steps[0]

    @property
    def nurture(self) -> Step | None:
        """Where a lead goes that has cooled off, or None: then nothing is proposed."""
        return next((step for step in self.steps if step.is_nurture), None)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a lead stood before: its stage, since when, who set it, and until when somebody's work
    holds it there (a touch, a task that lies ahead; an open deal: NEVER ends)."""

    stage: str
    since_us: int
    set_by: str
    held_until_us: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say now. `stage` None: it stays. Moments are NEVER where nothing changes."""

    temperature: str
    temperature_because: str
    hand_raise: str
    stage: str | None
    stage_because: str
    due_us: int
    revalue_day: int
    # The stage's `leave` holds, but a person or somebody's work holds the lead there.
    proposes_return: bool = False


def read(
    document: Mapping[str, Any],  # Any: a checked document
    *,
    vocabulary: Vocabulary,
    day_offset_minutes: int,
    sentences: Mapping[str, str] | None = None,
) -> Lifecycle:
    """Compile a lifecycle document. Raises CriterionError with the path."""
    nodes: list[Node] = []

    def compiled(written: object, path: str, allowed: frozenset[str]) -> Check:
        node = parse.parse(written, vocabulary=vocabulary, allowed=allowed, path=path)
        nodes.append(node)
        return compile_node(node, day_offset_minutes=day_offset_minutes)

    def reasons(part: str) -> tuple[Reason, ...]:
        return tuple(
            Reason(
                each["because"],
                each.get("value", "hot"),
                compiled(each["when"], f"/{part}/{i}/when", uses.TEMPERATURE),
                bool(each.get("reply")),
            )
            for i, each in enumerate(document[part])
        )

    raisers, temperatures = reasons("hand_raisers"), reasons("temperature")
    steps = []
    for rank, each in enumerate(document["stages"]):
        enter, leave = each.get("enter", "none"), each.get("leave")
        path = f"/stages/{rank}"
        steps.append(
            Step(
                each["key"],
                each["label"],
                rank,
                None if enter == "none" else compiled(enter, f"{path}/enter", uses.STAGE),
                None if leave is None else compiled(leave, f"{path}/leave", uses.STAGE),
                bool(each.get("sales")),
                bool(each.get("terminal")),
                bool(each.get("path")),
                bool(each.get("nurture")),
                (sentences or {}).get(each["key"], ""),
            )
        )
    return Lifecycle(
        raisers,
        temperatures,
        tuple(steps),
        union(mentions(node) for node in nodes),
        {step.key: step for step in steps},
    )


def decide(lifecycle: Lifecycle, snapshot: Snapshot, where: Where, at_us: int) -> Decision:
    """Temperature, hand-raise and stage at an instant.

    The snapshot holds the score facts of the same instant; temperature is added for the stages.
    """
    watch = _Watch()
    raised = _first(lifecycle.hand_raisers, snapshot, at_us, watch)
    warm = _first(lifecycle.temperatures, snapshot, at_us, watch)
    temperature = warm.value if warm else "cold"
    seen = snapshot.with_facts({"temperature": temperature})
    stage, because = _stage(lifecycle, seen, where, at_us, watch)
    cools = stage is None and _cools_off(lifecycle, seen, where, at_us, watch)
    if raised and stage and lifecycle.by_key[stage].is_sales:
        because = raised.because
    return Decision(
        temperature,
        warm.because if warm else "",
        raised.because if raised else "",
        stage,
        because,
        watch.due_us,
        watch.day,
        cools,
    )


@dataclass(slots=True)
class _Watch:
    """The earliest moments at which any verdict that was asked for can change."""

    due_us: int = NEVER
    day: int = NEVER
    # Equal rules are one function, and what makes somebody hot is often what raises a hand.
    asked: dict[Check, bool] = field(default_factory=dict)

    def holds(self, check: Check, snapshot: Snapshot, at_us: int) -> bool:
        holds, due_us, day = check(snapshot, at_us)
        self.due_us, self.day = min(self.due_us, due_us), min(self.day, day)
        return holds


def _first(
    reasons: Sequence[Reason], snapshot: Snapshot, at_us: int, watch: _Watch
) -> Reason | None:
    """The first that holds; all calls with one watch are about the same snapshot."""
    for reason in reasons:
        holds = watch.asked.get(reason.check)
        if holds is None:
            holds = watch.asked[reason.check] = watch.holds(reason.check, snapshot, at_us)
        if holds:
            return reason
    return None


def _stage(
    lifecycle: Lifecycle, snapshot: Snapshot, where: Where, at_us: int, watch: _Watch
) -> tuple[str | None, str]:
    here = lifecycle.by_key.get(where.stage, lifecycle.first)
    if where.set_by == "person" or here.is_terminal:
        return _after_a_person(lifecycle, snapshot, where, here, at_us, watch)
    later = _latest(lifecycle.steps[here.rank + 1 :], snapshot, at_us, watch)
    if later is not None:
        return later.key, later.enter_because
    if here.leave is None or not watch.holds(here.leave, snapshot, at_us):
        return None, ""
    if where.held_until_us > at_us:
        watch.due_us = min(watch.due_us, where.held_until_us)
        return None, ""
    back = _latest(lifecycle.steps[: here.rank], snapshot, at_us, watch) or lifecycle.first
    return back.key, "no longer qualifies"


def _cools_off(
    lifecycle: Lifecycle, snapshot: Snapshot, where: Where, at_us: int, watch: _Watch
) -> bool:
    """Would the lead go back if nothing held it? A person's own word is not doubted for 30 days."""
    here = lifecycle.by_key.get(where.stage, lifecycle.first)
    if lifecycle.nurture is None or here.enter is None or here.leave is None:
        return False
    if not watch.holds(here.leave, snapshot, at_us):
        return False
    asks_from_us = where.since_us + HELD_US if where.set_by == "person" else at_us
    if asks_from_us > at_us:
        watch.due_us = min(watch.due_us, asks_from_us)
    return asks_from_us <= at_us


def _after_a_person(
    lifecycle: Lifecycle,
    snapshot: Snapshot,
    where: Where,
    here: Step,
    at_us: int,
    watch: _Watch,
) -> tuple[str | None, str]:
    """What a person decided stays until something new happens that belongs to a sales stage, or
    that wakes a lead where only people put leads."""
    low = -1 if here.is_terminal or here.enter is None else here.rank
    fresh = _since(snapshot, where.since_us)
    sales = [step for step in lifecycle.steps if step.is_sales and step.rank > low]
    found = _latest(sales, fresh, at_us, watch)
    if found:
        return found.key, found.enter_because
    if here.enter is None and here.leave is not None and watch.holds(here.leave, fresh, at_us):
        earlier = [step for step in lifecycle.steps[: here.rank] if not step.is_sales]
        return (_latest(earlier, snapshot, at_us, watch) or lifecycle.first).key, "active again"
    return None, ""


def _since(snapshot: Snapshot, since_us: int) -> Snapshot:
    """The snapshot without what was there when the person decided."""
    events = {
        name: [event for event in group if event.occurred_us > since_us]
        for name, group in snapshot.events.items()
        if group[-1].occurred_us > since_us  # the newest stands last, and most are all old
    }
    opened = snapshot.facts.get("deal.opened_us")
    closed = snapshot.facts.get("deal.won_us")
    return Snapshot(snapshot.traits, events, snapshot.facts).with_facts(
        {
            "deal.is_open": isinstance(opened, int) and opened > since_us,
            "deal.is_won": isinstance(closed, int) and closed > since_us,
        }
    )


def _latest(steps: Sequence[Step], snapshot: Snapshot, at_us: int, watch: _Watch) -> Step | None:
    """The last stage whose criterion holds. All are asked: each may change at another moment."""
    found = None
    for step in steps:
        if step.enter is not None and watch.holds(step.enter, snapshot, at_us):
            found = step
    return found


def raises_hand(
    lifecycle: Lifecycle, snapshot: Snapshot, *, since_us: int, at_us: int
) -> Reason | None:
    """Who asks for us by an event that occurred at `since_us` or later."""
    fresh = _since(snapshot, since_us - 1)
    return _first(lifecycle.hand_raisers, fresh, at_us, _Watch())
