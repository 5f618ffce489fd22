"""What people are told, by the channels they have chosen: bell and digest are rows of `routing`,
mail and push go through the one gate outward."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from leadline.cards.models import Card
from leadline.cards.queries import CALLED
from leadline.delivery import devices, outbox
from leadline.delivery.models import Device, Message
from leadline.delivery.outbox import Draft
from leadline.flow import rulebook
from leadline.lib import clock
from leadline.routing import notice_kinds, notifications
from leadline.routing.notice_kinds import Channel
from leadline.routing.notifications import Notice, Told
from leadline.workspace import kept, readers, spoken
from leadline.workspace.models import User


def tell(notices: Sequence[Notice], *, now: datetime) -> list[Told]:
    """Tell people, each by the channels they want; returns what was told. One transaction.

    What joins a notification that has gone out by mail already is not mailed again; a device hears
    of it twice only when time runs out.
    """
    if not notices:
        return []
    with transaction.atomic(savepoint=False):
        told = notifications.tell(notices, now=now)
        _mail([each for each in told if Channel.MAIL in each.channels], now=now)
        _push([each for each in told if Channel.PUSH in each.channels], now=now)
    return told


def _mail(told: Sequence[Told], *, now: datetime) -> None:
    if not told:
        return
    people = _active(told)
    base_url = rulebook.current(now).base_url
    names = _names([each.notice for each in told])
    drafts = [
        _letter(
            each,
            people[each.notice.user_id],
            about=names.get(each.notice.lead_id, ""),
            base_url=base_url,
        )
        for each in told
        if each.notice.user_id in people
    ]
    outbox.put(drafts, now=now)


def _active(told: Sequence[Told]) -> Mapping[UUID, User]:
    wanted = {each.notice.user_id for each in told}
    return {each.pk: each for each in User.objects.filter(pk__in=wanted, is_active=True)}


def _letter(told: Told, person: User, *, about: str, base_url: str) -> Draft:
    notice, kind = told.notice, notice_kinds.of(told.notice.kind)
    with readers.speaking_to(readers.of(person)):
        lines = [kept.told_of(outbox.one_line(notice.about or about), notice.text)]
        if notice.due_us is not None:
            due = spoken.weekday_and_time(clock.from_micros(notice.due_us))
            lines.append(_("Please answer by %(when)s.") % {"when": due})
        lines += ["", f"{base_url}{path_of(notice)}", "", str(kind.why),
                  _("What you are told, and how: %(address)s")
                  % {"address": f"{base_url}/settings/notifications"}]  # fmt: skip
        subject = outbox.one_line(str(kind.label))
    return Draft(
        kind=Message.Kind.NOTIFICATION,
        cause=f"notice:{told.id}",
        to_address=person.email,
        subject=subject,
        text="\n".join(lines),
        lead_id=notice.lead_id,
    )


def _push(told: Sequence[Told], *, now: datetime) -> None:
    """One push for each device in which the person is signed in; none, no more queries."""
    waking = devices.awake({each.notice.user_id for each in told}, now=now) if told else []
    if not waking:
        return
    names = _names([each.notice for each in told])
    outbox.put(
        [
            _shout(each, device, about=names.get(each.notice.lead_id, ""))
            for each in told
            for device in waking
            if device.user_id == each.notice.user_id
        ],
        now=now,
    )


def _shout(told: Told, device: Device, *, about: str) -> Draft:
    """Name and why, no more; on a device that shows no names, only of which kind it is."""
    with readers.speaking_to(readers.of(device.user)):
        label = str(notice_kinds.of(told.notice.kind).label)
        text = kept.told(told.notice.text)
    title = outbox.one_line(told.notice.about or about) or label
    if not device.shows_names:
        title, text = "Leadline", label
    # What joins a notification is not pushed again, but for the warning that time runs out: within
    # five minutes of a hot lead that would never come. On the device it replaces what stands there.
    again = ":due" if told.notice.kind == "due_soon" else ""
    return Draft(
        kind=Message.Kind.PUSH, cause=f"push:{told.id}:{device.pk}{again}", to_address="",
        subject=title, text=text, lead_id=told.notice.lead_id, device_id=device.pk,
    )  # fmt: skip


def _names(notices: Sequence[Notice]) -> Mapping[UUID | None, str]:
    """Lead → what it is called, for those that the notices do not name themselves."""
    unnamed = [each.lead_id for each in notices if each.lead_id and not each.about]
    return dict(Card.objects.filter(pk__in=unnamed).values_list("pk", CALLED)) if unnamed else {}


def path_of(notice: Notice) -> str:
    """Where there is more to see: the lead's page, else the day's."""
    return f"/leads/{notice.lead_id}" if notice.lead_id else "/today"
