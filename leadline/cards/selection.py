"""Many leads at once: what a list means in full, and which leads somebody may see or change."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from leadline.cards import queries, time_box, visibility
from leadline.cards.models import Card
from leadline.cards.queries import Listing
from leadline.workspace import permissions
from leadline.workspace.models import User


def count(listing: Listing) -> int:
    """Exactly how many leads the listing holds. Raises NotForLists, TooSlow (after 2 s)."""
    cards = queries.matching(listing)
    with time_box.at_most():
        return cards.count()


def count_editable(listing: Listing) -> int:
    """How many of them its reader may change. Raises as `count` does."""
    if not permissions.may(listing.user, "edit_leads"):
        return 0
    cards = queries.matching(listing).filter(visibility.editable_by(listing.user))
    with time_box.at_most():
        return cards.count()


def walk(listing: Listing, *, beyond: UUID | None, until: datetime, limit: int) -> list[UUID]:
    """The next leads of the listing in the order of their ids, at most `limit`.

    Leads that came after `until` are left out, so a walk ends. Raises as `count` does.
    """
    cards = queries.matching(listing).filter(created_at__lte=until)
    if beyond is not None:
        cards = cards.filter(pk__gt=beyond)
    with time_box.at_most():
        return list(cards.order_by("pk").values_list("pk", flat=True)[:limit])


def visible(user: User, lead_ids: Collection[UUID]) -> set[UUID]:
    """Those of the leads that the user may see. One query."""
    cards = Card.objects.filter(visibility.leads_visible_to(user), pk__in=list(lead_ids))
    return set(cards.values_list("pk", flat=True))


def editable(user: User, lead_ids: Collection[UUID]) -> set[UUID]:
    """Those of the leads that the user may change, as `queries.may_edit` says of one. One query."""
    if not permissions.may(user, "edit_leads"):
        return set()
    cards = Card.objects.filter(visibility.editable_by(user), pk__in=list(lead_ids))
    return set(cards.values_list("pk", flat=True))
