"""What somebody opened lately: the twenty newest leads and companies, for an empty search."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from django.db import connection, transaction

from leadline.cards import companies, queries, visibility
from leadline.cards.companies import CompanyRow
from leadline.cards.models import Card, Visit
from leadline.cards.queries import CardRow
from leadline.lib import clock, rows
from leadline.workspace.models import User

KEPT = 20
MOST_HERE = 5
HERE = timedelta(seconds=45)
"""As long after somebody said so they have a lead open; the page says so every 30 seconds."""
Kind = Literal["lead", "company"]


class Visited(msgspec.Struct, frozen=True):
    """One of the two, as the reader may see it now."""

    lead: CardRow | None = None
    company: CompanyRow | None = None


def note(user: User, kind: Kind, key: UUID, *, now: datetime) -> None:
    """Remember that somebody opened a lead or company; the twenty newest are kept.

    The caller has checked that they may see it. Three statements; a second run moves it to the
    top again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        rows.upsert(
            cursor,
            "cards_visit",
            ("user_id", f"{kind}_id", "at"),
            [(user.pk, key, clock.micros(now))],
            key=("user_id", f"{kind}_id"),
            vendor=connection.vendor,
        )
    mine = Visit.objects.filter(user=user).order_by("-at", "-id")
    old = list(mine.values_list("pk", flat=True)[KEPT : 2 * KEPT])
    Visit.objects.filter(pk__in=old).delete()


def others_at(lead_id: UUID, *, besides: User, now: datetime) -> list[User]:
    """Who else has the lead open, the latest first, at most five. One query.

    Whoever has it open says so twice a minute (`note`), having been allowed to see it, and counts
    for 45 seconds. The caller has checked that the reader may see it too.
    """
    here = Visit.objects.filter(lead=lead_id, at__gt=now - HERE, user__is_active=True)
    found = here.exclude(user=besides).select_related("user").order_by("-at", "-id")
    return [visit.user for visit in found[:MOST_HERE]]


def recent(user: User, *, limit: int) -> list[Visited]:
    """What the user opened lately and may still see, the newest first. At most six queries."""
    mine = Visit.objects.filter(user=user).order_by("-at", "-id")
    opened = list(mine.values_list("lead_id", "company_id")[:KEPT])
    leads = _leads(user, [lead for lead, _ in opened if lead])
    firms = {
        row.company_id: row for row in companies.few(user, [firm for _, firm in opened if firm])
    }
    found = [Visited(leads.get(lead), firms.get(firm)) for lead, firm in opened]
    return [each for each in found if each.lead or each.company][:limit]


def _leads(user: User, lead_ids: list[UUID]) -> Mapping[UUID, CardRow]:
    if not lead_ids:
        return {}
    cards = Card.objects.filter(visibility.leads_visible_to(user), pk__in=lead_ids)
    return {row.lead_id: row for row in queries.rows(cards)}
