"""Values that only one lead may have: who has them already."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import connection

from leadline.capture.submission import Submission
from leadline.leads.traits import fitted
from leadline.leads.working_set import WorkingSet
from leadline.lib import rows
from leadline.lib.ids import as_uuid
from leadline.workspace.field_values import Shape

Holders = dict[tuple[str, str], UUID]
"""(name of the field, value) → the lead that has it."""


def holders(pairs: Iterable[tuple[str, str]]) -> Holders:
    """The leads that have these values. One query; none without pairs."""
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            "SELECT t.name, t.text, t.lead_id FROM leads_currenttrait t"
            " JOIN leads_lead l ON l.id = t.lead_id AND l.merged_into_id IS NULL"
            " WHERE (t.name, t.text) {in}",
            pairs,
            vendor=connection.vendor,
        )
    return {(name, text): as_uuid(lead_id) for name, text, lead_id in found}


def of_batch(
    submissions: Iterable[Submission], work: WorkingSet, *, declared: Mapping[str, Shape]
) -> Holders:
    """Who has the unique values that the batch says, also what visitors said before.

    One query; none when no field is unique. Call with the lock of `locks.passing()` held, so that
    nobody else takes one of them meanwhile.
    """
    unique = {name: shape for name, shape in declared.items() if shape.is_unique}
    if not unique:
        return {}
    said = [each.traits for each in submissions]
    said += [told["traits"] for held in work.open.values() for told in held.said]
    pairs = {
        (name, value)
        for traits in said
        for name in unique.keys() & traits.keys()
        if isinstance(value := fitted(traits[name], unique[name]), str)
    }
    return holders(pairs)
