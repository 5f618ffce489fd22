"""What may be counted of who had which lead."""

from collections.abc import Iterable
from itertools import chain

from leadline.lib import facts
from leadline.lib.facts import Column, Table
from leadline.routing.models import RoutingRule, SlaPolicy

ASSIGNMENTS = Table(
    name="assignments",
    grain="one time that a lead got an owner or lost one",
    kind="append",
    source="routing_assignment a",
    key="a.id",
    month="at_us",
    columns=(
        Column("id", "int64", "a.id", "in the order in which they were stored"),
        Column("lead_id", "uuid", "a.lead_id", "which lead"),
        Column("owner_id", "uuid", "a.owner_id", "who had it from then on, or null"),
        Column("team_id", "int64", "a.team_id", "which team, or null"),
        Column("at_us", "int64", "a.at", "when"),
    ),
)


def register() -> None:
    """Declare them; called when the application starts."""
    facts.register(ASSIGNMENTS)
    facts.register_documents("routing", _documents)


def _documents() -> Iterable[object]:
    return chain(
        RoutingRule.objects.values_list("criterion", flat=True),
        SlaPolicy.objects.values_list("criterion", flat=True),
    )
