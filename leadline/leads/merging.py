"""Two leads become one, and two again.

A merge moves bindings and writes a row; no event is touched, so undoing it moves them back and
everything that hung on a binding is where it was. Values that came along, or went, are rows of
provenance of the lead that has them: its newest row is its current value, at any instant.
"""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

import msgspec
from django.db import connection, transaction

from leadline.leads import current_traits, joining, locks
from leadline.leads.joining import Told
from leadline.leads.models import Binding, Lead, Merge, TraitValue
from leadline.leads.working_set import Known, MergeRow, TraitRow, WorkingSet
from leadline.lib import clock

METHOD = "merge"
"""How a value came to a lead that another one brought along, or that undoing a merge returned."""
_LONGEST = 300
_CHANGED = [
    "traits",
    "trait_marks",
    "undeclared",
    "company",
    "has_shown_interest",
    "version",
    "updated_at",
]


class CannotMerge(Exception):
    """The merge is refused; the text says why. Trying again cannot help."""

    permanent = True


def link(found: Sequence[Known], work: WorkingSet, *, because: str, at_us: int) -> Known:
    """A trusted source named identifiers of several leads: make them one where that is safe.

    The older known lead survives. Two leads with different verified user ids are never merged by
    a rule; the pair is put up for review and the most specific lead is used.
    """
    kept = found[0]
    for other in found[1:]:
        if _are_different_people(kept, other, work):
            first, second = sorted((kept.id, other.id))
            work.reviews.append((first, second, because[:_LONGEST]))
            continue
        older, younger = sorted((kept, other), key=lambda lead: (lead.created_us, lead.id))
        _absorb(older, younger, work, because=because)
        kept = older
    return kept


def _are_different_people(one: Known, other: Known, work: WorkingSet) -> bool:
    def verified_users(lead: Known) -> set[str]:
        return {h.value for h in work.of_lead[lead.id] if h.kind == "user" and h.is_verified}

    ours, theirs = verified_users(one), verified_users(other)
    return bool(ours) and bool(theirs) and ours.isdisjoint(theirs)


def _absorb(kept: Known, absorbed: Known, work: WorkingSet, *, because: str) -> None:
    moved = work.of_lead[absorbed.id]
    work.merges.append(MergeRow(kept, absorbed, list(moved), kept.told, because[:_LONGEST]))
    for held in moved:
        held.lead, held.is_changed = kept, True
    work.of_lead[kept.id].extend(moved)
    work.of_lead[absorbed.id] = []
    both = joining.join(kept.told, absorbed.told)
    work.trait_rows += [
        TraitRow(kept.id, None, name, value, METHOD, METHOD, bool(mark[1]), True, mark[0])
        for name, value, mark in joining.differing(kept.told, both)
    ]
    kept.traits, kept.marks, kept.undeclared = both.traits, both.marks, both.undeclared
    kept.company_id = both.company_id
    kept.has_shown_interest = kept.has_shown_interest or absorbed.has_shown_interest
    kept.is_changed = absorbed.is_changed = True
    absorbed.merged_into = kept.id


def merge(kept_id: UUID, absorbed_id: UUID, *, because: str, now_us: int) -> Merge:
    """Merge two leads by a person's decision. Raises CannotMerge."""
    if kept_id == absorbed_id:
        raise CannotMerge("A lead cannot be merged with itself.")
    with transaction.atomic():
        kept, absorbed = _locked(kept_id, absorbed_id)
        moved = list(Binding.objects.filter(lead=absorbed).values_list("id", flat=True))
        before = _told(kept)
        row = Merge.objects.create(
            kept=kept,
            absorbed=absorbed,
            binding_ids=moved,
            kept_before=msgspec.to_builtins(before),
            because=because[:_LONGEST],
            at=now_us,
        )
        Binding.objects.filter(id__in=moved).update(lead=kept)
        kept.has_shown_interest = kept.has_shown_interest or absorbed.has_shown_interest
        _write(kept, joining.join(before, _told(absorbed)), now_us=now_us)
        absorbed.merged_into = kept
        _write(absorbed, _told(absorbed), now_us=now_us, also=["merged_into"])
    return row


def undo(merge_id: int, *, now_us: int) -> tuple[UUID, UUID]:
    """Move the bindings back and free the absorbed lead; returns (kept, absorbed) ids.

    What arrived since stays with the binding it came by, what was said since with the kept lead.
    Running it again raises CannotMerge.
    """
    with transaction.atomic():
        row = Merge.objects.get(id=merge_id)
        kept, absorbed = _locked(row.kept_id, row.absorbed_id, is_undo=True)
        changed = Merge.objects.filter(id=merge_id, undone_at__isnull=True).update(undone_at=now_us)
        if not changed:
            raise CannotMerge("This merge has been undone already.")
        Binding.objects.filter(id__in=row.binding_ids, lead=kept).update(lead=absorbed)
        rest = joining.part(
            _told(kept),
            before=msgspec.convert(row.kept_before, Told),
            absorbed=_told(absorbed),
            others=_absorbed_since(row),
        )
        _write(kept, rest, now_us=now_us)
        absorbed.merged_into = None
        _write(absorbed, _told(absorbed), now_us=now_us, also=["merged_into"])
    return row.kept_id, row.absorbed_id


def chains(pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    """For each absorbed lead of (kept, absorbed) what it became part of, one merge after another.

    One pass may merge C into B and B into A: C has become part of B and then of A, the last in its
    list, which is the lead that is left.
    """
    into = {absorbed: kept for kept, absorbed in pairs}
    found: dict[UUID, list[UUID]] = {}
    for absorbed, kept in into.items():
        steps = found[absorbed] = [kept]
        while steps[-1] in into:
            steps.append(into[steps[-1]])
    return found


def ends(lead_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Which lead each of these is part of today, itself unless it was merged into another.

    One query, and one more for each merge in a row.
    """
    into: dict[UUID, UUID] = {}
    asked = list(lead_ids)
    while asked:
        rows = Lead.objects.filter(pk__in=asked).values_list("pk", "merged_into")
        found = {lead_id: end for lead_id, end in rows if end is not None}
        into.update(found)
        asked = [each for each in found.values() if each not in into]
    became = chains((kept, absorbed) for absorbed, kept in into.items())
    return {lead_id: became.get(lead_id, [lead_id])[-1] for lead_id in lead_ids}


def _absorbed_since(row: Merge) -> list[Told]:
    """What is known of the leads that became part of the same one later and still are."""
    later = Merge.objects.filter(kept=row.kept_id, undone_at=None, id__gt=row.pk).order_by("id")
    return [_told(each.absorbed) for each in later.select_related("absorbed")]


def _told(lead: Lead) -> Told:
    return Told(lead.traits, lead.trait_marks, lead.undeclared, lead.company_id)


def _write(lead: Lead, told: Told, *, now_us: int, also: Sequence[str] = ()) -> None:
    """What the lead is told to be, with a row of provenance for each value that changed."""
    TraitValue.objects.bulk_create(
        TraitValue(
            lead=lead,
            name=name,
            value=value,
            source=METHOD,
            method=METHOD,
            is_verified=bool(mark[1]),
            occurred_at=clock.from_micros(mark[0] or now_us),
            known_at=clock.from_micros(now_us),
        )
        for name, value, mark in joining.differing(_told(lead), told)
    )
    lead.traits, lead.trait_marks, lead.undeclared = told.traits, told.marks, told.undeclared
    lead.company_id = told.company_id
    lead.version += 1
    lead.updated_at = clock.from_micros(now_us)
    lead.save(update_fields=[*_CHANGED, *also])
    current_traits.write_all(lead.pk, lead.traits)


def _locked(one: UUID, other: UUID, *, is_undo: bool = False) -> tuple[Lead, Lead]:
    locks.passing()
    query = Lead.objects.filter(id__in=[one, other]).order_by("id")
    if connection.vendor == "postgresql":
        query = query.select_for_update()
    found = {lead.id: lead for lead in query}
    if len(found) < 2:
        raise CannotMerge("One of the two leads does not exist.")
    if any(found[i].merged_into_id for i in ([one] if is_undo else [one, other])):
        raise CannotMerge("One of the two leads is part of another already.")
    return found[one], found[other]
