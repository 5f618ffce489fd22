"""The names a rule may use in this workspace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "number", "boolean", "date", "list"]
KINDS: tuple[Kind, ...] = ("text", "number", "boolean", "date", "list")

TEMPERATURES = frozenset({"cold", "warm", "hot"})
SINCE = frozenset({"created", "stage", "assigned", "last_event", "last_touch", "last_response"})
FACTS: Mapping[str, Kind] = {"deal.is_open": "boolean", "deal.is_won": "boolean"}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What may be named. A set that is None is not checked (yet unknown when the rule is read).

    `traits` maps each trait to the type of its values, `labels` to what people call it and
    `options` to what they call its values; what is tested of `sensitive` ones is not spelt out
    where it would say something about a lead. `uncounted` traits name a person or are written by
    hand: rules about single leads may ask for them, a score model may not. `since` are the moments
    that `{since: …}` may count from, read from the fact `since.<name>` (`stage` from
    `stage_since`). `facts` are the ones that `{fact: …}` may ask for, `segments` maps what rules
    call a saved group to what people call it.
    """

    traits: Mapping[str, Kind]
    labels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
    uncounted: frozenset[str] = frozenset()
    since: frozenset[str] = SINCE
    facts: Mapping[str, Kind] = field(default_factory=lambda: FACTS)
    stages: frozenset[str] | None = None
    segments: Mapping[str, str] | None = None
    purposes: frozenset[str] | None = None
    channels: frozenset[str] | None = None
