"""Two leads become one, and two again.

A merge moves bindings and writes a row; no event is touched, so undoing it moves them back and
everything that hung on a binding is where it was.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from leadline.leads import locks
from leadline.leads.models import Binding, Lead, Merge
from leadline.leads.working_set import Known, MergeRow, WorkingSet


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
            work.reviews.append((first, second, because[:300]))
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
    work.merges.append(MergeRow(kept, absorbed, list(moved), kept.traits, because[:300]))
    for held in moved:
        held.lead, held.is_changed = kept, True
    work.of_lead[kept.id].extend(moved)
    work.of_lead[absorbed.id] = []
    kept.traits, kept.marks = _joined_traits(kept, absorbed)
    kept.undeclared = {**absorbed.undeclared, **kept.undeclared}
    kept.company_id = kept.company_id or absorbed.company_id
    kept.has_shown_interest = kept.has_shown_interest or absorbed.has_shown_interest
    kept.is_changed = absorbed.is_changed = True
    absorbed.merged_into = kept.id


def _joined_traits(kept: Known, absorbed: Known) -> tuple[dict[str, object], dict[str, list[int]]]:
    """Per trait: verified before unverified, then what was said last."""
    traits, marks = dict(kept.traits), dict(kept.marks)
    for name, value in absorbed.traits.items():
        mark = absorbed.marks.get(name, [0, 0])
        known = marks.get(name)
        if name not in traits or known is None or (mark[1], mark[0]) > (known[1], known[0]):
            traits[name], marks[name] = value, mark
    return traits, marks


def merge(kept_id: UUID, absorbed_id: UUID, *, because: str, now_us: int) -> Merge:
    """Merge two leads by a person's decision. Raises CannotMerge."""
    if kept_id == absorbed_id:
        raise CannotMerge("A lead cannot be merged with itself.")
    with transaction.atomic():
        kept, absorbed = _locked(kept_id, absorbed_id)
        moved = list(Binding.objects.filter(lead=absorbed).values_list("id", flat=True))
        row = Merge.objects.create(
            kept=kept,
            absorbed=absorbed,
            binding_ids=moved,
            traits_before=kept.traits,
            because=because[:300],
            at=now_us,
        )
        Binding.objects.filter(id__in=moved).update(lead=kept)
        kept.traits = {**absorbed.traits, **kept.traits}
        kept.trait_marks = {**absorbed.trait_marks, **kept.trait_marks}
        kept.version += 1
        kept.save(update_fields=["traits", "trait_marks", "version"])
        absorbed.merged_into = kept
        absorbed.version += 1
        absorbed.save(update_fields=["merged_into", "version"])
    return row


def undo(merge_id: int, *, now_us: int) -> tuple[UUID, UUID]:
    """Move the bindings back and free the absorbed lead; returns (kept, absorbed) ids.

    What arrived since stays with the binding it came by. Running it again raises CannotMerge.
    """
    with transaction.atomic():
        row = Merge.objects.select_related(None).get(id=merge_id)
        kept, absorbed = _locked(row.kept_id, row.absorbed_id, is_undo=True)
        changed = Merge.objects.filter(id=merge_id, undone_at__isnull=True).update(undone_at=now_us)
        if not changed:
            raise CannotMerge("This merge has been undone already.")
        Binding.objects.filter(id__in=row.binding_ids, lead=kept).update(lead=absorbed)
        kept.traits = row.traits_before
        kept.version += 1
        kept.save(update_fields=["traits", "version"])
        absorbed.merged_into = None
        absorbed.version += 1
        absorbed.save(update_fields=["merged_into", "version"])
    return row.kept_id, row.absorbed_id


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
