"""Taking values out of lines that were written before their field became sensitive."""

from collections.abc import Collection
from dataclasses import dataclass

import msgspec
from django.db.models import Max, Min

from leadline.lib import clock
from leadline.timeline.events import EDITED
from leadline.timeline.models import Event

SPAN = 5_000
"""Events are looked through by so many ids at a time: a range of the key, never the whole table."""


@dataclass(frozen=True)
class Edited:
    """Which edits are meant: those that name the field.

    Older ones say only what it was called: those under one of its `labels`. Where another field
    had the same label (`shared`), those at an instant when this one was written (microseconds).
    """

    name: str
    labels: frozenset[str]
    shared: frozenset[str] = frozenset()
    instants: frozenset[int] = frozenset()


def all_ids() -> range:
    """From before the oldest event to the newest, in steps of `SPAN`. One query."""
    ends = Event.objects.aggregate(oldest=Min("pk"), newest=Max("pk"))
    if ends["newest"] is None:
        return range(0)
    return range(ends["oldest"] - 1, ends["newest"], SPAN)


def telling(which: Edited, *, after: int) -> list[int]:
    """The edits behind the id `after` that tell values, by id, out of the next `SPAN` ids.

    One query; call it outside of a transaction.
    """
    span = Event.objects.filter(id__gt=after, id__lte=after + SPAN)
    # A visitor may call an event the same.
    there = span.filter(name=EDITED, actor=Event.Actor.SYSTEM)
    return [row.pk for row in there.order_by("id") if _hushed(row, which) is not None]


def edits(which: Edited, ids: Collection[int]) -> int:
    """Let these edits say that the field changed, and not from what to what; how many changed.

    Two statements; a second run changes nothing. Joins the caller's transaction.
    """
    changed = []
    for row in Event.objects.select_for_update().filter(id__in=ids).order_by("id"):
        kept = _hushed(row, which)
        if kept is not None:
            row.properties, row.raw = msgspec.json.encode(kept).decode(), "{}"
            changed.append(row)
    Event.objects.bulk_update(changed, ["properties", "raw"])
    return len(changed)


def _hushed(row: Event, which: Edited) -> dict[str, object] | None:
    """What is left of what an edit says; None when it tells nothing, or of another field."""
    said = msgspec.json.decode(row.properties)
    if not isinstance(said, dict) or "is_sensitive" in said or not _is_meant(row, said, which):
        return None
    kept = {name: said[name] for name in ("field", "by") if name in said}
    return {**kept, "name": which.name, "is_sensitive": True}


def _is_meant(row: Event, said: dict[str, object], which: Edited) -> bool:
    if "name" in said:
        return said["name"] == which.name
    label = said.get("field")
    if label in which.shared:
        return clock.micros(row.occurred_at) in which.instants
    return label in which.labels
