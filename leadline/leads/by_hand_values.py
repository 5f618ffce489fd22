"""What a colleague changes about a lead or its company, one value at a time, empty included.

A person's word is verified and the newest, so it replaces whatever was known; what was known stays
as rows of provenance. An emptied value stays empty until a trusted source says otherwise.
"""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leadline.leads import current_traits
from leadline.leads.by_hand import SOURCE
from leadline.leads.models import Binding, Company, CurrentTrait, Lead, TraitValue
from leadline.leads.stored import as_text
from leadline.lib import clock, person_name, rows

METHOD = "hand"
Value = object | None
_PARTS = ("first_name", "last_name")


class LastIdentifier(ValueError):
    """The only thing a lead is known by would go; it must be replaced, not emptied."""

    permanent = True


class Taken(ValueError):
    """The identifier, or the value of a unique field, belongs to another lead."""

    permanent = True

    def __init__(self, lead_id: UUID) -> None:
        super().__init__("It belongs to another lead.")
        self.lead_id = lead_id


class Newest(msgspec.Struct, frozen=True):
    """Who said the current value, and when (microseconds); `by` None when it was no colleague."""

    by: UUID | None
    at_us: int


def write(lead: Lead, name: str, value: Value, *, by: UUID, now_us: int) -> list[str]:
    """Set a trait of the lead, or empty it with None; the names that changed, () on a second run.

    What follows from it changes along: the seniority in a title, the parts of a name. The caller
    holds the lead's lock.
    """
    changed = change(lead, name, value, now_us=now_us)
    if not changed:
        return []
    _save(lead, now_us=now_us)
    current_traits.write_all(lead.pk, lead.traits)
    note([said(each, v, by=by, now_us=now_us, lead_id=lead.pk) for each, v in changed.items()])
    return list(changed)


def change(
    lead: Lead,
    name: str,
    value: Value,
    *,
    now_us: int,
    exactly: Mapping[str, Value] = MappingProxyType({}),
) -> dict[str, Value]:
    """The same in memory only: what changed of the lead, with the new values. No query.

    `exactly`: what other traits become, whatever would follow from this one.
    """
    wanted = {name: value, **_following(lead, name, value), **exactly}
    changed = {each: v for each, v in wanted.items() if lead.traits.get(each) != v}
    lead.traits = {k: v for k, v in {**lead.traits, **changed}.items() if v is not None}
    for each in changed:
        mark = lead.trait_marks.get(each, [0, 0])
        lead.trait_marks = {**lead.trait_marks, each: [max(now_us, mark[0] + 1), 1]}
    return changed


def forget(lead: Lead, names: Collection[str], *, now_us: int) -> list[str]:
    """Drop what the lead said under names that are not declared; those that were there.

    The caller holds the lead's lock.
    """
    gone = [name for name in names if name in lead.undeclared]
    if gone:
        lead.undeclared = {k: v for k, v in lead.undeclared.items() if k not in gone}
        _save(lead, now_us=now_us)
    return gone


def write_company(company: Company, name: str, value: Value, *, by: UUID, now_us: int) -> bool:
    """Set what is known of a company (`company.city`) for everybody there; False if it was so."""
    short = name.removeprefix("company.")
    before = company.traits.get(short)
    if short == "name":
        before = company.name or before
        company.name = str(value or "")[:200]
    if before == value:
        return False
    kept = {**company.traits, short: value}
    company.traits = {key: each for key, each in kept.items() if each is not None}
    company.save(update_fields=["name", "traits"])
    current_traits.follow_companies([company], name)
    note([said(name, value, by=by, now_us=now_us, company_id=company.pk)])
    return True


def replace_identifier(
    lead: Lead, kind: str, before: str | None, after: str | None, *, now_us: int
) -> int | None:
    """Close one address or number of the lead and open another; the new binding's id.

    What happened under the old one stays. Raises Taken, LastIdentifier. The caller holds the
    lock of `locks.passing()`.
    """
    theirs = Binding.objects.filter(kind=kind, value=after, closed_at=None).exclude(lead=None)
    taken_by = after and theirs.exclude(lead=lead.pk).values_list("lead", flat=True).first()
    if taken_by:
        raise Taken(taken_by)
    mine = Binding.objects.filter(lead=lead.pk, closed_at=None)
    if after is None and mine.exclude(kind="anonymous").count() <= 1:
        raise LastIdentifier(_("A lead is known by at least one address, number or id."))
    at = clock.from_micros(now_us)
    mine.filter(kind=kind, value=before).exclude(value=after).update(closed_at=at)
    _save(lead, now_us=now_us)
    if after is None or mine.filter(kind=kind, value=after).exists():
        return None
    # An address that only an unknown visitor had named becomes theirs.
    row, _is_new = Binding.objects.update_or_create(
        kind=kind,
        value=after,
        closed_at=None,
        defaults={"lead_id": lead.pk, "is_verified": True, "given_at": at},
        create_defaults={
            "lead_id": lead.pk, "is_verified": True, "opened_at": at, "known_at": at,
        },
    )  # fmt: skip
    return row.pk


def newest(lead: Lead, name: str) -> Newest | None:
    """Who said the current value of a trait last. One query."""
    if name.startswith("company.") and lead.company_id:
        return newest_of_company(lead.company_id, name)
    return _newest(TraitValue.objects.filter(lead=lead.pk, name=name))


def newest_of_company(company_id: UUID, name: str) -> Newest | None:
    """Who said the current value of a field of a company last. One query."""
    return _newest(TraitValue.objects.filter(company=company_id, name=name))


def _newest(said: QuerySet[TraitValue, TraitValue]) -> Newest | None:
    row = said.filter(took_effect=True).order_by("-id").first()
    if row is None:
        return None
    who = row.source.removeprefix(f"{SOURCE}:") if row.method == METHOD else ""
    return Newest(UUID(who) if who else None, clock.micros(row.known_at))


def holder_of(name: str, value: str, *, besides: UUID) -> UUID | None:
    """Another lead that has this value of a unique field."""
    others = CurrentTrait.objects.filter(name=name, text=value).exclude(lead=besides)
    return others.values_list("lead", flat=True).first()


def _following(lead: Lead, name: str, value: Value) -> dict[str, Value]:
    if name == "title":
        said = person_name.title_seniority(value) if isinstance(value, str) else None
        return {"title_seniority": said}
    if name == "name":
        return _parts_gone(lead, str(value or ""))
    if name in _PARTS and "name" in lead.traits:
        return {"name": _renamed(lead, name, str(value or "")) or None}
    return {}


def _parts_gone(lead: Lead, full: str) -> dict[str, Value]:
    """Given and family name as far as they no longer stand in the full one: nobody said which of
    its words are which, so none is put in their place."""
    parts = {each: str(lead.traits[each]) for each in _PARTS if each in lead.traits}
    return {each: None for each, said in parts.items() if not person_name.holds(full, said)}


def _renamed(lead: Lead, part: str, value: str) -> str:
    """The full name with the part of it as it is now, where it stood; else as it was."""
    full, before = str(lead.traits["name"]), str(lead.traits.get(part) or "")
    other = next(str(lead.traits.get(each) or "") for each in _PARTS if each != part)
    if before and person_name.holds(full, before):
        return person_name.replaced(full, before, value)
    if value and full == other:
        pair = {part: value}
        return person_name.joined(pair.get("first_name", other), pair.get("last_name", other))
    return full


def _save(lead: Lead, *, now_us: int) -> None:
    lead.version += 1
    lead.updated_at = clock.from_micros(now_us)
    lead.save(update_fields=["traits", "trait_marks", "undeclared", "version", "updated_at"])


def said(
    name: str,
    value: Value,
    *,
    by: UUID,
    now_us: int,
    lead_id: UUID | None = None,
    company_id: UUID | None = None,
) -> TraitValue:
    """The row of provenance of a value that a colleague gave; not stored yet."""
    at = clock.from_micros(now_us)
    return TraitValue(
        lead_id=lead_id, company_id=company_id, name=name, value=value,
        source=f"{SOURCE}:{by}", method=METHOD, is_verified=True, occurred_at=at, known_at=at,
    )  # fmt: skip


def note(values: Iterable[TraitValue]) -> None:
    """Store rows of provenance. One statement."""
    written = [[getattr(each, name) for name in _PROVENANCE] for each in values]
    for row in written:
        row[3], row[-2:] = as_text(row[3]), [clock.micros(at) for at in row[-2:]]
    with connection.cursor() as cursor:
        rows.insert(cursor, "leads_traitvalue", _PROVENANCE, written, vendor=connection.vendor)


_PROVENANCE = ("lead_id", "company_id", "name", "value", "source", "method", "is_verified",
               "took_effect", "occurred_at", "known_at")  # fmt: skip
