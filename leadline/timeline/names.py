"""What arrived lately is called: names of events and of their properties, to be offered."""

from collections.abc import Collection

import msgspec

from leadline.timeline.models import Event

LOOKED_AT = 500


class Names(msgspec.Struct, frozen=True):
    """Names of events, and of the properties that came with any of them; no values."""

    events: Collection[str] = ()
    properties: Collection[str] = ()


NONE = Names()


def recent() -> Names:
    """Names among the newest 500 events. One query along the primary key."""
    newest = Event.objects.order_by("-id").exclude(actor=Event.Actor.SYSTEM)
    rows = list(newest.values_list("name", "properties")[:LOOKED_AT])
    found = (msgspec.json.decode(properties) for _name, properties in rows)
    return Names(
        events=frozenset(name for name, _properties in rows),
        properties=frozenset(
            key for each in found if isinstance(each, dict) for key in each if key.isidentifier()
        ),
    )
