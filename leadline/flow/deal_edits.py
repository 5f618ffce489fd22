"""A colleague changes one value of a deal where it stands; never its name, amount or state."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from leadline.deals import deals, values
from leadline.deals.models import Deal
from leadline.flow import edits, story
from leadline.flow.edits import Conflict, NotAValue, Place
from leadline.leads import locks
from leadline.lib import clock
from leadline.workspace.fields import DEAL
from leadline.workspace.models import Field, User


def places(user: User) -> dict[str, Place]:
    """The fields of deals that the person may see, by name, in the order shown. One query."""
    return {row.name: Place(row.name, row.label, row) for row in values.fields_for(user)}


def current(deal: Deal, name: str) -> object:
    """The stored value of a field of a deal, None for none."""
    return deal.traits.get(name.removeprefix(DEAL))


def edit(
    deal_id: UUID, place: Place, value: object, *, seen: object, by: User, now: datetime
) -> bool:
    """Make the value what somebody typed over `seen`; None empties it. False when it was so.

    The lead's story tells it. Raises Deal.DoesNotExist, NotAValue, and Conflict when neither what
    was seen nor what is wanted stands there.
    """
    with transaction.atomic():
        locks.passing()
        deal = Deal.objects.select_for_update().get(pk=deal_id)
        known = current(deal, place.name)
        if known == value:
            return False
        if known != seen:
            raise Conflict(known, None, None)
        try:
            deals.describe(deal_id, traits={place.name.removeprefix(DEAL): value}, now=now)
        except values.Misfit as refusal:
            raise NotAValue(refusal.reason) from None
        if deal.lead_id is not None:
            said = line(deal, place, known, value)
            story.tell([deal.lead_id], edits.EDITED, said, by=by, now_us=clock.micros(now))
    return True


def line(deal: Deal, place: Place, before: object, after: object) -> dict[str, object]:
    """What the lead's story says. Amounts are left out: not everybody who reads it may see them."""
    said = edits.line(place, before, after)
    if deal.name:
        said["field"] = f"{place.label} ({deal.name})"
    if place.field is not None and place.field.type == Field.Type.MONEY:
        return {**{key: said[key] for key in ("field", "name")}, "is_sensitive": True}
    return said
