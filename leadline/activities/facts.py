"""What may be counted of what people did: that they called or wrote, never what."""

from leadline.lib import facts
from leadline.lib.facts import Column, Table

ACTIVITIES = Table(
    name="activities",
    grain="one call, mail, meeting or note",
    kind="snapshot",
    source="activities_activity y",
    key="y.id",
    columns=(
        Column("id", "uuid", "y.id", "the activity"),
        Column("lead_id", "uuid", "y.lead_id", "with which lead"),
        Column("kind", "string", "y.kind", "call, mail, meeting or note"),
        Column("began_us", "int64", "y.began_at", "when it began"),
        Column("known_us", "int64", "y.logged_at", "when it was written down"),
    ),
)


def register() -> None:
    """Declare them; called when the application starts."""
    facts.register(ACTIVITIES)
