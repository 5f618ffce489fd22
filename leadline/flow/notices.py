"""What people are told, by the channels they have chosen: bell and digest are rows of `routing`,
mail and push go through the one gate outward."""

from collections.abc import Collection, Mapping, Sequence
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

    What joins a notification that has gone out already goes out again only when it says that time
    runs out: to the devices, or by mail to whom no device tells it.
    """
    if not notices:
        return []
    with transaction.atomic(savepoint=False):
        told = notifications.tell(notices, now=now)
        pushed = [each for each in told if Channel.PUSH in each.channels]
        waking = devices.awake({each.notice.user_id for each in pushed}, now=now) if pushed else []
        awake = {device.user_id for device in waking}
        reached = {each.id for each in pushed if each.notice.user_id in awake}
        _mail([each for each in told if Channel.MAIL in each.channels], reached=reached, now=now)
        _push(pushed, waking, now=now)
    return told


def _mail(told: Sequence[Told], *, reached: Collection[int], now: datetime) -> None:
    """One mail for each; `reached` are those that a device tells of."""
    if not told:
        return
    people = _active(told)
    again = _again([each for each in told if each.id not in reached])
    base_url = rulebook.current(now).base_url
    names = _names([each.notice for each in told])
    drafts = [
        _letter(
            each,
            people[each.notice.user_id],
            about=names.get(each.notice.lead_id, ""),
            base_url=base_url,
            again=":due" if each.id in again else "",
        )
        for each in told
        if each.notice.user_id in people
    ]
    outbox.put(drafts, now=now)


def _again(told: Sequence[Told]) -> set[int]:
    """Which of these say that time runs out, and joined what was mailed already.

    They are mailed once more. A hot lead is to be answered within minutes, so that its warning
    always comes within the ten in which one lead is one mail: who has no device in which they are
    signed in would never hear of it. Who has one hears there, and gets no second mail.
    """
    due = {_cause(each): each.id for each in told if each.notice.kind == "due_soon"}
    if not due:
        return set()
    mailed = Message.objects.filter(cause__in=list(due)).values_list("cause", flat=True)
    return {due[cause] for cause in mailed}


def _cause(told: Told) -> str:
    return f"notice:{told.id}"


def _active(told: Sequence[Told]) -> Mapping[UUID, User]:
    wanted = {each.notice.user_id for each in told}
    return {each.pk: each for each in User.objects.filter(pk__in=wanted, is_active=True)}


def _letter(told: Told, person: User, *, about: str, base_url: str, again: str) -> Draft:
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
        cause=_cause(told) + again,
        to_address=person.email,
        subject=subject,
        text="\n".join(lines),
        lead_id=notice.lead_id,
    )


def _push(told: Sequence[Told], waking: Sequence[Device], *, now: datetime) -> None:
    """One push for each device in which the person is signed in; none, no query."""
    if not waking:
        return
    names = _names([each.notice for each in told])
    pairs = [
        (each, device)
        for each in told
        for device in waking
        if device.user_id == each.notice.user_id
    ]
    # What joins a notification is not pushed again, but for the warning that time runs out: within
    # five minutes of a hot lead that would never come. On the device it replaces what stands there.
    due = [_rung(each, device) for each, device in pairs if each.notice.kind == "due_soon"]
    known = Message.objects.filter(cause__in=due).values_list("cause", flat=True) if due else []
    again = set(known)
    drafts = []
    for each, device in pairs:
        cause = _rung(each, device)
        cause += ":due" if cause in again else ""
        about = names.get(each.notice.lead_id, "")
        drafts.append(_shout(each, device, cause=cause, about=about))
    outbox.put(drafts, now=now)


def _rung(told: Told, device: Device) -> str:
    return f"push:{told.id}:{device.pk}"


def _shout(told: Told, device: Device, *, cause: str, about: str) -> Draft:
    """Name and why, no more; on a device that shows no names, only of which kind it is."""
    with readers.speaking_to(readers.of(device.user)):
        label = str(notice_kinds.of(told.notice.kind).label)
        text = kept.told(told.notice.text)
    title = outbox.one_line(told.notice.about or about) or label
    if not device.shows_names:
        title, text = "Leadline", label
    return Draft(
        kind=Message.Kind.PUSH, cause=cause, to_address="", subject=title, text=text,
        lead_id=told.notice.lead_id, device_id=device.pk,
    )  # fmt: skip


def _names(notices: Sequence[Notice]) -> Mapping[UUID | None, str]:
    """Lead → what it is called, for those that the notices do not name themselves."""
    unnamed = [each.lead_id for each in notices if each.lead_id and not each.about]
    return dict(Card.objects.filter(pk__in=unnamed).values_list("pk", CALLED)) if unnamed else {}


def path_of(notice: Notice) -> str:
    """Where there is more to see: the lead's page, else the day's."""
    return f"/leads/{notice.lead_id}" if notice.lead_id else "/today"
