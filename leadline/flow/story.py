"""Lines that the product itself writes into a lead's story: who did what to the record by hand."""

from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec

from leadline.capture import submission
from leadline.capture.submission import Submission
from leadline.leads.by_hand import SOURCE
from leadline.leads.models import Binding
from leadline.lib import ids
from leadline.timeline import events
from leadline.timeline.events import Placed
from leadline.workspace.models import User


def tell(
    lead_ids: Collection[UUID],
    name: str,
    properties: Mapping[str, object],
    *,
    by: User | None,
    now_us: int,
) -> None:
    """Append one event per lead, on the identifier it has had longest. Six statements.

    The lead did nothing, so it wakes nobody. A lead without any identifier gets no line.
    """
    tell_each(dict.fromkeys(lead_ids, properties), name, by=by, now_us=now_us)


def tell_each(
    said: Mapping[UUID, Mapping[str, object]], name: str, *, by: User | None, now_us: int
) -> None:
    """The same with properties of each lead's own. Six statements."""
    longest: dict[UUID, int] = {}
    mine = Binding.objects.filter(lead__in=list(said)).order_by("id")
    for lead_id, binding_id in mine.values_list("lead", "pk"):
        longest.setdefault(lead_id, binding_id)
    source = f"{SOURCE}:{by.pk if by else ''}"
    blank = msgspec.structs.replace(
        submission.said(
            "system", name, source=source, message_id="", at_us=now_us, is_history=True
        ),
        properties={"by": str(by)} if by else {},
        actor="system",
    )
    placed = [Placed(_of(blank, said[lead_id]), each) for lead_id, each in longest.items()]
    events.append(placed, now_us=now_us)


def _of(blank: Submission, properties: Mapping[str, object]) -> Submission:
    return msgspec.structs.replace(
        blank,
        message_id=f"story-{ids.uuid7()}",
        properties={**properties, **blank.properties},
    )
