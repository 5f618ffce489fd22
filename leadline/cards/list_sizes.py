"""How many leads are on the static lists: those that somebody may see, and all that are here.

Leads that were merged into another or lie in the trash have no card and do not count.
"""

from django.db.models import QuerySet

from leadline.cards import visibility
from leadline.cards.models import Card
from leadline.segments import lists
from leadline.workspace.models import User


def seen_by(user: User) -> dict[int, int]:
    """By the number of the list; those without a lead that the user may see are missing."""
    return lists.sizes(Card.objects.filter(visibility.leads_visible_to(user)).values("pk"))


def of_all() -> dict[int, int]:
    """By the number of the list or segment, whoever may see its leads. One query."""
    return lists.sizes(Card.objects.values("pk"))


def seen_of(key: str, user: User) -> int:
    """How many leads of one list the user may see. One query."""
    return _on(key).filter(visibility.leads_visible_to(user)).count()


def of(key: str) -> int:
    """How many leads are on one list, whoever may see them. One query."""
    return _on(key).count()


def _on(key: str) -> QuerySet[Card, Card]:
    return Card.objects.filter(pk__in=lists.members(key).values("lead"))
