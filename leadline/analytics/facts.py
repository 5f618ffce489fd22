"""Tables of the lake that several packages make together: where leads stand now, and consents."""

from leadline.lib import facts
from leadline.lib.facts import Column, Table

_ASSIGNMENT = (
    "LEFT JOIN routing_assignment a ON a.id ="
    " (SELECT max(id) FROM routing_assignment WHERE lead_id = s.lead_id)"
)

STANDINGS = Table(
    name="standings",
    grain="where one lead stands now",
    kind="snapshot",
    source=(
        "lifecycle_standing s LEFT JOIN scoring_score p ON p.lead_id = s.lead_id "
        f"{_ASSIGNMENT} LEFT JOIN workspace_user u ON u.id = a.owner_id"
        " LEFT JOIN workspace_team m ON m.id = a.team_id"
    ),
    key="s.lead_id",
    columns=(
        Column("lead_id", "uuid", "s.lead_id", "the lead"),
        Column("stage", "string", "s.stage", "its stage"),
        Column("stage_since_us", "int64", "s.stage_since", "since when"),
        Column("temperature", "string", "s.temperature", "cold, warm or hot"),
        Column("total", "int64", "p.total", "micro-points, or null"),
        Column("fit", "int64", "p.fit", "micro-points, or null"),
        Column("engagement", "int64", "p.engagement", "micro-points, or null"),
        Column("owner", "string", "u.email", "our colleague, as rules name them"),
        Column("team", "string", "m.name", "the team, as rules name it"),
        Column(
            "source", "string",
            "(SELECT o.source FROM leads_binding b JOIN timeline_touch o ON o.binding_id = b.id"
            " WHERE b.lead_id = s.lead_id ORDER BY o.occurred_at, o.id LIMIT 1)",
            "where they first came from",
        ),
        Column(
            "last_response_us", "int64",
            "(SELECT max(y.began_at) FROM activities_activity y"
            " WHERE y.lead_id = s.lead_id AND y.kind <> 'note')",
            "when a person last got in touch, or null",
        ),
    ),
)  # fmt: skip

CONSENTS = Table(
    name="consents",
    grain="one change of one permission, on each binding with the identifier it was given for",
    kind="snapshot",
    source=(
        "privacy_consent c JOIN leads_binding b"
        " ON b.kind = c.identifier_kind AND b.value = c.identifier"
    ),
    key="c.id",
    columns=(
        Column("id", "int64", "c.id", "in the order in which they were stored"),
        Column("binding_id", "int64", "b.id", "the identifier that it holds for"),
        Column("purpose", "string", "c.purpose", "for what"),
        Column("channel", "string", "c.channel", "by which way"),
        Column("state", "string", "c.state", "pending, granted, denied or withdrawn"),
        Column("at_us", "int64", "c.at", "when it was said"),
        Column("known_us", "int64", "c.known_at", "when we knew"),
    ),
)


def register() -> None:
    """Declare them; called when the application starts."""
    facts.register(STANDINGS, CONSENTS)
