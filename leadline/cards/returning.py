"""Leads whose return to nurture is proposed."""

from datetime import datetime

from leadline.activities.models import Snooze
from leadline.cards import queries, visibility
from leadline.cards.models import Card
from leadline.cards.queries import CardRow
from leadline.lifecycle.models import Standing
from leadline.workspace.models import User


def proposed_to(user: User, *, now: datetime, limit: int) -> list[CardRow]:
    """The user's own leads to return or to keep, the coldest first; one query.

    Without what the user has put off.
    """
    asked = Standing.objects.filter(return_since__isnull=False)
    put_off = Snooze.objects.filter(user=user.pk, until__gt=now)
    own = Card.objects.filter(visibility.leads_visible_to(user), owner=user.pk)
    found = own.filter(pk__in=asked.values("lead")).exclude(pk__in=put_off.values("lead"))
    return queries.rows(found.order_by("total", "lead_id")[:limit])
