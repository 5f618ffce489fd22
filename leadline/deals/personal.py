"""The personal data of deals: what people wrote into their fields."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.deals.models import Deal
from leadline.lib import personal_data


def register() -> None:
    """Declare who erases and exports them; called when the application starts."""
    personal_data.register("deals.Deal", holds=("name", "traits"), eraser=erase, exporter=export)


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty name and fields; that, when and for how much something was sold stays. Rows changed."""
    mine = Deal.objects.filter(lead_id__in=lead_ids).exclude(name="", traits={})
    return mine.update(name="", traits={})


def export(lead_id: UUID) -> Iterable[dict[str, object]]:
    """The deals, oldest first."""
    found = Deal.objects.filter(lead_id=lead_id).order_by("opened_at", "id")
    for name, state, traits, opened_at in found.values_list("name", "state", "traits", "opened_at"):
        yield {"name": name, "state": state, "fields": traits, "opened_at": opened_at.isoformat()}
