"""Deals stated and changed by people and programs; the stages of their leads follow."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.deals.models import Deal
from leadline.flow import reactions
from leadline.leads import locks


class Stated(msgspec.Struct, frozen=True):
    """The deal of an entry; `is_new` is False when one with its external id was known."""

    deal_id: UUID
    is_new: bool


class Wanted(msgspec.Struct, frozen=True):
    """What somebody wants of a deal; None for what stays as it is."""

    state: str | None = None
    amount_minor: int | None = None
    reason: str | None = None
    closed_at: datetime | None = None
    name: str | None = None
    traits: dict[str, object] | None = None


def state(entry: Entry, *, because: str, now: datetime) -> Stated:
    """A new deal, or the known one of its external id brought up to date.

    The same again changes nothing. Raises deals.NotADeal and values.Misfit.
    """
    with transaction.atomic():
        locks.passing()
        if entry.external_id is None:
            made = deals.open(entry, because=because, now=now)
            assert made is not None  # nothing has no external id
            found, lead_ids = Stated(made.pk, True), [made.lead_id] if made.lead_id else []
        else:
            done = deals.import_many([entry], because=because, now=now)
            deal_id = Deal.objects.values_list("pk", flat=True).get(external_id=entry.external_id)
            found, lead_ids = Stated(deal_id, bool(done.created_count)), list(done.lead_ids)
        _follow(lead_ids, now=now)
    return found


def change(deal_id: UUID, wanted: Wanted, *, because: str, now: datetime) -> None:
    """Set what is wanted. Raises Deal.DoesNotExist, deals.NotADeal and values.Misfit."""
    with transaction.atomic():
        locks.passing()
        deal = Deal.objects.get(pk=deal_id)
        deals.describe(deal_id, name=wanted.name, traits=wanted.traits, now=now)
        changed = deals.change(
            deal_id, state=wanted.state or deal.state, amount_minor=wanted.amount_minor,
            reason=wanted.reason, closed_at=wanted.closed_at, because=because, now=now,
        )  # fmt: skip
        if changed is not None and deal.lead_id is not None:
            _follow([deal.lead_id], now=now)


def _follow(lead_ids: list[UUID], *, now: datetime) -> None:
    if lead_ids:
        reactions.deals_changed(set(lead_ids), now=now)
