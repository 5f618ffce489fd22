"""A colleague changes one value of a company: it is so for everybody who works there."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from leadline.cards import companies as cards
from leadline.flow import checkups, edits, reactions
from leadline.flow.edits import Conflict, NotAValue, Place
from leadline.leads import by_hand_values as values
from leadline.leads import locks
from leadline.leads.models import Company, Lead
from leadline.lib import clock
from leadline.workspace.models import User

PREFIX = "company."
AT_ONCE = 50
"""So many leads of the company are looked at in the same breath, all others soon after."""


class Taken(ValueError):
    """The value of the unique field `name` belongs to another company."""

    permanent = True

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name, self.reason = name, reason


def places() -> dict[str, Place]:
    """What can be changed about a company, by the name of the field, in the order shown."""
    return {name: each for name, each in edits.places().items() if name.startswith(PREFIX)}


def current(company: Company, name: str) -> object:
    """The stored value of a field of a company, None for none."""
    short = name.removeprefix(PREFIX)
    return (company.name if short == "name" else "") or company.traits.get(short)


def edit(
    company_id: UUID, place: Place, value: object, *, seen: object, by: User, now: datetime
) -> bool:
    """Make the value what somebody typed over `seen`; None empties it. False when it was so.

    Raises Conflict when neither what was seen nor what is wanted stands there, and NotAValue for a
    unique value that another company has.
    """
    with transaction.atomic():
        company = _locked(company_id)
        known = current(company, place.name)
        if known not in (seen, value):
            raise _conflict(company, place, known)
        edits.refuse_taken(company_id, place, value)
        return bool(_write(company, {place.name: value}, by=by, now=now))


def edit_many(
    company_id: UUID, wanted: Mapping[str, tuple[Place, object]], *, by: User, now: datetime
) -> int:
    """Make these values, by the name of the field, what somebody wants whatever stands there; how
    many were not so. The company's leads are looked at once. Raises Taken."""
    with transaction.atomic():
        company = _locked(company_id)
        for name, (place, value) in wanted.items():
            try:
                edits.refuse_taken(company_id, place, value)
            except NotAValue as refusal:
                raise Taken(name, refusal.reason) from None
        values_of = {name: value for name, (_place, value) in wanted.items()}
        return _write(company, values_of, by=by, now=now)


def _locked(company_id: UUID) -> Company:
    locks.passing()
    return Company.objects.select_for_update().get(pk=company_id)


def _write(company: Company, wanted: Mapping[str, object], *, by: User, now: datetime) -> int:
    now_us = clock.micros(now)
    changed = {name: value for name, value in wanted.items() if current(company, name) != value}
    for name, value in changed.items():
        values.write_company(company, name, value, by=by.pk, now_us=now_us)
    if changed:
        cards.draw([company.pk])
        checkups.ask_for_companies([company.pk], at_us=now_us)
        there = Lead.objects.filter(company=company.pk, merged_into=None)
        reactions.look_again(list(there.values_list("pk", flat=True)[:AT_ONCE]), now=now)
    return len(changed)


def _conflict(company: Company, place: Place, known: object) -> Conflict:
    said = values.newest_of_company(company.pk, place.name)
    if said is None:
        return Conflict(known, None, None)
    by = User.objects.filter(pk=said.by).first() if said.by else None
    return Conflict(known, by, clock.from_micros(said.at_us))
