"""Deals are opened, changed, won, lost and imported; every change is a row."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from leadline.deals import closing_values, values
from leadline.deals.models import Deal, DealChange
from leadline.leads import merging, stored
from leadline.lib import clock, ids, rows, text

State = Deal.State

TRANSITIONS: Mapping[str, frozenset[str]] = {
    "open": frozenset({"won", "lost"}),
    "won": frozenset({"open"}),
    "lost": frozenset({"open"}),
}
"""What people may do; an import may correct anything, since the other system decides."""

MAX_AMOUNT = 10**15

_DEAL = [
    "id", "lead_id", "company_id", "owner_id", "name", "amount_minor", "currency", "state",
    "reason", "external_id", "opened_at", "closed_at", "known_at", "traits", "written_for_id",
]  # fmt: skip
_CHANGE = ["deal_id", "state_before", "state", "amount_minor", "because", "at", "known_at"]


class NotADeal(ValueError):
    """A deal that cannot be stored; says which and why. Nothing was changed."""

    permanent = True


class Entry(msgspec.Struct, frozen=True):
    """A deal as somebody states it. Money in minor units; `closed_at` exactly when not open.

    `traits` are values of declared fields by name; what is not named stays, None empties.
    """

    currency: str
    opened_at: datetime
    external_id: str | None = None
    lead_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    name: str = ""
    amount_minor: int | None = None
    state: str = "open"
    reason: str = ""
    closed_at: datetime | None = None
    traits: Mapping[str, object] = {}
    # Not stated: the lead that it was stated for, when that is part of another by now.
    written_for_id: UUID | None = None


class Imported(msgspec.Struct, frozen=True):
    """What an import did; `lead_ids` are the leads whose deals are new or different."""

    created_count: int
    changed_count: int
    unchanged_count: int
    lead_ids: tuple[UUID, ...]


def open(entry: Entry, *, because: str, now: datetime) -> Deal | None:
    """A new deal; None when one with its external id exists. Raises NotADeal and values.Misfit."""
    if entry.state != State.OPEN:
        raise NotADeal(f"a deal is opened open, not {entry.state!r}; change it afterwards")
    with transaction.atomic():
        if entry.external_id and Deal.objects.filter(external_id=entry.external_id).exists():
            return None
        whole = _whole({entry.external_id: entry}, {})[entry.external_id]
        written = _write([(whole, ids.uuid7(), None)], because=because, now=now)
    return Deal.objects.get(id=written[0])


def change(
    deal_id: UUID,
    *,
    state: str,
    because: str,
    now: datetime,
    amount_minor: int | None = None,
    reason: str | None = None,
    closed_at: datetime | None = None,
) -> DealChange | None:
    """Set state, and amount, reason and closing time (None: as it was; now for one that closes).

    Returns the row of the change; None when at most the reason is different, which has no row.
    Raises Deal.DoesNotExist, and NotADeal for a change that `TRANSITIONS` does not allow and for
    a closing time that cannot be.
    """
    with transaction.atomic():
        deal = Deal.objects.select_for_update().get(id=deal_id)
        before = (deal.state, deal.amount_minor, deal.closed_at)
        if state != deal.state and state not in TRANSITIONS[deal.state]:
            raise NotADeal(f"a deal that is {deal.state} cannot become {state}")
        closing = _closing(deal, state=state, closed_at=closed_at, now=now)
        said = deal.reason if reason is None else text.clean(reason, max_length=200)
        amount = deal.amount_minor if amount_minor is None else amount_minor
        if (*before, deal.reason) == (state, amount, closing, said):
            return None
        deal.state, deal.amount_minor, deal.closed_at, deal.reason = state, amount, closing, said
        deal.known_at = now
        deal.save()
        if before == (state, amount, closing):
            return None
        closing_values.freeze([deal.pk])
        return DealChange.objects.create(
            deal=deal,
            state_before=before[0],
            state=state,
            amount_minor=amount,
            because=text.clean(because, max_length=200),
            at=closed_at or now,
            known_at=now,
        )


def _closing(
    deal: Deal, *, state: str, closed_at: datetime | None, now: datetime
) -> datetime | None:
    """When the deal is closed once it is `state`: as said, else as it was, else now."""
    if state == State.OPEN:
        if closed_at is not None:
            raise NotADeal(
                f"the deal {deal.name[:60]!r} is open: only a closed one has a closing date"
            )
        return None
    if closed_at is not None and closed_at < deal.opened_at:
        raise NotADeal(f"the deal {deal.name[:60]!r} was closed before it was opened")
    return closed_at or (deal.closed_at if state == deal.state else None) or now


def describe(
    deal_id: UUID, *, name: str | None = None, traits: values.Given | None = None, now: datetime
) -> Deal | None:
    """Set the name (None: as it was) and the fields that are named; None when nothing differs.

    The caller holds the lock of `locks.passing()`. Raises Deal.DoesNotExist and values.Misfit.
    """
    shapes = values.shapes() if traits else {}
    fitted = values.fitted(traits or {}, shapes)
    with transaction.atomic():
        values.refuse_taken({deal_id: fitted}, shapes)
        deal = Deal.objects.select_for_update().get(id=deal_id)
        wanted = deal.name if name is None else text.clean(name, max_length=200)
        known = values.merged(deal.traits, fitted)
        if (deal.name, deal.traits) == (wanted, known):
            return None
        deal.name, deal.traits, deal.known_at = wanted, known, now
        deal.save(update_fields=["name", "traits", "known_at"])
    return deal


def import_many(entries: Sequence[Entry], *, because: str, now: datetime) -> Imported:
    """Deals from another system, known by their external id; four statements for any number, and
    two more when fields are named, one for each that is unique. The caller holds the lock of
    `locks.passing()`.

    A known deal takes over what is stated; the same again changes nothing. Of two entries with
    one external id the last counts. Raises NotADeal or values.Misfit for the first bad entry,
    before any write.
    """
    for entry in entries:
        _check(entry)
        if not entry.external_id:
            raise NotADeal(f"the deal {entry.name!r} has no external id, so it would come twice")
    latest = {entry.external_id: entry for entry in entries}
    with transaction.atomic():
        known = _known([key for key in latest if key])
        latest = _whole(latest, known)
        work = [
            (entry, before.id if before else ids.uuid7(), before)
            for key, entry in latest.items()
            if (before := known.get(key or "")) is None or before.says != _says(entry)
        ]
        _write(work, because=because, now=now)
    created = sum(before is None for _, _, before in work)
    affected = {entry.lead_id for entry, _, _ in work}
    affected |= {before.says[0] for _, _, before in work if before is not None}
    return Imported(
        created_count=created,
        changed_count=len(work) - created,
        unchanged_count=len(latest) - len(work),
        lead_ids=tuple(sorted(lead_id for lead_id in affected if lead_id is not None)),
    )


class _Before(msgspec.Struct, frozen=True):
    """A deal as it is stored; `says` as `_says` gives it for an entry."""

    id: UUID
    says: tuple[Any, ...]  # values of the columns in _DEAL's order without id, external id, known
    traits: dict[str, Any]  # JSON values
    state: str
    amount_minor: int | None
    written_for_id: UUID | None


def _whole(
    latest: Mapping[str | None, Entry], known: Mapping[str, "_Before"]
) -> dict[str | None, Entry]:
    """The entries with all that will be known of them."""
    shapes = values.shapes() if any(entry.traits for entry in latest.values()) else {}
    ends = merging.ends({entry.lead_id for entry in latest.values() if entry.lead_id is not None})
    whole: dict[str | None, Entry] = {}
    fitted = {key: values.fitted(entry.traits, shapes) for key, entry in latest.items()}
    # A new deal has no id yet; any that nobody has tells it from the others.
    ids_of = {
        key: known[key].id if key is not None and key in known else ids.uuid7() for key in latest
    }
    values.refuse_taken({ids_of[key]: given for key, given in fitted.items()}, shapes)
    for key, entry in latest.items():
        before = known.get(key or "")
        given = fitted[key]
        traits = values.merged(before.traits if before else {}, given)
        lead_id, written_for_id = _home(entry, before, ends)
        whole[key] = msgspec.structs.replace(
            entry, traits=traits, lead_id=lead_id, written_for_id=written_for_id
        )
    return whole


def _home(
    entry: Entry, before: "_Before | None", ends: Mapping[UUID, UUID]
) -> tuple[UUID | None, UUID | None]:
    """Whose the deal is, and whose it was at first: which stays when the same lead is stated."""
    stated = entry.lead_id
    end = None if stated is None else ends[stated]
    if before is not None and before.says[0] == end:
        return end, before.written_for_id
    return end, stated


def _known(external_ids: Sequence[str]) -> dict[str, _Before]:
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            f"SELECT {', '.join(_DEAL)} FROM deals_deal WHERE external_id {{in}}{lock}",
            external_ids,
            vendor=connection.vendor,
        )
    known = {}
    for row in found:
        traits = stored.as_json(row[13])
        says = (*(_uuid(value) for value in row[1:4]), *row[4:9], *row[10:12], traits)
        known[row[9]] = _Before(_uuid(row[0]), says, traits, row[7], row[5], _uuid(row[14]))  # type: ignore[arg-type]  # key
    return known


def _says(entry: Entry) -> tuple[Any, ...]:  # column values
    closed_us = None if entry.closed_at is None else clock.micros(entry.closed_at)
    return (
        entry.lead_id, entry.company_id, entry.owner_id, text.clean(entry.name, max_length=200),
        entry.amount_minor, entry.currency, entry.state, text.clean(entry.reason, max_length=200),
        clock.micros(entry.opened_at), closed_us, dict(entry.traits),
    )  # fmt: skip


def _write(
    work: Sequence[tuple[Entry, UUID, _Before | None]], *, because: str, now: datetime
) -> list[UUID]:
    """Write deals and their change rows; returns the deals' ids."""
    now_us, reason = clock.micros(now), text.clean(because, max_length=200)
    deals, changes = [], []
    for entry, deal_id, before in work:
        _check(entry)
        says = _says(entry)
        traits = stored.as_text(says[10])
        deals.append(
            (deal_id, *says[:8], entry.external_id, *says[8:10], now_us, traits,
             entry.written_for_id)
        )  # fmt: skip
        changes += [(deal_id, *step, reason, at, now_us) for *step, at in _steps(entry, before)]
    vendor = connection.vendor
    with connection.cursor() as cursor:
        rows.upsert(cursor, "deals_deal", _DEAL, deals, key=["id"], vendor=vendor)
        rows.insert(cursor, "deals_dealchange", _CHANGE, changes, vendor=vendor)
    closing_values.freeze(
        [deal_id for entry, deal_id, before in work
         if entry.state != State.OPEN or (before and before.state != State.OPEN)]
    )  # fmt: skip
    return [deal_id for _, deal_id, _ in work]


def _steps(entry: Entry, before: _Before | None) -> list[tuple[Any, ...]]:  # rows of changes
    """(state before, state, amount, at): a new deal that is closed was open first."""
    opened_us = clock.micros(entry.opened_at)
    at_us = opened_us if entry.closed_at is None else clock.micros(entry.closed_at)
    if before is None:
        first = ("", "open", entry.amount_minor, opened_us)
        return [first] if entry.state == "open" else [
            first, ("open", entry.state, entry.amount_minor, at_us)
        ]  # fmt: skip
    if (before.state, before.amount_minor) == (entry.state, entry.amount_minor):
        return []
    return [(before.state, entry.state, entry.amount_minor, at_us)]


def _check(entry: Entry) -> None:
    named = f"the deal {(entry.external_id or entry.name)[:60]!r}"
    if entry.state not in State.values:
        raise NotADeal(f"{named} has the state {entry.state!r}: write open, won or lost")
    if (entry.state == State.OPEN) != (entry.closed_at is None):
        raise NotADeal(f"{named} is {entry.state}: a deal has a closing date exactly when closed")
    if entry.closed_at is not None and entry.closed_at < entry.opened_at:
        raise NotADeal(f"{named} was closed before it was opened")
    if re.fullmatch("[A-Z]{3}", entry.currency) is None:
        raise NotADeal(f"{named} has the currency {entry.currency!r}: write a code such as EUR")
    if entry.amount_minor is not None and abs(entry.amount_minor) > MAX_AMOUNT:
        raise NotADeal(f"{named} is worth more than can be stored")
    if entry.external_id is not None and len(entry.external_id) > 200:
        raise NotADeal(f"{named} has an external id of more than 200 characters")


def _uuid(value: Any) -> UUID | None:  # SQLite keeps 32 hex digits, PostgreSQL gives a UUID
    return value if value is None or isinstance(value, UUID) else UUID(hex=value)
