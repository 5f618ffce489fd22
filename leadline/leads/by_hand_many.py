"""One field of many leads, changed by a colleague: the statements do not grow with the leads."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import connection

from leadline.leads import by_hand_values as values
from leadline.leads import current_traits
from leadline.leads.by_hand_values import Value
from leadline.leads.models import CurrentTrait, Lead
from leadline.leads.stored import as_text
from leadline.lib import rows

_COLUMNS = ["id", "traits", "trait_marks", "version", "updated_at"]


Before = Mapping[str, Value]
"""What stood in the traits of one lead that a change touched, by name; None for nothing."""


def write(wanted: Mapping[UUID, Value], name: str, *, by: UUID, now_us: int) -> dict[UUID, Before]:
    """Set a trait of each lead, or empty it with None; what stood there before, where it changed.

    What follows from it changes along, as `by_hand_values.write` does. Leads that are merged away
    are passed over. At most eight statements. The caller holds the leads' locks.
    """
    return _change(
        {key: {name: value} for key, value in wanted.items()}, name, by=by, now_us=now_us
    )


def put_back(
    before: Mapping[UUID, Before], name: str, *, by: UUID, now_us: int
) -> dict[UUID, Before]:
    """The same for what `write` gave back, with all that followed where nobody changed it since."""
    return _change(before, name, by=by, now_us=now_us)


def _change(
    wanted: Mapping[UUID, Before], name: str, *, by: UUID, now_us: int
) -> dict[UUID, Before]:
    before: dict[UUID, Before] = {}
    changed: list[tuple[Lead, dict[str, Value]]] = []
    for lead in Lead.objects.filter(pk__in=list(wanted), merged_into=None).order_by("pk"):
        known, told = lead.traits, _still_told(lead, name, wanted[lead.pk])
        changes = values.change(lead, name, told.pop(name), now_us=now_us, exactly=told)
        if changes:
            before[lead.pk] = {each: known.get(each) for each in changes}
            changed.append((lead, changes))
    _save(changed, now_us=now_us)
    values.note(
        values.said(each, value, by=by, now_us=now_us, lead_id=lead.pk)
        for lead, changes in changed
        for each, value in changes.items()
    )
    return before


def _still_told(lead: Lead, name: str, wanted: Before) -> dict[str, Value]:
    """What is wanted of the field, and of the rest where it was last said in one breath with it;
    what somebody has said of that since stays."""
    mark = lead.trait_marks.get(name)
    others = {
        each: value if lead.trait_marks.get(each) == mark else lead.traits.get(each)
        for each, value in wanted.items()
    }
    return {**others, name: wanted[name]}


def marks(lead_ids: Collection[UUID], name: str) -> dict[UUID, str]:
    """Since when (microseconds, as text) each lead has its value of a trait; "" for never said.

    Another word about it, also the same one, has another mark. One query.
    """
    there = Lead.objects.filter(pk__in=list(lead_ids), merged_into=None)
    return {
        lead_id: str(found[name][0]) if name in found else ""
        for lead_id, found in there.values_list("pk", "trait_marks")
    }


def _save(changed: Sequence[tuple[Lead, dict[str, Value]]], *, now_us: int) -> None:
    written = [
        (lead.pk, as_text(lead.traits), as_text(lead.trait_marks), lead.version + 1, now_us)
        for lead, _ in changed
    ]
    emptied: dict[str, list[UUID]] = {}
    for lead, changes in changed:
        for each, value in changes.items():
            if value is None:
                emptied.setdefault(each, []).append(lead.pk)
    with connection.cursor() as cursor:
        rows.update(
            cursor, "leads_lead", _COLUMNS, written, key=["id"], vendor=connection.vendor
        )  # fmt: skip
        current_traits.write(
            cursor,
            [
                (lead.pk, lead.traits, each)
                for lead, changes in changed
                for each, value in changes.items()
                if value is not None
            ],
        )
    # At most the field and two that follow from it.
    for each, lead_ids in emptied.items():
        CurrentTrait.objects.filter(name=each, lead__in=lead_ids).delete()
