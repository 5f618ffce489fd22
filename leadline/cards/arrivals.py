"""Leads that come while somebody reads a list: counted, so that no row moves under their eyes."""

from uuid import UUID

from leadline.cards import queries, time_box
from leadline.cards.models import Card
from leadline.cards.queries import Listing

MOST = 100
"""So many are counted; more are said to be so many and more."""
_LOOKED_AT = 1_000
_SECONDS = 0.5
_RANDOM_BITS = 80  # of an id; the 48 before them are the millisecond in which it was made


def since(listing: Listing, after_ms: int) -> int:
    """How many leads the listing holds that were made after a millisecond since 1970, at most 100,
    of the first thousand; 0 when that takes too long. At most two queries. Raises NotForLists.

    By their ids, not by `created_at`: a lead is as old as the first that is known of it. One that
    is made before the list is read and committed after it is missed until the list is read again:
    asking for the newest id instead would find it, and cost every list a query more.
    """
    first = UUID(int=(after_ms + 1) << _RANDOM_BITS)
    made = Card.objects.filter(pk__gte=first).order_by("pk").values_list("pk", flat=True)
    came = list(made[:_LOOKED_AT])
    if not came:
        return 0
    try:
        with time_box.at_most(_SECONDS):
            return queries.matching(listing).filter(pk__in=came).values("pk")[:MOST].count()
    except time_box.TooSlow:
        return 0
