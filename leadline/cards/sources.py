"""The sources there are, for who filters by one: compared without case, a bounded look."""

from collections import Counter

from leadline.cards import time_box, visibility
from leadline.cards.models import Card
from leadline.workspace.models import User

NEWEST = 2_000
"""So many of the newest leads are looked at: a source of none of them has to be written exactly."""
MOST = 50
_SECONDS = 0.25


def known(user: User) -> list[str]:
    """The sources of the newest leads that the user may see, one spelling each, by name; at most
    50, the most frequent. Nothing when it takes too long. One query."""
    spelt = _counted(user)
    common: dict[str, str] = {}
    for source, _count in spelt.most_common():
        common.setdefault(source.casefold(), source)
    return sorted(list(common.values())[:MOST], key=str.casefold)


def spellings(user: User, written: str) -> tuple[str, ...]:
    """How the source that somebody has written is spelt by leads that they may see, the most
    frequent first; the text itself when none is found. One query."""
    wanted = written.casefold()
    found = [source for source, _count in _counted(user).most_common()]
    return tuple(each for each in found if each.casefold() == wanted) or (written,)


def _counted(user: User) -> Counter[str]:
    seen = Card.objects.filter(visibility.leads_visible_to(user)).order_by("-created_at", "-lead")
    try:
        with time_box.at_most(_SECONDS):
            return Counter(filter(None, seen.values_list("source", flat=True)[:NEWEST]))
    except time_box.TooSlow:
        return Counter()
