"""Which deals somebody may see and change: those of the leads that they may, and their own."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from leadline.cards import queries, visibility
from leadline.cards.models import Card
from leadline.deals.models import Deal
from leadline.workspace.models import Role, User
from leadline.workspace.permissions import SEES


def visible_to(user: User) -> QuerySet[Deal]:
    """The deals that the user may see. One of no lead is its owner's and theirs who see all."""
    seen = Card.objects.filter(visibility.leads_visible_to(user), pk=OuterRef("lead"))
    alone = Q(lead=None) if SEES[Role(user.role)] == "all" else Q(lead=None, owner=user)
    return Deal.objects.filter(Exists(seen) | alone)


def editable(user: User, found: Iterable[Deal]) -> set[UUID]:
    """The ids of those deals, all of which the user may see, that they may change too; as with
    their leads. One query."""
    deals = list(found)
    leads = queries.editable(user, {deal.lead_id for deal in deals if deal.lead_id is not None})
    return {deal.pk for deal in deals if deal.lead_id in leads or _may_edit_alone(user, deal)}


def may_edit(user: User, deal: Deal) -> bool:
    """Whether the user may change a deal that they may see; as with its lead. One query."""
    return deal.pk in editable(user, [deal])


def _may_edit_alone(user: User, deal: Deal) -> bool:
    """A deal of no lead is its owner's, and theirs who may do everything."""
    is_theirs = deal.owner_id == user.pk or user.role in (Role.OWNER, Role.ADMIN)
    return deal.lead_id is None and is_theirs
