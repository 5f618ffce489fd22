"""What may be counted of scores: how they changed, and what people added by hand."""

from collections.abc import Iterable

from leadline.lib import facts
from leadline.lib.facts import Column, Table
from leadline.scoring.models import ScoreModelVersion

SCORE_CHANGES = Table(
    name="score_changes",
    grain="one change of the score of one lead",
    kind="append",
    source="scoring_scorechange c",
    key="c.id",
    month="at_us",
    columns=(
        Column("id", "int64", "c.id", "in the order in which they were stored"),
        Column("lead_id", "uuid", "c.lead_id", "whose score"),
        Column("version_id", "int64", "c.version_id", "the version of the model"),
        Column("total_before", "int64", "c.total_before", "micro-points; null for the first"),
        Column("total", "int64", "c.total", "micro-points"),
        Column("fit", "int64", "c.fit", "micro-points"),
        Column("engagement", "int64", "c.engagement", "micro-points"),
        Column("at_us", "int64", "c.at", "when it changed"),
    ),
)

ADJUSTMENTS = Table(
    name="adjustments",
    grain="points that a person gave or took by hand, once",
    kind="snapshot",
    source="scoring_scoreadjustment a",
    key="a.id",
    columns=(
        Column("id", "int64", "a.id", "in the order in which they were stored"),
        Column("lead_id", "uuid", "a.lead_id", "whose score"),
        Column("points_micro", "int64", "a.points_micro", "micro-points"),
        Column("half_life_days", "int64", "a.half_life_days", "days; null: they stay"),
        Column("at_us", "int64", "a.at", "from when they count"),
        Column("known_us", "int64", "a.known_at", "when we knew"),
        Column("undone_us", "int64", "a.undone_at", "when they were taken back, or null"),
    ),
)


def register() -> None:
    """Declare them; called when the application starts."""
    facts.register(SCORE_CHANGES, ADJUSTMENTS)
    facts.register_documents("scoring", _documents)


def _documents() -> Iterable[object]:
    return ScoreModelVersion.objects.values_list("document", flat=True)
