"""The rows of a bulk action's leads: which it means, what waits, and what became of each."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db import connection
from django.db.models import F

from leadline.flow.bulk_acts import Done
from leadline.flow.models import BulkAction, BulkChange
from leadline.leads.stored import as_text
from leadline.lib import rows

_CHANGE = ["action_id", "lead_id", "state", "before", "mark"]
_COUNTED = {
    BulkChange.State.DONE: "done_count",
    BulkChange.State.SAME: "same_count",
    BulkChange.State.LEFT_OUT: "left_out_count",
    BulkChange.State.RETURNED: "returned_count",
    BulkChange.State.KEPT: "kept_count",
}


def leads_in(state: str, action: BulkAction, *, limit: int) -> list[UUID]:
    """The next leads of the action in this state, by id. One query."""
    mine = BulkChange.objects.filter(action=action, state=state).order_by("lead")
    return list(mine.values_list("lead", flat=True)[:limit])


def expect(action: BulkAction, lead_ids: Collection[UUID]) -> None:
    """Note that the action means these leads; a second run notes none twice. One statement."""
    waiting = BulkChange.State.WAITING.value
    with connection.cursor() as cursor:
        rows.insert_ignore(
            cursor, "flow_bulkchange", _CHANGE,
            [(action.pk, lead_id, waiting, None, "") for lead_id in sorted(lead_ids)],
            vendor=connection.vendor,
        )  # fmt: skip


def note(action: BulkAction, became: Mapping[UUID, tuple[str, Done]]) -> None:
    """Write down what became of a portion's leads, and count it. Two statements."""
    written = [
        (action.pk, lead_id, str(state), _json(done.before), done.mark)
        for lead_id, (state, done) in became.items()
    ]
    with connection.cursor() as cursor:
        rows.update(
            cursor, "flow_bulkchange", _CHANGE, written, key=["action_id", "lead_id"],
            vendor=connection.vendor,
        )  # fmt: skip
    counts = _counts(state for state, _done in became.values())
    BulkAction.objects.filter(pk=action.pk).update(
        **{_COUNTED[BulkChange.State(state)]: F(_COUNTED[BulkChange.State(state)]) + n
           for state, n in counts.items()}
    )  # fmt: skip


def _counts(states: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for state in states:
        counts[state] = counts.get(state, 0) + 1
    return counts


def _json(value: object) -> str | None:
    return None if value is None else as_text(value)
