"""Values that only one lead, or one company, may have: who has them already."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from leadline.capture.submission import Submission
from leadline.leads.models import Company
from leadline.leads.traits import COMPANY, fitted
from leadline.leads.working_set import WorkingSet
from leadline.lib import rows
from leadline.lib.ids import as_uuid
from leadline.workspace import unique_values
from leadline.workspace.field_values import Shape
from leadline.workspace.unique_values import Holders


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


def company_with(name: str, value: str, *, besides: UUID) -> UUID | None:
    """Another company that has this value of a unique field. One query."""
    others = Company.objects.exclude(pk=besides)
    return _companies(others, {name: {value}}).get((name, value))


def duplicates_of_companies(name: str) -> int:
    """How many values of the field more than one company has. One query."""
    return unique_values.duplicates(Company.objects.all(), name, prefix=COMPANY)


def _companies(rows: "QuerySet[Company, Company]", wanted: Mapping[str, set[str]]) -> Holders:
    return unique_values.holders(rows, wanted, prefix=COMPANY)


def of_batch(
    submissions: Iterable[Submission], work: WorkingSet, *, declared: Mapping[str, Shape]
) -> Holders:
    """Who has the unique values that the batch says, also what visitors said before.

    One query for those of leads and one for each such field of companies; none when no field is
    unique or no such value is said. Call with the lock of `locks.passing()` held, so that
    nobody else takes one of them meanwhile.
    """
    unique = {name: shape for name, shape in declared.items() if shape.is_unique}
    if not unique:
        return {}
    said = [each.traits for each in submissions]
    said += [told["traits"] for held in work.open.values() for told in held.said]
    wanted: dict[str, set[str]] = {}
    for traits in said:
        for name in unique.keys() & traits.keys():
            if isinstance(value := fitted(traits[name], unique[name]), str):
                wanted.setdefault(name, set()).add(value)
    firms = {name: wanted.pop(name) for name in list(wanted) if name.startswith(COMPANY)}
    leads = holders({(name, value) for name, values in wanted.items() for value in values})
    return leads | _companies(Company.objects.all(), firms)
