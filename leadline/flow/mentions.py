"""Colleagues who are named in a note: told when they may see the lead, else not a word."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Aggregate, CharField, Count, Exists, Min, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop as _noop

from leadline.activities import names
from leadline.activities.models import Activity
from leadline.cards import visibility
from leadline.cards.models import Card
from leadline.flow import notices
from leadline.routing.notifications import Notice
from leadline.workspace.models import User

Leads = QuerySet[Any, Any]  # rows of ids of leads

MOST = 20
_SHOWN = 160


class Mentioned(msgspec.Struct, frozen=True):
    """The people a text names: who may see the lead, and who may not."""

    told: list[User] = []
    blind: list[User] = []


class Named(msgspec.Struct, frozen=True):
    """Somebody whom a text about many leads names: how many of these they may see, and one."""

    user_id: UUID
    count: int
    lead_id: UUID


class Offered(msgspec.Struct, frozen=True):
    """A colleague to choose, and what stands after the @ so that they alone are meant."""

    person: User
    written: str


def tell(activity: Activity, *, now: datetime) -> list[UUID]:
    """Notify whom the text names and who may see the lead; who. Nobody tells themselves."""
    told = read(activity).told
    if not told:
        return []
    by = User.objects.filter(pk=activity.by_id).first() if activity.by_id else None
    said = _noop("%(who)s mentioned you: %(text)s") % {
        "who": by or _noop("Somebody"),
        "text": shortened(activity.text),
    }
    by_id = activity.by_id
    named = [Notice(each.pk, activity.lead_id, "mention", said, by=by_id) for each in told]
    notices.tell(named, now=now)
    return [each.pk for each in told]


def read(activity: Activity) -> Mentioned:
    """Whom the text names, at most twenty. Without an @ no query; else two."""
    others = _named(activity.text, by_id=activity.by_id)
    seeing = _seeing(activity.lead_id, others)
    return Mentioned(
        [each for each in others if each.pk in seeing],
        [each for each in others if each.pk not in seeing],
    )


def of_many(text: str, leads: Leads, *, by_id: UUID) -> list[Named]:
    """Whom a text about many leads names, without those who may see none of the leads.

    Without an @ no query; else two.
    """
    others = _named(text, by_id=by_id)
    if not others:
        return []
    asked: dict[str, Aggregate] = {}
    for each in others:
        sees = visibility.leads_visible_to(each)
        asked[f"count_{each.pk.hex}"] = Count("pk", filter=sees)
        # As text, because PostgreSQL knows no least UUID.
        asked[f"lead_{each.pk.hex}"] = Min(Cast("pk", CharField()), filter=sees)
    found = Card.objects.filter(pk__in=leads).aggregate(**asked)
    return [
        Named(each.pk, found[f"count_{each.pk.hex}"], UUID(found[f"lead_{each.pk.hex}"]))
        for each in others
        if found[f"count_{each.pk.hex}"]
    ]


def shortened(text: str) -> str:
    """As much of a text as a notification shows."""
    return " ".join(text.split())[:_SHOWN]


def offer(lead_id: UUID | None, typed: str, *, by: UUID, limit: int = 8) -> list[Offered]:
    """Colleagues whose name or address begins with what was typed after an @, with what to write.

    Only those who may see the lead, since nobody else would be told; without a lead (a note on
    many) everybody. Two queries, one without a lead.
    """
    everybody = list(User.objects.filter(is_active=True).order_by("name", "email"))
    counts = Counter(each.name.strip().casefold() for each in everybody)
    wanted = typed.strip().casefold()
    fitting = [each for each in everybody if each.pk != by and _fits(each, wanted)][:MOST]
    seeing = {each.pk for each in fitting} if lead_id is None else _seeing(lead_id, fitting)
    return [
        Offered(each, each.name.strip() if counts[each.name.strip().casefold()] == 1
                and each.name.strip() else each.email)
        for each in fitting
        if each.pk in seeing
    ][:limit]  # fmt: skip


def _named(text: str, *, by_id: UUID | None) -> list[User]:
    """Whom the text names, at most twenty, without who wrote it. One query, none without an @."""
    if "@" not in text:
        return []
    people = {each.pk: each for each in User.objects.filter(is_active=True)}
    spellings = {pk: _spellings(each) for pk, each in people.items()}
    named = names.named(text, spellings=spellings)[:MOST]
    return [people[pk] for pk in named if pk != by_id]


def _fits(person: User, wanted: str) -> bool:
    """Each word of the name counts as a beginning, so that family names are found."""
    words = person.name.casefold().split()
    beginnings = [" ".join(words[place:]) for place in range(len(words))]
    return any(each.startswith(wanted) for each in [*beginnings, person.email.casefold()])


def _spellings(person: User) -> list[str]:
    """Name, address, and each word of the name: which one colleagues call somebody by differs from
    place to place, and two people who share a word are not meant by it."""
    return [person.name, person.email, *person.name.split()]


def _seeing(lead_id: UUID, people: Sequence[User]) -> set[UUID]:
    """Which of these people may see the lead. One query, none for nobody."""
    if not people:
        return set()
    asked = {
        f"sees_{place}": Exists(
            Card.objects.filter(visibility.leads_visible_to(each), pk=OuterRef("pk"))
        )
        for place, each in enumerate(people)
    }
    found = Card.objects.filter(pk=lead_id).annotate(**asked).values(*asked).first() or {}
    return {each.pk for place, each in enumerate(people) if found.get(f"sees_{place}")}
