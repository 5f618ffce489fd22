"""What may be counted of what happened: events with a few properties, and where people came from.

Of an event the lake keeps the properties below and those that a rule mentions, never the ones
that name a person or are written by hand.
"""

from leadline.lib import facts
from leadline.lib.facts import Column, Table

PROPERTIES = frozenset(
    "path form purpose category currency plan product_id quantity revenue total value".split()
)
"""Kept whether or not a rule asks for them, so that most new rules find their past in the lake."""

EVENTS = Table(
    name="events",
    grain="one thing that happened, on one binding",
    kind="append",
    source="timeline_event e",
    key="e.id",
    month="occurred_us",
    columns=(
        Column("id", "int64", "e.id", "in the order in which they were stored"),
        Column("binding_id", "int64", "e.binding_id", "the identifier that it hangs on"),
        Column("name", "string", "e.name", "what happened"),
        Column("counts", "bool", "e.counts", "false: stored and flagged only"),
        Column("occurred_us", "int64", "e.occurred_at", "when it happened"),
        Column("known_us", "int64", "e.known_at", "when we knew"),
        Column("properties", "properties", "e.properties", "what was said with it"),
    ),
)

TOUCHES = Table(
    name="touches",
    grain="one arrival on the site or from a campaign",
    kind="append",
    source="timeline_touch o",
    key="o.id",
    month="occurred_us",
    columns=(
        Column("id", "int64", "o.id", "in the order in which they were stored"),
        Column("binding_id", "int64", "o.binding_id", "the identifier that it hangs on"),
        Column("channel", "string", "o.channel", "such as paid_search"),
        Column("source", "string", "o.source", "such as google"),
        Column("medium", "string", "o.medium", "such as cpc"),
        Column("campaign", "string", "o.campaign", "what the advertiser called it"),
        Column("occurred_us", "int64", "o.occurred_at", "when they came"),
        Column("known_us", "int64", "o.known_at", "when we knew"),
    ),
)


def register() -> None:
    """Declare them; called when the application starts."""
    facts.register(EVENTS, TOUCHES)
