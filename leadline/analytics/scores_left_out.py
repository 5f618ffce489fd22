"""Whose score as of an instant cannot be compared with what was stored then, and why.

Read from the database, which knows when two leads became one; each list is as long as what
happened since the instant.
"""

from collections.abc import Iterator
from datetime import datetime

import pyarrow as pa
from django.db import connection
from django.db.models import Q
from ibis.expr.types import Table

from leadline.analytics import engines
from leadline.leads.models import Merge, Removal
from leadline.lib import clock
from leadline.lib.ids import as_uuid
from leadline.scoring.models import ScoreChange

SETTLED_US = clock.MINUTE
"""No pass takes longer: what it decided is in the database."""
_PORTION = 10_000

Left = Iterator[tuple[str, str]]
"""Leads with the reason."""


def is_recent(at_us: int, now: datetime) -> bool:
    """Is the instant so near that something decided by then may not be stored yet?"""
    return at_us > clock.micros(now) - SETTLED_US


def found(score_changes: Table, *, at_us: int, day: int, now: datetime) -> Table:
    """`lead_id`, `reason`: a row per lead that is left out, with the first reason that holds.

    `day` is the instant's at the model's offset.
    """
    reasons: dict[str, str] = {}
    for lead_id, reason in _all(score_changes, at_us=at_us, day=day, now=now):
        reasons.setdefault(lead_id, reason)
    columns = {"lead_id": list(reasons), "reason": list(reasons.values())}
    text = pa.schema({"lead_id": pa.string(), "reason": pa.string()})
    return engines.beside(score_changes, pa.table(columns, schema=text))


def _all(score_changes: Table, *, at_us: int, day: int, now: datetime) -> Left:
    yield from _merged(at_us)
    yield from _restored(at_us)
    if is_recent(at_us, now):
        yield from _due(at_us=at_us, day=day)
        yield from _underway(score_changes, at_us=at_us)


def _merged(at_us: int) -> Left:
    """Bindings and values are as they are today: not who was two then and is one, nor who was one
    then and is two."""
    is_one = Q(at__gt=at_us, undone_at=None)
    were_one = Q(at__lte=at_us, undone_at__gt=at_us)
    rows = Merge.objects.filter(is_one | were_one).values_list("kept", "absorbed", "undone_at")
    for kept, absorbed, undone_at in rows.iterator(_PORTION):
        reason = "merged" if undone_at is None else "unmerged"
        yield str(kept), reason
        yield str(absorbed), reason


def _restored(at_us: int) -> Left:
    """Nothing was decided about whoever lay in the trash then."""
    back = Removal.objects.filter(state=Removal.State.RESTORED, at__lte=at_us, ended_at__gt=at_us)
    for lead_id in back.values_list("lead", flat=True).iterator(_PORTION):
        yield str(lead_id), "restored"


def _due(*, at_us: int, day: int) -> Left:
    """Whose moment has come and whom nobody has looked at yet. The rows are those of `flow`, which
    stands above."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lead_id FROM flow_checkup WHERE due_at <= %s"
            " UNION ALL SELECT lead_id FROM flow_checkup WHERE revalue_on <= %s",
            [at_us, day],
        )
        for (lead_id,) in cursor.fetchall():
            yield str(as_uuid(lead_id)), "due"


def _underway(score_changes: Table, *, at_us: int) -> Left:
    """Who was looked at since, and may have been due before; and who was looked at while the lake
    was being written, so that their change is not in it."""
    recent = ScoreChange.objects.filter(at__gt=at_us - SETTLED_US).values_list("pk", "lead", "at")
    before = {}
    for row_id, lead_id, at in recent.iterator(_PORTION):
        if clock.micros(at) > at_us:
            yield str(lead_id), "due"
        else:
            before[row_id] = str(lead_id)
    if not before:
        return
    there = score_changes.filter(score_changes.id >= min(before)).select("id")
    for missing in before.keys() - {each["id"] for each in engines.rows(there)}:
        yield before[missing], "due"
