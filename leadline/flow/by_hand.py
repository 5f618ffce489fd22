"""A colleague adds a lead: the same steps as for everything that arrives, and an owner."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext_noop as _noop

from leadline.flow import intake, reactions
from leadline.leads import by_hand, locks
from leadline.leads.by_hand import Draft
from leadline.leads.models import Binding
from leadline.lib import clock
from leadline.timeline.models import Event
from leadline.workspace import settings
from leadline.workspace.models import User


class Added(msgspec.Struct, frozen=True):
    """The lead of a draft; `is_new` is False when the same form was sent before."""

    lead_id: UUID
    is_new: bool


class IsKnown(Exception):
    """Another lead has the address or number already. The caller decides who may hear which."""

    permanent = True

    def __init__(self, lead_ids: Sequence[UUID]) -> None:
        super().__init__("The address or number belongs to another lead.")
        self.lead_ids = lead_ids


def add(draft: Draft, *, by: User, keeps: bool, now: datetime) -> Added:
    """Make a lead of the draft: scored, staged, and theirs who added it or dealt by the rules.

    `keeps`: it goes to `by`, who is not told, and no clock starts. Raises by_hand.NotALead, and
    IsKnown when the person is a lead already. The same form sent twice makes one lead.
    """
    draft = by_hand.checked(draft, country=settings.current().country)
    now_us = clock.micros(now)
    with transaction.atomic():
        locks.passing()
        before = _added_before(draft)
        if before is not None:
            return Added(before, False)
        if known := by_hand.same_person(draft):
            raise IsKnown(known)
        said = by_hand.submission(draft, by=by.pk, by_name=str(by), is_quiet=keeps, now_us=now_us)
        [lead_id] = intake.run([said], now=now).created_lead_ids
        if keeps:
            because = _noop("Added by %(who)s") % {"who": by}
            reactions.assign(lead_id, by.pk, by=by.pk, because=because, now=now)
    return Added(lead_id, True)


def _added_before(draft: Draft) -> UUID | None:
    """The lead that this very form made."""
    own = Binding.objects.filter(kind="external", value=f"{by_hand.SOURCE}:{draft.key}")
    lead_ids = by_hand.same_person(draft) or list(own.values_list("lead", flat=True))
    said = Event.objects.filter(
        binding__lead__in=lead_ids, name=by_hand.ADDED, message_id=str(draft.key)
    )
    return said.values_list("binding__lead", flat=True).first()
