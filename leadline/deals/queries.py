"""What screens and the API ask about deals."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from leadline.deals.models import DealChange
from leadline.timeline import moments
from leadline.timeline.moments import Before, Moment


def changes(lead_id: UUID, *, before: Before | None, limit: int) -> list[Moment]:
    """The deals of a lead as they were opened, changed, won and lost."""
    mine = DealChange.objects.filter(deal__lead=lead_id).select_related("deal")
    return [_moment(row) for row in moments.newest(mine, kind="deal", before=before, limit=limit)]


_SENTENCES = {
    "open": _noop("Deal %(name)s is open: %(because)s"),
    "won": _noop("Deal %(name)s was won: %(because)s"),
    "lost": _noop("Deal %(name)s was lost: %(because)s"),
}


def _moment(row: DealChange) -> Moment:
    deal = row.deal
    return Moment(
        id=row.pk,
        kind="deal",
        name=row.state,
        at=row.at,
        received_at=row.known_at,
        sentence=_(_SENTENCES[row.state]) % {"name": deal.name, "because": row.because},
        properties={
            "deal": str(deal.pk),
            "state_before": row.state_before,
            "state": row.state,
            "amount_minor": row.amount_minor,
            "currency": deal.currency,
        },
    )
