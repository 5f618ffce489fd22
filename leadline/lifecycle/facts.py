"""What may be counted of where leads stood."""

from collections.abc import Iterable

from leadline.lib import facts
from leadline.lib.facts import Column, Table
from leadline.lifecycle.models import LifecycleVersion

STAGE_CHANGES = Table(
    name="stage_changes",
    grain="one change of the stage of one lead",
    kind="append",
    source="lifecycle_stagechange c",
    key="c.id",
    month="at_us",
    columns=(
        Column("id", "int64", "c.id", "in the order in which they were stored"),
        Column("lead_id", "uuid", "c.lead_id", "whose stage"),
        Column("stage_before", "string", "c.stage_before", "empty for the first"),
        Column("stage", "string", "c.stage", "where it stands from then on"),
        Column("set_by", "string", "c.set_by", "rule, person or event"),
        Column("at_us", "int64", "c.at", "when it changed"),
    ),
)


def register() -> None:
    """Declare them; called when the application starts."""
    facts.register(STAGE_CHANGES)
    facts.register_documents("lifecycle", _documents)


def _documents() -> Iterable[object]:
    return LifecycleVersion.objects.values_list("document", flat=True)
