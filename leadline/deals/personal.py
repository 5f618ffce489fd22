"""The personal data of deals: what people wrote into their fields, and why they changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.deals.models import Deal, DealChange
from leadline.lib import personal_data


def register() -> None:
    """Declare who erases and exports them; called when the application starts."""
    personal_data.register(
        "deals.Deal", holds=("name", "reason", "traits"), eraser=erase, exporter=export
    )
    personal_data.register(
        "deals.DealChange", holds=("because",), eraser=erase_changes, exporter=export_changes
    )


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty words and fields; what was sold when and for how much stays. Rows changed."""
    empty: dict[str, object] = {"name": "", "reason": "", "traits": {}}
    return Deal.objects.filter(lead_id__in=lead_ids).exclude(**empty).update(**empty)


def erase_changes(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty why the deals changed; states and amounts stay. Rows changed."""
    mine = DealChange.objects.filter(deal__lead__in=lead_ids)
    return mine.exclude(because="").update(because="")


def export(lead_id: UUID) -> Iterable[dict[str, object]]:
    """The deals, oldest first."""
    found = Deal.objects.filter(lead_id=lead_id).order_by("opened_at", "id")
    columns = ("name", "state", "reason", "traits", "opened_at")
    for name, state, reason, traits, opened_at in found.values_list(*columns):
        yield {
            "name": name, "state": state, "reason": reason, "fields": traits,
            "opened_at": opened_at.isoformat(),
        }  # fmt: skip


def export_changes(lead_id: UUID) -> Iterable[dict[str, object]]:
    """What became of the deals and why, oldest first."""
    found = DealChange.objects.filter(deal__lead=lead_id).order_by("at", "pk")
    for state, because, at in found.values_list("state", "because", "at"):
        yield {"state": state, "because": because, "at": at.isoformat()}
