"""The sources there are, for who filters by one: compared without case, a bounded look.

What the newest leads have comes from their cards, the most frequent first; all that any lead ever
had stands in a small table, by whose leads they are.
"""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from leadline.cards import time_box, visibility
from leadline.cards.models import Card, KnownSource
from leadline.lib import rows
from leadline.lib.rows import Cursor
from leadline.workspace.models import Role, User
from leadline.workspace.permissions import SEES

NEWEST = 2_000
"""So many of the newest leads are looked at for what is offered before anything is typed."""
MOST = 50
_SECONDS = 0.25
_FOLDED = 400
_COLUMNS = ("source", "folded", "audience")

Whose = tuple[str, UUID | None, int | None]
"""The source, the owner and the team of a lead."""


def known(user: User, typed: str = "") -> list[str]:
    """The sources that the user may see in which `typed` stands, one spelling each, by name; at
    most 50, what begins with it and what is frequent first. One query, two with `typed`.

    Without `typed` those of the newest leads; nothing of these when it takes too long.
    """
    part, common = typed.strip().casefold(), dict[str, str]()
    for source, _count in _counted(user).most_common():
        common.setdefault(source.casefold(), source)
    if part:
        for source, folded in _containing(user, part):
            common.setdefault(folded, source)
    found = [source for folded, source in common.items() if part in folded]
    found.sort(key=lambda source: not source.casefold().startswith(part))
    return sorted(found[:MOST], key=str.casefold)


def spellings(user: User, written: str) -> tuple[str, ...]:
    """How the source that somebody has written is spelt by leads that they may see, the most
    frequent first; the text itself when none is found. Two queries."""
    wanted = written.casefold()
    found = [source for source, _count in _counted(user).most_common()]
    found += _seen(user).filter(folded=_fold(written)).values_list("source", flat=True)
    spelt = (each for each in found if each.casefold() == wanted)
    return tuple(dict.fromkeys(spelt)) or (written,)


def follow(cursor: Cursor, leads: Iterable[Whose], *, vendor: str) -> int:
    """Take in the sources of leads whose cards were written; how many were new to whom they are
    shown. One query, and one more when there are such."""
    named = sorted({(aud, each[0]) for each in leads if each[0] for aud in _audiences(each)})
    asked = "SELECT audience, source FROM cards_knownsource WHERE (audience, source) {in}"
    there = {(aud, source) for aud, source in rows.select_in(cursor, asked, named, vendor=vendor)}
    fresh = [
        (source, _fold(source), audience) for audience, source in named
        if (audience, source) not in there
    ]  # fmt: skip
    return rows.insert_ignore(cursor, "cards_knownsource", _COLUMNS, fresh, vendor=vendor)


def _containing(user: User, part: str) -> list[tuple[str, str]]:
    place = StrIndex(F("folded"), Value(part))
    found = _seen(user).filter(GreaterThan(place, 0)).annotate(place=place)
    pairs = found.order_by("place", "folded", "source").values_list("source", "folded")
    return list(pairs.distinct()[: MOST * 4])


def _seen(user: User) -> QuerySet[KnownSource, KnownSource]:
    if not user.is_active:
        return KnownSource.objects.none()
    if SEES[Role(user.role)] == "all":
        return KnownSource.objects.all()
    mine = ["", *_audiences(("", user.pk, user.team_id))]
    return KnownSource.objects.filter(audience__in=mine)


def _audiences(lead: Whose) -> list[str]:
    """Whom a lead is shown to besides those who see all, as `visibility.branches` says."""
    _source, owner_id, team_id = lead
    found = [f"user:{owner_id}"] if owner_id else []
    found += [f"team:{team_id}"] if team_id else []
    return found or [""]


def _fold(source: str) -> str:
    return source.casefold()[:_FOLDED]


def _counted(user: User) -> Counter[str]:
    seen = Card.objects.filter(visibility.leads_visible_to(user)).order_by("-created_at", "-lead")
    try:
        with time_box.at_most(_SECONDS):
            return Counter(filter(None, seen.values_list("source", flat=True)[:NEWEST]))
    except time_box.TooSlow:
        return Counter()
