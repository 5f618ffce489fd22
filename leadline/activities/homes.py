"""Whose a row is after a merge, and after the merge was undone.

For rows that have a `lead`, whose they are now, and `written_for`, whose they were at first.
"""

import uuid
from collections.abc import Sequence

from django.db import connection
from django.db.models import Model

from leadline.activities.models import File, Task
from leadline.leads import merging
from leadline.leads.models import Lead
from leadline.lib import rows

MODELS: tuple[type[Model], ...] = (Task, File)
"""Those of activities."""


def absorb(model: type[Model], pairs: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> int:
    """After merges of (kept, absorbed): the rows of the absorbed leads are the kept ones'.

    Returns how many moved. Two statements for any number of pairs.
    """
    became = merging.chains(pairs)
    found = model._default_manager.filter(lead__in=became).values_list("pk", "lead")
    moved = [(key, became[lead_id][-1]) for key, lead_id in found]
    with connection.cursor() as cursor:
        rows.update(
            cursor, model._meta.db_table, ["id", "lead_id"], moved, key=["id"],
            vendor=connection.vendor,
        )  # fmt: skip
    return len(moved)


def part(model: type[Model], kept_id: uuid.UUID, absorbed_id: uuid.UUID) -> int:
    """After the merge was undone: what was written for the absorbed lead, or for one that had been
    merged into it before, goes back. What was added since stays. Returns how many moved."""
    homes = newest = [absorbed_id]
    while newest:
        newest = list(Lead.objects.filter(merged_into__in=newest).values_list("pk", flat=True))
        homes = homes + newest
    mine = model._default_manager.filter(lead=kept_id, written_for__in=homes)
    return mine.update(lead=absorbed_id)
