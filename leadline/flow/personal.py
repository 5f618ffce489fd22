"""The personal data of bulk actions: what stood in a lead's field before."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.flow.models import BulkChange
from leadline.lib import personal_data


def register() -> None:
    """Declare who erases and exports it; called when the application starts."""
    personal_data.register(
        "flow.BulkChange", holds=("before", "mark"), eraser=erase, exporter=export
    )


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Forget what was there before; undoing then leaves the leads alone. Rows changed."""
    mine = BulkChange.objects.filter(lead__in=lead_ids)
    return mine.exclude(before=None, mark="").update(before=None, mark="")


def export(lead_id: UUID) -> Iterable[dict[str, object]]:
    """What bulk actions changed about the lead, oldest first."""
    mine = BulkChange.objects.filter(lead=lead_id, state=BulkChange.State.DONE)
    found = mine.order_by("action__at").values_list("action__kind", "before", "action__at")
    for kind, before, at in found:
        yield {"kind": kind, "before": before, "at": at.isoformat()}
