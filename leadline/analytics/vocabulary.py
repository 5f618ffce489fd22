"""Which properties of events and which fields the lake keeps: what rules ask for, and defaults.

Never direct identifiers and never what people wrote: `lib.facts.NEVER`, and by the type of a
field. A field that not everybody may see is kept while a rule asks for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from leadline.lib import facts
from leadline.timeline import facts as timeline
from leadline.workspace import fields
from leadline.workspace.models import Field

_MOST = 200
"""Properties: a rule that names more is none that a person wrote."""


@dataclass(frozen=True)
class Wanted:
    """Names in order."""

    properties: tuple[str, ...]
    traits: tuple[str, ...]


def wanted(also: Iterable[object] = ()) -> Wanted:
    """What every stored rule document and those of `also` ask for. A query per package."""
    properties: set[str] = set(timeline.PROPERTIES)
    traits: set[str] = set()
    for document in (*facts.documents(), *also):
        for kind, name in _mentioned(document):
            (properties if kind == "where" else traits).add(name)
    kept = sorted(properties - facts.NEVER)[:_MOST]
    return Wanted(tuple(kept), tuple(sorted(_fields(traits))))


def is_asked_for(field: str) -> bool:
    """Whether a stored rule asks for this field. A query per package."""
    return any(
        (kind, name) == ("trait", field)
        for document in facts.documents()
        for kind, name in _mentioned(document)
    )


def _fields(mentioned: set[str]) -> Iterator[str]:
    found = Field.objects.values_list("name", "type", "is_fact")
    for name, kind, is_fact in found:
        if fields.is_counted(name, kind) and (is_fact or name in mentioned):
            yield name


def _mentioned(document: object) -> Iterator[tuple[str, str]]:
    """Every `trait: name` and every name in a `where`, however deep."""
    waiting = [document]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            for key, value in each.items():
                if key == "trait" and isinstance(value, str):
                    yield "trait", value
                if key == "where" and isinstance(value, Mapping):
                    yield from (("where", str(name)) for name in value)
                waiting.append(value)
        elif isinstance(each, list | tuple):
            waiting.extend(each)
