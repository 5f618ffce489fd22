"""One mail a day of what could wait: at eight, on working days, if there is anything."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadline.cards import visibility
from leadline.cards.models import Card
from leadline.cards.queries import CALLED
from leadline.delivery import outbox
from leadline.delivery.models import Message
from leadline.delivery.outbox import Draft
from leadline.flow import rulebook
from leadline.routing import calendars, hours, notifications, rotations
from leadline.routing.hours import Hours
from leadline.routing.models import Notification
from leadline.workspace import kept, readers
from leadline.workspace.models import User

SEND = "notifications.digest"
FROM_HOUR = 8
MOST_LINES = 40


def send(_arguments: Mapping[str, object], now: datetime) -> int:
    """Put the mails that are due now into the outbox; returns how many. The verb of a job.

    At most one per person and local day, whatever runs twice: the outbox knows its cause. What
    came after eight waits for the next; what the person has read, or may not see any more, is
    left out.
    """
    people = notifications.waiting_for_digest()
    calendar = calendars.default()
    away = rotations.away(now)
    due = [
        person for person in User.objects.filter(pk__in=people, is_active=True).order_by("pk")
        if person.pk not in away and is_time(person, calendar, now=now)
    ]  # fmt: skip
    sent = _sent_already(due, now=now)
    return sum(_send_one(person, now=now) for person in due if _cause(person, now) not in sent)


def is_time(person: User, calendar: Hours | None, *, now: datetime) -> bool:
    """Whether it is eight or later where the person is, on a day on which the house works.

    Without a calendar Monday to Friday are working days.
    """
    morning = _morning(person, now=now)
    if now < morning:
        return False
    if calendar is None:
        return morning.weekday() < 5
    return hours.is_working_day(calendar, morning.date())


def _morning(person: User, *, now: datetime) -> datetime:
    """Eight o'clock of the person's today, in their zone."""
    local = now.astimezone(hours.named_zone(person.time_zone))
    return local.replace(hour=FROM_HOUR, minute=0, second=0, microsecond=0)


def _cause(person: User, now: datetime) -> str:
    return f"digest:{person.pk}:{_morning(person, now=now).date().isoformat()}"


def _sent_already(people: Sequence[User], *, now: datetime) -> set[str]:
    causes = [_cause(person, now) for person in people]
    return set(Message.objects.filter(cause__in=causes).values_list("cause", flat=True))


def _send_one(person: User, *, now: datetime) -> int:
    """One person's mail and the mark on what is in it: both or neither."""
    with transaction.atomic():
        found = notifications.take_for_digest(person.pk, before=_morning(person, now=now))
        shown = _visible(found, person)
        return outbox.put([_letter(person, shown, now=now)], now=now) if shown else 0


def _visible(found: Sequence[Notification], person: User) -> list[tuple[Notification, str]]:
    """Each with what its lead is called, without those about leads that the person may not see
    now, or that are in the trash."""
    about = {each.lead_id for each in found if each.lead_id is not None}
    mine = Card.objects.filter(visibility.leads_visible_to(person), Q(pk__in=about))
    names: dict[UUID | None, str] = {None: ""}
    if about:
        names |= dict(mine.values_list("pk", CALLED))
    return [(each, names[each.lead_id]) for each in found if each.lead_id in names]


def _letter(person: User, shown: Sequence[tuple[Notification, str]], *, now: datetime) -> Draft:
    base_url = rulebook.current(now).base_url
    with readers.speaking_to(readers.of(person)):
        lines = [_line(each, about, base_url=base_url) for each, about in shown[:MOST_LINES]]
        rest = len(shown) - MOST_LINES
        if rest > 0:
            lines.append(ngettext("and %(count)d more", "and %(count)d more", rest)
                         % {"count": rest})  # fmt: skip
        lines += ["", _("What you are told, and how: %(address)s")
                  % {"address": f"{base_url}/settings/notifications"}]  # fmt: skip
        said = ngettext("%(count)d thing you have not read", "%(count)d things you have not read",
                        len(shown))  # fmt: skip
        subject = said % {"count": len(shown)}
    return Draft(
        kind=Message.Kind.NOTIFICATION, cause=_cause(person, now), to_address=person.email,
        subject=subject, text="\n".join(lines),
    )  # fmt: skip


def _line(each: Notification, about: str, *, base_url: str) -> str:
    path = f"/leads/{each.lead_id}" if each.lead_id else "/today"
    return f"{kept.told_of(outbox.one_line(about), each.text)}\n{base_url}{path}\n"
