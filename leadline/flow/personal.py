"""The personal data of bulk actions: what was asked for, and what stood in a field before."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.flow import bulk_erasing
from leadline.flow.models import BulkChange
from leadline.lib import personal_data


def register() -> None:
    """Declare who erases and exports it; called when the application starts."""
    personal_data.register(
        "flow.BulkChange", holds=("before", "mark"), eraser=erase, exporter=export
    )
    # What was written with it is exported by the notes and tasks that it made.
    personal_data.register(
        "flow.BulkAction", holds=("wanted", "choice", "asked"), eraser=erase_words, exporter=None
    )


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Forget what was there before; undoing then leaves the leads alone. Rows changed."""
    mine = BulkChange.objects.filter(lead__in=lead_ids)
    return mine.exclude(before=None, mark="").update(before=None, mark="")


def erase_words(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty what was written and searched for in actions that touched the leads. Rows changed."""
    return bulk_erasing.erase(lead_ids)


def export(lead_id: UUID) -> Iterable[dict[str, object]]:
    """What bulk actions changed about the lead, oldest first."""
    mine = BulkChange.objects.filter(lead=lead_id, state=BulkChange.State.DONE)
    found = mine.order_by("action__at").values_list("action__kind", "before", "action__at")
    for kind, before, at in found:
        yield {"kind": kind, "before": before, "at": at.isoformat()}
