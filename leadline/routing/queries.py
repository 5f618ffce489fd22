"""What rules, screens, the API and the cards ask about routing."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from django.db import connection
from django.db.models import Exists, OuterRef

from leadline.lib import rows
from leadline.lib.ids import as_uuid
from leadline.routing.models import Assignment, Clock


@dataclass(frozen=True, slots=True)
class Owned:
    """Who has a lead, since when, and why in one sentence. Names are empty without an owner."""

    lead_id: uuid.UUID
    owner_id: uuid.UUID | None
    owner_name: str
    owner_email: str
    team_id: int | None
    team_name: str
    sentence: str
    since: datetime


def owned(lead_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Owned]:
    """Who has each lead now; leads that were never assigned are missing. One query."""
    later = Assignment.objects.filter(lead_id=OuterRef("lead_id"), id__gt=OuterRef("id"))
    newest = Assignment.objects.filter(~Exists(later), lead_id__in=list(lead_ids))
    return {a.lead_id: _owned(a) for a in newest.select_related("owner", "team")}


def owner_sentence(lead_id: uuid.UUID) -> str:
    """Why the owner has the lead; "" when it was never assigned."""
    found = owned([lead_id]).get(lead_id)
    return found.sentence if found else ""


def assignments_of(lead_ids: Sequence[uuid.UUID]) -> list[Assignment]:
    """Every assignment of these leads with owner and giver, newest first. One query."""
    mine = Assignment.objects.filter(lead_id__in=list(lead_ids))
    return list(mine.select_related("owner", "owner_before", "by", "team").order_by("-id"))


def clocks_of(lead_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Clock]:
    """The newest clock of each lead that ever had one. One query."""
    later = Clock.objects.filter(lead_id=OuterRef("lead_id"), id__gt=OuterRef("id"))
    newest = Clock.objects.filter(~Exists(later), lead_id__in=list(lead_ids))
    return {each.lead_id: each for each in newest.select_related("policy")}


def clock_of(lead_id: uuid.UUID) -> Clock | None:
    """The lead's newest clock, with its policy; None when it never had one."""
    return clocks_of([lead_id]).get(lead_id)


def _owned(assignment: Assignment) -> Owned:
    owner, team = assignment.owner, assignment.team
    return Owned(
        lead_id=assignment.lead_id,
        owner_id=assignment.owner_id,
        owner_name=str(owner) if owner else "",
        owner_email=owner.email if owner else "",
        team_id=assignment.team_id,
        team_name=team.name if team else "",
        sentence=assignment.because,
        since=assignment.at,
    )


def had_since_us(lead_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Since when each lead has the owner that it has now, in microseconds; those without one are
    missing. Another team with the same owner begins nothing. One query."""
    last: dict[uuid.UUID, tuple[object, int]] = {}
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            "SELECT id, lead_id, owner_id, at FROM routing_assignment WHERE lead_id {in}",
            lead_ids,
            vendor=connection.vendor,
        )
    for _id, key, owner, at_us in sorted(found, key=itemgetter(0)):
        lead_id = as_uuid(key)
        if lead_id not in last or last[lead_id][0] != owner:
            last[lead_id] = (owner, at_us)
    return {lead_id: at_us for lead_id, (owner, at_us) in last.items() if owner is not None}
