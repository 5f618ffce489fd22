"""SLA policies: which leads are answered within how many minutes of working time."""

from dataclasses import dataclass

from leadline.criteria.snapshot import Snapshot
from leadline.criteria.vocabulary import Vocabulary
from leadline.routing import calendars, conditions
from leadline.routing.conditions import Condition
from leadline.routing.hours import Hours
from leadline.routing.models import SlaPolicy

MOST_MINUTES = 100_000


class NotAPolicy(ValueError):
    """A policy that promises nothing or too much."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Policy:
    """A first response within `response_minutes` of working time."""

    id: int
    name: str
    response_minutes: int
    hours: Hours
    condition: Condition


Policies = tuple[Policy, ...]
"""All policies in order of position; the first whose condition holds counts."""


def save(
    name: str,
    *,
    position: int,
    criterion: object,
    response_minutes: int,
    calendar_id: int,
    vocabulary: Vocabulary,
) -> SlaPolicy:
    """Create the policy of this name or change it; running clocks keep their deadline.

    Raises CriterionError for the criterion and NotAPolicy for minutes outside 1 to 100,000.
    """
    conditions.check(criterion, vocabulary=vocabulary, path="/criterion")
    if not 1 <= response_minutes <= MOST_MINUTES:
        raise NotAPolicy(
            f"the response time of {name!r} is {response_minutes} minutes;"
            f" it lies between 1 and {MOST_MINUTES}"
        )
    policy, _ = SlaPolicy.objects.update_or_create(
        name=name,
        defaults={
            "position": position,
            "criterion": criterion,
            "response_minutes": response_minutes,
            "calendar_id": calendar_id,
        },
    )
    return policy


def load(*, vocabulary: Vocabulary, day_offset_minutes: int) -> Policies:
    """All policies, compiled, with their hours. Two queries; the caller may keep the result."""
    hours = calendars.load()
    return tuple(
        Policy(
            row.id,
            row.name,
            row.response_minutes,
            hours[row.calendar_id],
            conditions.compiled(
                row.criterion, vocabulary=vocabulary, day_offset_minutes=day_offset_minutes
            ),
        )
        for row in SlaPolicy.objects.order_by("position", "id")
    )


def policy_for(policies: Policies, snapshot: Snapshot, *, at_us: int) -> Policy | None:
    """The first policy that holds for the lead at the instant, or None: no promise."""
    return next((p for p in policies if p.condition.holds(snapshot, at_us)), None)
