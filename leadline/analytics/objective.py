"""What a line is to be good for: conversions per rep hour, or money; and how many calls there are.

"3 reps × 20 calls a day" is a capacity of 60 leads a working day.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from leadline.analytics.shares import Interval

PER_HOUR, VALUE = "conversions_per_hour", "value"
KINDS = (PER_HOUR, VALUE)
HOURS_A_DAY = 8.0
MOST = 1_000_000_000.0


class NotAnObjective(ValueError):
    """What is asked for cannot be aimed at; `path` is where in the document. Permanent."""

    permanent = True

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path, self.reason = path, reason


@dataclass(frozen=True, slots=True)
class Objective:
    """What to aim at. `value` of a win and `cost` of a call are in one currency; `reps` and
    `calls_a_day` (of each) are given together or not at all."""

    kind: str = PER_HOUR
    value: float = 0.0
    cost: float = 0.0
    reps: int | None = None
    calls_a_day: int | None = None
    hours_a_day: float = HOURS_A_DAY

    @property
    def capacity(self) -> int | None:
        """Leads that can be called on a working day; None: as many as there are."""
        if self.reps is None or self.calls_a_day is None:
            return None
        return self.reps * self.calls_a_day

    def per_lead(self, rate: float) -> float:
        """What calling a lead is worth when so many of them are won."""
        return rate * self.value - self.cost if self.kind == VALUE else rate

    def called(self, flow: float) -> float:
        """How many of the leads that come over the line in a day can be called."""
        return flow if self.capacity is None else min(flow, float(self.capacity))

    def expected(self, called: float, rates: Interval) -> Interval:
        """What so many calls a day give: conversions per rep hour, or money a day."""
        hours = self.reps * self.hours_a_day if self.kind == PER_HOUR and self.reps else 1.0
        low, high = (called * self.per_lead(rate) / hours for rate in rates)
        return Interval(low, high)


def read(document: object, *, path: str = "/objective") -> Objective:
    """The objective in a document of JSON; None is the usual one. Raises NotAnObjective."""
    if document is None:
        return Objective()
    if not isinstance(document, Mapping):
        raise NotAnObjective(path, "an object with kind, value, cost, reps, calls_a_day")
    known = set(Objective.__dataclass_fields__)
    for name in document:
        if name not in known:
            raise NotAnObjective(f"{path}/{name}", "one of " + ", ".join(sorted(known)))
    kind = document.get("kind", PER_HOUR)
    if kind not in KINDS:
        raise NotAnObjective(f"{path}/kind", "one of " + ", ".join(KINDS))
    found = Objective(
        kind=kind,
        value=_number(document, "value", path=path) or 0.0,
        cost=_number(document, "cost", path=path) or 0.0,
        reps=_whole(document, "reps", path=path),
        calls_a_day=_whole(document, "calls_a_day", path=path),
        hours_a_day=_number(document, "hours_a_day", path=path) or HOURS_A_DAY,
    )
    _refuse_half(found, path=path)
    return found


def _refuse_half(found: Objective, *, path: str) -> None:
    if (found.reps is None) != (found.calls_a_day is None):
        missing = "reps" if found.reps is None else "calls_a_day"
        raise NotAnObjective(f"{path}/{missing}", "reps and calls_a_day are given together")
    if found.kind == VALUE and found.value <= 0:
        raise NotAnObjective(f"{path}/value", "what a win is worth, above zero")


def _number(document: Mapping[str, object], name: str, *, path: str) -> float | None:
    found = document.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= MOST:
        raise NotAnObjective(f"{path}/{name}", f"a number from 0 to {MOST:.0f}")
    return float(found)


def _whole(document: Mapping[str, object], name: str, *, path: str) -> int | None:
    found = document.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= 100_000:
        raise NotAnObjective(f"{path}/{name}", "a whole number from 1 to 100000")
    return found
