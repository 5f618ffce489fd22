"""What somebody opened lately: the twenty newest leads and companies, for an empty search; and who
is on a lead at the moment, with what they are doing."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import Case, F, QuerySet, Value, When

from leadline.cards import companies, queries, visibility
from leadline.cards.companies import CompanyRow
from leadline.cards.models import Card, Visit
from leadline.cards.queries import CardRow
from leadline.lib import clock, rows
from leadline.workspace.columns import MicrosField
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


class Here(msgspec.Struct, frozen=True):
    """A colleague who is on a lead, what they are doing, and since when."""

    user: User
    doing: str
    began_at: datetime


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


def note_doing(user: User, lead_id: UUID, doing: str, *, now: datetime) -> None:
    """Remember that somebody is on a lead, and since when they have been doing what they do.

    The caller has checked that they may see it. Two statements, five at first. Said again within
    45 seconds, it goes on; another thing, or a pause, begins anew.
    """
    goes_on = When(at__gt=now - HERE, doing=doing, then=F("began_at"))
    began_at = Case(goes_on, default=Value(now, output_field=MicrosField()))
    mine = Visit.objects.filter(user=user, lead=lead_id)
    if not mine.update(began_at=began_at, doing=doing, at=now):
        note(user, "lead", lead_id, now=now)
        mine.update(began_at=now, doing=doing)


def others_on(
    lead_ids: Collection[UUID], *, besides: User, now: datetime
) -> dict[UUID, list[Here]]:
    """Who else is on each of the leads: whoever calls first, then the latest; at most five for a
    lead, and only leads that somebody is on. One query.

    Whoever has a lead open says so twice a minute (`note_doing`), having been allowed to see it,
    and counts for 45 seconds. The caller has checked that the reader may see the leads too.
    """
    found: dict[UUID, list[Here]] = {}
    for visit in _now(besides, now).filter(lead__in=lead_ids).select_related("user"):
        here = Here(visit.user, visit.doing, visit.began_at or visit.at)
        if visit.lead_id is not None:
            found.setdefault(visit.lead_id, []).append(here)
    return {
        key: sorted(all_here, key=_is_less_urgent)[:MOST_HERE] for key, all_here in found.items()
    }


def others_anywhere(user: User, *, now: datetime) -> dict[UUID, list[Here]]:
    """The same for every lead that the user may see. At most three queries."""
    somewhere = set(_now(user, now).values_list("lead_id", flat=True))
    if not somewhere:
        return {}
    seen = Card.objects.filter(visibility.leads_visible_to(user), pk__in=somewhere)
    return others_on(list(seen.values_list("pk", flat=True)), besides=user, now=now)


def _now(besides: User, now: datetime) -> QuerySet[Visit]:
    here = Visit.objects.filter(lead__isnull=False, at__gt=now - HERE, user__is_active=True)
    return here.exclude(user=besides).order_by("-at", "-id")


def _is_less_urgent(here: Here) -> bool:
    return here.doing != Visit.Doing.CALLING


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
