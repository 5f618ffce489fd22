"""What may be counted of deals: their state and their money, never what they are called."""

from leadline.lib import facts
from leadline.lib.facts import Column, Table

DEALS = Table(
    name="deals",
    grain="one deal as it stands",
    kind="snapshot",
    source="deals_deal d",
    key="d.id",
    columns=(
        Column("id", "uuid", "d.id", "the deal"),
        Column("lead_id", "uuid", "d.lead_id", "of which lead, or null"),
        Column("state", "string", "d.state", "open, won or lost"),
        Column("opened_us", "int64", "d.opened_at", "when it was opened"),
        Column("closed_us", "int64", "d.closed_at", "when it was won or lost, or null"),
        Column("amount_minor", "int64", "d.amount_minor", "minor units, or null"),
        Column("currency", "string", "d.currency", "of the amount"),
        Column("known_us", "int64", "d.known_at", "when we knew"),
    ),
)


def register() -> None:
    """Declare them; called when the application starts."""
    facts.register(DEALS)
