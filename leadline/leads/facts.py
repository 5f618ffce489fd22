"""What may be counted of leads: who they are to us, what hangs on whom, what was said they are."""

from leadline.lib import facts
from leadline.lib.facts import Column, Table

LEADS = Table(
    name="leads",
    grain="one lead, also merged ones and those in the trash",
    kind="snapshot",
    source="leads_lead l",
    key="l.id",
    columns=(
        Column("lead_id", "uuid", "l.id", "the lead"),
        Column("company_id", "uuid", "l.company_id", "its company, or null"),
        Column("merged_into", "uuid", "l.merged_into_id", "the lead that it became part of"),
        Column(
            "is_absent", "bool",
            "CASE WHEN l.merged_into_id IS NOT NULL OR EXISTS (SELECT 1 FROM leads_removal gone"
            " WHERE gone.lead_id = l.id AND gone.state IN ('trashed', 'removed'))"
            " THEN 1 ELSE 0 END",
            "merged away or in the trash",
        ),
        Column("is_test", "bool", "l.is_test", "made by a test"),
        Column("has_shown_interest", "bool", "l.has_shown_interest", "not only on a list"),
        Column("origin", "string", "l.origin", "inbound, outbound or referral"),
        Column("created_us", "int64", "l.created_at", "when it was created"),
        Column("known_us", "int64", "l.known_at", "when we knew"),
    ),
)  # fmt: skip

BINDINGS = Table(
    name="bindings",
    grain="one identifier of a lead or of a visitor nobody knows, without its value",
    kind="snapshot",
    source="leads_binding b",
    key="b.id",
    columns=(
        Column("id", "int64", "b.id", "what events hang on"),
        Column("lead_id", "uuid", "b.lead_id", "whose it is now; null: nobody knows"),
        Column("kind", "string", "b.kind", "user, email, phone, external or anonymous"),
        Column("is_verified", "bool", "b.is_verified", "said by somebody we trust"),
        Column("opened_us", "int64", "b.opened_at", "theirs from this instant"),
        Column("closed_us", "int64", "b.closed_at", "until this one, or null"),
        Column("given_us", "int64", "b.given_at", "when a visitor's became a lead's, or null"),
    ),
)

TRAIT_VALUES = Table(
    name="trait_values",
    grain="one value that somebody said of a lead or of a company",
    kind="append",
    source="leads_traitvalue t",
    key="t.id",
    month="occurred_us",
    columns=(
        Column("id", "int64", "t.id", "in the order in which they were stored"),
        Column("lead_id", "uuid", "t.lead_id", "of whom it was said, or null"),
        Column("company_id", "uuid", "t.company_id", "of which company, or null"),
        Column("name", "string", "t.name", "the field"),
        Column("value", "value", "t.value", "what was said"),
        Column("took_effect", "bool", "t.took_effect", "it became the current value"),
        Column("occurred_us", "int64", "t.occurred_at", "when it was said"),
        Column("known_us", "int64", "t.known_at", "when we knew"),
    ),
)


def register() -> None:
    """Declare them; called when the application starts."""
    facts.register(LEADS, BINDINGS, TRAIT_VALUES)
