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


def write(wanted: Mapping[UUID, Value], name: str, *, by: UUID, now_us: int) -> dict[UUID, Value]:
    """Set a trait of each lead, or empty it with None; what stood there before, where it changed.

    What follows from it changes along, as `by_hand_values.write` does. Leads that are merged away
    are passed over. At most eight statements. The caller holds the leads' locks.
    """
    before: dict[UUID, Value] = {}
    changed: list[tuple[Lead, dict[str, Value]]] = []
    for lead in Lead.objects.filter(pk__in=list(wanted), merged_into=None).order_by("pk"):
        known = lead.traits.get(name)
        changes = values.change(lead, name, wanted[lead.pk], now_us=now_us)
        if changes:
            before[lead.pk] = known
            changed.append((lead, changes))
    _save(changed, now_us=now_us)
    values.note(
        values.said(each, value, by=by, now_us=now_us, lead_id=lead.pk)
        for lead, changes in changed
        for each, value in changes.items()
    )
    return before


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
