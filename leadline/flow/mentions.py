"""Colleagues who are named in a note: told when they may see the lead, else not a word."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from leadline.activities import names
from leadline.activities.models import Activity
from leadline.cards import visibility
from leadline.cards.models import Card
from leadline.flow import notices
from leadline.routing.notifications import Notice
from leadline.workspace.models import User

MOST = 20
_SHOWN = 160


class Mentioned(msgspec.Struct, frozen=True):
    """The people a text names: who may see the lead, and who may not."""

    told: list[User] = []
    blind: list[User] = []


def tell(activity: Activity, *, now: datetime) -> list[UUID]:
    """Notify whom the text names and who may see the lead; who. Nobody tells themselves."""
    told = read(activity).told
    if not told:
        return []
    by = User.objects.filter(pk=activity.by_id).first() if activity.by_id else None
    shown = " ".join(activity.text.split())[:_SHOWN]
    said = _noop("%(who)s mentioned you: %(text)s") % {"who": by or _("Somebody"), "text": shown}
    by_id = activity.by_id
    named = [Notice(each.pk, activity.lead_id, "mention", said, by=by_id) for each in told]
    notices.tell(named, now=now)
    return [each.pk for each in told]


def read(activity: Activity) -> Mentioned:
    """Whom the text names, at most twenty. Without an @ no query; else one, and one per person."""
    if "@" not in activity.text:
        return Mentioned()
    people = {each.pk: each for each in User.objects.filter(is_active=True)}
    spellings = {
        pk: [each.name, each.email, each.name.split()[0] if each.name.strip() else ""]
        for pk, each in people.items()
    }
    named = names.named(activity.text, spellings=spellings)[:MOST]
    found = Mentioned([], [])
    for pk in named:
        if pk != activity.by_id:
            may_see = _may_see(people[pk], activity)
            (found.told if may_see else found.blind).append(people[pk])
    return found


def _may_see(user: User, activity: Activity) -> bool:
    cards = Card.objects.filter(visibility.leads_visible_to(user), pk=activity.lead_id)
    return cards.exists()
