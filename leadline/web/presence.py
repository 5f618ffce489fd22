"""Who else is on a lead, in words: "Ben is calling, 2 min". For the lead's page and for lists.

Only ever about leads that the reader may see; the names are those of colleagues.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leadline.cards import visits
from leadline.cards.models import Visit
from leadline.cards.visits import Here
from leadline.web import moments
from leadline.workspace.models import User

_SAID: Mapping[str, str | Promise] = {
    Visit.Doing.LOOKING: _("%(who)s is looking at this"),
    Visit.Doing.WRITING: _("%(who)s is writing something down"),
    Visit.Doing.EDITING: _("%(who)s is changing something"),
    Visit.Doing.CALLING: _("%(who)s is calling"),
}
_ICONS = {Visit.Doing.LOOKING: "peek", Visit.Doing.CALLING: "call"}
_MINUTE_SECONDS = 60


@dataclass(frozen=True)
class Presence:
    """Everybody else who is on one lead: the first in front, all of them in one text.

    `act` is without the minutes, so that a screen reader hears of a change and not of the time.
    """

    names: Sequence[str]
    icon: str
    first: str
    act: str
    all: str


def of(here: Sequence[Here], *, now: datetime) -> Presence:
    """One or more who are on a lead."""
    said = [_sentence(each, now=now) for each in here]
    return Presence(
        [str(each.user) for each in here],
        _ICONS.get(Visit.Doing(here[0].doing), "note"),
        said[0],
        " · ".join(_act(each) for each in here),
        " · ".join(said),
    )


def on(lead_ids: Collection[UUID], user: User, *, now: datetime) -> dict[UUID, Presence]:
    """Per lead that somebody else is on; the caller has checked that the user may see the leads.
    One query."""
    found = visits.others_on(lead_ids, besides=user, now=now)
    return {key: of(here, now=now) for key, here in found.items()}


def anywhere(user: User, *, now: datetime) -> dict[UUID, Presence]:
    """The same for every lead that the user may see. At most three queries."""
    found = visits.others_anywhere(user, now=now)
    return {key: of(here, now=now) for key, here in found.items()}


def _act(here: Here) -> str:
    return str(_SAID[here.doing]) % {"who": here.user}


def _sentence(here: Here, *, now: datetime) -> str:
    seconds = (now - here.began_at).total_seconds()
    if seconds < _MINUTE_SECONDS:
        return _act(here)
    return f"{_act(here)}, {moments.span(seconds)}"
