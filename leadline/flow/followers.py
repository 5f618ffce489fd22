"""News of a lead for those who follow it and may still see it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_noop as _noop

from leadline.activities.models import Activity
from leadline.cards import visibility
from leadline.cards.models import Card
from leadline.flow import notices
from leadline.routing import follows
from leadline.routing.notifications import Notice
from leadline.workspace.models import User

_DONE = {
    Activity.Kind.CALL: _noop("%(who)s called %(lead)s"),
    Activity.Kind.MAIL: _noop("%(who)s wrote to %(lead)s"),
    Activity.Kind.MEETING: _noop("%(who)s met %(lead)s"),
    Activity.Kind.NOTE: _noop("%(who)s wrote a note about %(lead)s"),
}


@dataclass(frozen=True, slots=True)
class News:
    """What to say about a lead; `by` did it, and those in `told` know it already."""

    text: str
    by: UUID | None = None
    told: Collection[UUID] = ()


def tell(news: Mapping[UUID, News], *, now: datetime) -> int:
    """Tell the followers of these leads; how many. One query while nobody follows any of them.

    Otherwise one more for each follower: what they may see is asked anew each time.
    """
    following = follows.followers(news)
    if not following:
        return 0
    people = User.objects.in_bulk({each for mine in following.values() for each in mine})
    seen = {pk: _visible(person, following) for pk, person in people.items()}
    told = [
        Notice(user_id, lead_id, "followed", news[lead_id].text, by=news[lead_id].by)
        for lead_id, mine in following.items()
        for user_id in mine
        if lead_id in seen[user_id] and user_id not in news[lead_id].told
    ]
    return len(notices.tell(told, now=now))


def tell_of(activity: Activity, *, told: Collection[UUID], now: datetime) -> int:
    """Somebody called, wrote, met or noted; `told` are those who were named in it."""
    following = follows.followers([activity.lead_id])
    if not following:
        return 0
    said = {"who": _name(activity.by_id), "lead": name_of(activity.lead_id)}
    text = _DONE[Activity.Kind(activity.kind)] % said
    return tell({activity.lead_id: News(text, activity.by_id, told)}, now=now)


def tell_of_stage(lead_id: UUID, stage: str, *, by: UUID | None, now: datetime) -> int:
    """The stage is another one now; `stage` is its name for people."""
    if not follows.followers([lead_id]):
        return 0
    said = {"lead": name_of(lead_id), "stage": stage}
    return tell({lead_id: News(stage_sentence(**said), by)}, now=now)


def stage_sentence(*, lead: str, stage: str) -> str:
    return _noop("%(lead)s is now %(stage)s") % {"lead": lead, "stage": stage}


def name_of(lead_id: UUID) -> str:
    """How the lead is called on its card."""
    found = Card.objects.filter(pk=lead_id).values_list("name", "email").first()
    return next((each for each in found or () if each), None) or _noop("Somebody")


def _name(user_id: UUID | None) -> str:
    person = User.objects.filter(pk=user_id).first() if user_id else None
    return str(person) if person else _noop("Somebody")


def _visible(person: User, lead_ids: Collection[UUID]) -> set[UUID]:
    mine = Card.objects.filter(visibility.leads_visible_to(person), pk__in=list(lead_ids))
    return set(mine.values_list("pk", flat=True))
