"""What leads hold of one field: counted, taken in when declared, replaced when an option goes.

Everything here works in portions of leads by id, so that a field of a million leads is changed by
a job without holding anybody up. Each portion is a transaction of the caller.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from leadline.leads import by_hand_values, current_traits, locks, uniques
from leadline.leads.models import Company, CurrentTrait, Lead, TraitValue
from leadline.leads.traits import COMPANY, fitted
from leadline.lib import clock
from leadline.workspace.field_values import Shape

FIRST = UUID(int=0)
_METHOD = "settings"
_SPAN = 5_000


def count(name: str) -> int:
    """How many leads hold a value of the field. One query."""
    return _holding(name).count()


def counts_of_options(name: str, values: Sequence[str], *, shape: Shape) -> dict[str, int]:
    """How many records hold each of the values, companies among them where the field is theirs;
    those that nobody holds are left out."""
    of_companies = _companies_holding(name, values) if name.startswith(COMPANY) else {}
    found = {
        value: _holding_option(name, value, shape=shape).count() + of_companies.get(value, 0)
        for value in values
    }
    return {value: number for value, number in found.items() if number}


def duplicates(name: str) -> int:
    """How many values of the field more than one lead holds. One query."""
    held = _holding(name).values("text", "number").order_by()
    return held.annotate(n=Count("pk")).filter(n__gt=1).count()


def instants_by_hand(name: str) -> frozenset[int]:
    """When (microseconds) colleagues gave the field a value, of any lead or company.

    One query per 5,000 rows of provenance, by their key; call it outside of a transaction.
    """
    end = TraitValue.objects.order_by("-id").values_list("pk", flat=True).first() or 0
    mine = TraitValue.objects.filter(name=name, method=by_hand_values.METHOD)
    found: set[int] = set()
    for after in range(0, end, _SPAN):
        span = mine.filter(id__gt=after, id__lte=after + _SPAN)
        found.update(map(clock.micros, span.values_list("known_at", flat=True)))
    return frozenset(found)


def undeclared_after(name: str, *, after: UUID, limit: int) -> list[UUID]:
    """The next leads by id that said something under this name before it was declared."""
    found = Lead.objects.filter(id__gt=after, undeclared__has_key=name, merged_into=None)
    return list(found.order_by("id").values_list("id", flat=True)[:limit])


def take_in(name: str, *, shape: Shape, lead_ids: Sequence[UUID], now_us: int) -> list[UUID]:
    """Let what was said before the field was declared become its value where it fits.

    What does not fit stays where it is. Nobody knows any more who said it, so it counts as a
    claim that anything verified replaces. Returns the leads that changed; safe to run twice.
    """
    changed: list[Lead] = []
    found = _held(lead_ids)
    said = [fitted(lead.undeclared.get(name), shape) for lead in found]
    is_unique = shape.is_unique and not name.startswith(COMPANY)
    taken = uniques.holders({(name, str(v)) for v in said if v is not None and is_unique})
    for lead, value in zip(found, said, strict=True):
        if value is None or name in lead.traits:
            continue
        if is_unique:
            if (name, str(value)) in taken:
                continue
            taken[name, str(value)] = lead.pk
        lead.undeclared = {key: v for key, v in lead.undeclared.items() if key != name}
        lead.traits = {**lead.traits, name: value}
        lead.trait_marks = {**lead.trait_marks, name: [clock.micros(lead.updated_at), 0]}
        changed.append(lead)
    return _write(changed, name, now_us=now_us)


def option_after(name: str, value: str, *, shape: Shape, after: UUID, limit: int) -> list[UUID]:
    """The next leads by id that hold this option."""
    found = _holding_option(name, value, shape=shape).filter(lead__gt=after)
    return list(found.order_by("lead").values_list("lead", flat=True)[:limit])


def replace_option(
    name: str, value: str, *, becomes: str | None, lead_ids: Sequence[UUID], now_us: int
) -> list[UUID]:
    """Put another option in the place of one, or nothing. Provenance keeps what was there.

    Returns the leads that changed; safe to run twice.
    """
    changed: list[Lead] = []
    for lead in _held(lead_ids):
        before = lead.traits.get(name)
        after = _without(before, value, becomes)
        if after == before:
            continue
        traits = {key: v for key, v in lead.traits.items() if key != name}
        lead.traits = traits if after is None else {**traits, name: after}
        changed.append(lead)
    return _write(changed, name, now_us=now_us)


def replace_option_of_companies(name: str, value: str, *, becomes: str | None) -> int:
    """The same for what companies hold; returns how many changed."""
    short = name.removeprefix(COMPANY)
    found = Company.objects.filter(traits__has_key=short)
    if connection.vendor == "postgresql":
        found = found.select_for_update()
    changed = []
    for company in found.order_by("id").iterator(chunk_size=500):
        before = company.traits[short]
        after = _without(before, value, becomes)
        if after == before:
            continue
        rest = {key: v for key, v in company.traits.items() if key != short}
        company.traits = rest if after is None else {**rest, short: after}
        changed.append(company)
    Company.objects.bulk_update(changed, ["traits"], batch_size=500)
    current_traits.follow_companies(changed, name)
    return len(changed)


def _companies_holding(name: str, values: Sequence[str]) -> Mapping[str, int]:
    """How many companies hold each of the values themselves, with or without leads. One query."""
    short, found = name.removeprefix(COMPANY), Counter[str]()
    holding = Company.objects.filter(traits__has_key=short)
    for traits in holding.values_list("traits", flat=True).iterator(chunk_size=500):
        held = traits[short]
        found.update(set(held if isinstance(held, list) else [held]) & set(values))
    return found


def _without(before: object, value: str, becomes: str | None) -> object:
    if before == value:
        return becomes
    if not isinstance(before, list) or value not in before:
        return before
    rest = [becomes if each == value else each for each in before]
    return [each for each in dict.fromkeys(rest) if each is not None] or None


def _holding(name: str) -> "QuerySet[CurrentTrait]":
    held = Q(text__gt="") | Q(number__isnull=False)
    return CurrentTrait.objects.filter(held, name=name, lead__merged_into=None)


def _holding_option(name: str, value: str, *, shape: Shape) -> "QuerySet[CurrentTrait]":
    found = _holding(name)
    return (
        found.filter(current_traits.has_member(value))
        if shape.type == "options"
        else (found.filter(text=value))
    )


def _held(lead_ids: Sequence[UUID]) -> list[Lead]:
    locks.passing()
    locks.hold(lead_ids)
    return list(Lead.objects.filter(id__in=list(lead_ids), merged_into=None).order_by("id"))


def _write(changed: Sequence[Lead], name: str, *, now_us: int) -> list[UUID]:
    now = clock.from_micros(now_us)
    for lead in changed:
        lead.version, lead.updated_at = lead.version + 1, now
    Lead.objects.bulk_update(
        changed, ["traits", "trait_marks", "undeclared", "version", "updated_at"], batch_size=100
    )
    TraitValue.objects.bulk_create(
        [
            TraitValue(
                lead=lead, name=name, value=lead.traits.get(name), source=_METHOD, method=_METHOD,
                is_verified=False, took_effect=True, occurred_at=now, known_at=now,
            )
            for lead in changed
        ]
    )  # fmt: skip
    with connection.cursor() as cursor:
        current_traits.write(cursor, [(lead.pk, lead.traits, name) for lead in changed])
    return [lead.pk for lead in changed]
