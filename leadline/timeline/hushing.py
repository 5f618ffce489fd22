"""Taking values out of lines that were written before their field became sensitive."""

import msgspec

from leadline.timeline.models import Event

EDITED = "Record Edited"


def edits(label: str, *, after: int, limit: int) -> int | None:
    """Let edits of the field called `label` say that it changed, and not from what to what.

    Looks at the next `limit` edits behind the id `after`; returns the last one's id, None at the
    end. The caller's transaction is one portion; a second run changes nothing.
    """
    found = list(Event.objects.filter(id__gt=after, name=EDITED).order_by("id")[:limit])
    changed = [row for row in found if _hush(row, label)]
    Event.objects.bulk_update(changed, ["properties", "raw"])
    return found[-1].pk if found else None


def _hush(row: Event, label: str) -> bool:
    said = msgspec.json.decode(row.properties)
    if not isinstance(said, dict) or said.get("field") != label or "is_sensitive" in said:
        return False
    kept = {name: said[name] for name in ("field", "by") if name in said} | {"is_sensitive": True}
    row.properties, row.raw = msgspec.json.encode(kept).decode(), "{}"
    return True
