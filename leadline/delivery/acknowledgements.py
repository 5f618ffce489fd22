"""After hours: say at once that the request has arrived, and when a person will answer.

Nothing that the person wrote goes into the message, so nobody can use the form to send words of
their own to other people's addresses.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from leadline.delivery import senders
from leadline.delivery.models import Message
from leadline.delivery.outbox import Draft
from leadline.lib import clock
from leadline.lib.clock import DAY
from leadline.routing import hours
from leadline.routing.hours import Hours


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody asked to be called back. `time_zone` is the person's own, as far as known;
    `cause` names the submission, so that it is answered once."""

    lead_id: uuid.UUID
    address: str
    time_zone: str | None
    cause: str


def drafts(
    asks: Sequence[Ask], *, calendar: Hours, workspace_zone: str, now: datetime
) -> list[Draft]:
    """The acknowledgements to put into the outbox; two queries, or none while somebody is there.

    Empty inside business hours, and until the sender has been tested and the text approved. At
    most one per address in 24 hours. The time is told in the person's zone; one that does not
    exist counts as unknown, and then it is the workspace's.
    """
    at_us = clock.micros(now)
    if not asks or hours.is_open(calendar, at_us):
        return []
    sender = senders.current()
    if not senders.may_acknowledge(sender):
        return []
    first = {ask.address: ask for ask in reversed(asks)}
    for address in _answered(list(first), since_us=at_us - DAY):
        del first[address]
    opening = clock.from_micros(hours.next_opening(calendar, at_us))
    return [
        Draft(
            kind=Message.Kind.ACKNOWLEDGEMENT,
            cause=f"acknowledgement:{ask.cause}",
            to_address=ask.address,
            subject=sender.acknowledgement_subject,
            text=told(
                sender.acknowledgement_text, when=spoken(opening, _zone(ask, workspace_zone))
            ),
            lead_id=ask.lead_id,
        )
        for ask in first.values()
    ]


def told(text: str, *, when: str) -> str:
    """The text with the time in its place; a text without a place gets a sentence at its end."""
    if senders.WHEN in text:
        return text.replace(senders.WHEN, when)
    return text.rstrip() + "\n\n" + _("Somebody will answer you from %(when)s.") % {"when": when}


def spoken(instant: datetime, zone: ZoneInfo) -> str:
    """The instant as a person in the zone reads it: "Monday, 16 March, 09:00 (Berlin time)"."""
    moment = formats.date_format(instant.astimezone(zone), "l, j F, H:i")
    place = zone.key.rpartition("/")[2].replace("_", " ")
    return _("%(moment)s (%(place)s time)") % {"moment": moment, "place": place}


def _zone(ask: Ask, workspace_zone: str) -> ZoneInfo:
    try:
        return hours.named_zone(ask.time_zone or workspace_zone)
    except hours.NotHours:
        return hours.named_zone(workspace_zone)


def _answered(addresses: Sequence[str], *, since_us: int) -> list[str]:
    recent = Message.objects.filter(
        kind=Message.Kind.ACKNOWLEDGEMENT, to_address__in=addresses, created_at__gt=since_us
    )
    return list(recent.values_list("to_address", flat=True).distinct())
