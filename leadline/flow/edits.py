"""A colleague changes one value of a lead: nothing that somebody else wrote meanwhile is lost."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from leadline.flow import checkups, reactions, story
from leadline.leads import by_hand_values as values
from leadline.leads import locks, uniques
from leadline.leads.models import Binding, Lead
from leadline.lib import clock, email_address, phone_number
from leadline.workspace import field_values, fields, reasons, settings
from leadline.workspace.models import Field, User

EDITED = "Record Edited"
IDENTIFIERS = ("email", "phone")
# Said by nobody: derived from something else, or what a company is recognised by.
DERIVED = frozenset({"title_seniority", "email_kind", "company.domain", "phone", "email"})


class Place(msgspec.Struct, frozen=True):
    """One value that can be changed: a field, or an address or number of the lead."""

    name: str
    label: str
    field: Field | None = None


class Conflict(Exception):
    """Somebody changed it meanwhile. `current` is what stands there now; nothing was written."""

    permanent = True

    def __init__(self, current: object, by: User | None, at: datetime | None) -> None:
        super().__init__("The value was changed in the meantime.")
        self.current, self.by, self.at = current, by, at


class NotAValue(ValueError):
    """The value cannot be that; `reason` is a sentence for people."""

    permanent = True

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def places() -> dict[str, Place]:
    """Everything that can be changed about a lead, by name, in the order shown. One query."""
    found = {
        "email": Place("email", _("E-mail")), "phone": Place("phone", _("Phone"))
    }  # fmt: skip
    for field in fields.declared():
        if field.name not in DERIVED:
            found[field.name] = Place(field.name, field.label, field)
    return found


def current(lead: Lead, name: str) -> object:
    """The stored value of a field, None for none. A company's for those who work at one."""
    if name.startswith("company.") and lead.company is not None:
        short = name.removeprefix("company.")
        own = lead.company.name if short == "name" else ""
        return own or lead.company.traits.get(short)
    return lead.traits.get(name)


def read(place: Place, written: object) -> object:
    """The value as it is stored; None for an empty one. Raises NotAValue."""
    if written in (None, "", []) or (isinstance(written, str) and not written.strip()):
        return None
    try:
        if place.name == "email":
            return email_address.canonical(str(written))
        if place.name == "phone":
            return phone_number.canonical(str(written), region=settings.current().country or None)
        assert place.field is not None
        shape = fields.shape_of(place.field, currency=settings.current().currency)
        return field_values.fit(written, shape)
    except email_address.NotAnAddress as error:
        raise NotAValue(reasons.not_an_address(error)) from None
    except phone_number.NotAPhone as error:
        raise NotAValue(reasons.not_a_phone(error)) from None
    except field_values.NotOfType as error:
        raise NotAValue(error.reason) from None


def edit(
    lead_id: UUID, place: Place, value: object, *, seen: object, by: User, now: datetime
) -> bool:
    """Make the value what somebody typed over `seen`; None empties it. False when it was so.

    `seen` of an address or number says which of them is meant, None adds one. Raises Conflict
    when neither what was seen nor what is wanted stands there, values.Taken, and NotAValue.
    """
    now_us = clock.micros(now)
    with transaction.atomic():
        locks.passing()
        locks.hold([lead_id])
        place = _as_it_is(place)
        lead = Lead.objects.select_related("company").get(pk=lead_id)
        if place.name in IDENTIFIERS:
            is_changed = _identifier(lead, place.name, value, seen=seen, now_us=now_us)
        else:
            is_changed = _trait(lead, place, value, seen=seen, by=by, now_us=now_us)
        if not is_changed:
            return False
        _tell(lead, place, seen, value, by=by, now_us=now_us)
        reactions.look_again([lead_id], now=now)
    return True


def clear(lead_id: UUID, names: Collection[str], *, by: User, now: datetime) -> list[str]:
    """Empty these fields of a lead, and forget what it said under names that are no fields.

    Returns the names that changed, a second run none. Raises NotAValue for what cannot be emptied
    like this: addresses and numbers, and what follows from another value.
    """
    now_us = clock.micros(now)
    for name in names:
        if name in DERIVED:
            raise NotAValue(_("“%s” cannot be emptied by itself.") % name)
    with transaction.atomic():
        locks.passing()
        locks.hold([lead_id])
        known = places()
        lead = Lead.objects.select_related("company").get(pk=lead_id)
        changed = values.forget(lead, names, now_us=now_us)
        for name in names:
            before = current(lead, name) if name in known else None
            if before is not None:
                _trait(lead, known[name], None, seen=before, by=by, now_us=now_us)
                _tell(lead, known[name], before, None, by=by, now_us=now_us)
                changed.append(name)
        if changed:
            reactions.look_again([lead_id], now=now)
    return list(dict.fromkeys(changed))


def line(place: Place, before: object, after: object) -> dict[str, object]:
    """What the story says of an edit, without the values of a sensitive field: everybody reads it.

    `name` stays when the field is called otherwise later.
    """
    said: dict[str, object] = {"field": place.label, "name": place.name}
    if place.field is not None and place.field.is_sensitive:
        return {**said, "is_sensitive": True}
    return {**said, "before": before, "after": after}


def _as_it_is(place: Place) -> Place:
    """The place with its field as it is now: while this waited, the field may have become one
    whose values nobody is told, or that only one lead may have. One query."""
    if place.field is None:
        return place
    return msgspec.structs.replace(place, field=fields.get(place.name))


def _tell(
    lead: Lead, place: Place, before: object, after: object, *, by: User, now_us: int
) -> None:
    """One line of the story. Whoever works at the same company is looked at soon."""
    story.tell([lead.pk], EDITED, line(place, before, after), by=by, now_us=now_us)
    if place.name.startswith("company.") and lead.company_id is not None:
        checkups.ask_for_companies([lead.company_id], at_us=now_us)


def _trait(lead: Lead, place: Place, value: object, *, seen: object, by: User, now_us: int) -> bool:
    known = current(lead, place.name)
    if known == value:
        return False
    if known != seen:
        raise _conflict(lead, place, known)
    if place.name.startswith("company.") and lead.company is not None:
        refuse_taken(lead.company.pk, place, value)
    elif place.field is not None and place.field.is_unique and isinstance(value, str):
        other = values.holder_of(place.name, value, besides=lead.pk)
        if other is not None:
            raise values.Taken(other)
    if place.name.startswith("company.") and lead.company is not None:
        return values.write_company(lead.company, place.name, value, by=by.pk, now_us=now_us)
    return bool(values.write(lead, place.name, value, by=by.pk, now_us=now_us))


def refuse_taken(company_id: UUID, place: Place, value: object) -> None:
    """Raises NotAValue when the field is unique and another company has the value.

    The caller holds the lock of `locks.passing()`.
    """
    if place.field is None or not place.field.is_unique or not isinstance(value, str):
        return
    if uniques.company_with(place.name, value, besides=company_id) is not None:
        raise NotAValue(_("Another company has this value already."))


def _identifier(lead: Lead, kind: str, value: object, *, seen: object, now_us: int) -> bool:
    mine = Binding.objects.filter(lead=lead.pk, kind=kind, closed_at=None)
    known = set(mine.values_list("value", flat=True))
    if value == seen or (value in known and seen not in known):
        return False
    if seen is not None and seen not in known:
        raise Conflict(", ".join(sorted(known)) or None, None, None)
    before, after = (None if each is None else str(each) for each in (seen, value))
    try:
        values.replace_identifier(lead, kind, before, after, now_us=now_us)
    except values.LastIdentifier as error:
        raise NotAValue(str(error)) from None
    return True


def _conflict(lead: Lead, place: Place, known: object) -> Conflict:
    said = values.newest(lead, place.name)
    if said is None:
        return Conflict(known, None, None)
    by = User.objects.filter(pk=said.by).first() if said.by else None
    return Conflict(known, by, clock.from_micros(said.at_us))
