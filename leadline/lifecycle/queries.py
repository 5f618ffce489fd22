"""What screens and the API ask about stages."""

from uuid import UUID

from django.utils.translation import gettext as _

from leadline.lifecycle.models import StageChange, Standing
from leadline.timeline import moments
from leadline.timeline.moments import Actor, Before, Moment
from leadline.workspace import kept


def changes(lead_id: UUID, *, before: Before | None, limit: int) -> list[Moment]:
    """The stages a lead went through, each with its reason."""
    mine = StageChange.objects.filter(lead=lead_id).select_related("by")
    return [_moment(row) for row in moments.newest(mine, kind="stage", before=before, limit=limit)]


def _moment(row: StageChange) -> Moment:
    said = _("Stage %(before)s → %(stage)s: %(because)s")
    if not row.stage_before:
        said = _("Stage %(stage)s: %(because)s")
    actor: Actor = "human" if row.set_by == Standing.SetBy.PERSON else "system"
    return Moment(
        id=row.pk,
        kind="stage",
        name=row.stage,
        at=row.at,
        received_at=row.at,
        sentence=said
        % {"before": row.stage_before, "stage": row.stage, "because": kept.told(row.because)},
        actor=actor,
        properties={
            "before": row.stage_before,
            "stage": row.stage,
            "because": kept.told(row.because),
            "set_by": row.set_by,
        },
        by=str(row.by) if row.by else None,
    )
