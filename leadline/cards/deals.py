"""Which deals somebody may see and change: those of the leads that they may, and their own."""

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


def may_edit(user: User, deal: Deal) -> bool:
    """Whether the user may change a deal that they may see; as with its lead. One query."""
    if deal.lead_id is None:
        return deal.owner_id == user.pk or user.role in (Role.OWNER, Role.ADMIN)
    return queries.may_edit(user, deal.lead_id)
