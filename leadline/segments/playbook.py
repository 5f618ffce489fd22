"""The part of a playbook with segments: `segments.yaml`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import msgspec

from leadline.criteria import canonical, identifiers
from leadline.criteria.errors import CriterionError
from leadline.criteria.vocabulary import Vocabulary
from leadline.leads import locks
from leadline.segments import dynamic, lists, rules
from leadline.segments.lists import NotAList
from leadline.segments.models import Segment

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=lists.LONGEST_NAME)]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A segment: what rules call it, what people call it, its rule."""

    key: Key
    name: Name
    when: dict[str, Any]  # a document, checked by criteria.parse


class Segments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `segments.yaml`."""

    segments: tuple[Entry, ...] = ()


def read(document: object, *, vocabulary: Vocabulary) -> Segments:
    """The segments in `document`; a rule may name these and those in the workspace.

    Raises msgspec.ValidationError or CriterionError with the path, also for a circle.
    """
    found = msgspec.convert(document, Segments)
    keys = [each.key for each in found.segments]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise msgspec.ValidationError(f"{key!r} stands twice - at `$.segments[{index}].key`")
    words = with_names(vocabulary, found)
    others: Mapping[str, object] = {**dynamic.documents(), **_documents(found)}
    entries = []
    for index, each in enumerate(found.segments):
        path = f"/segments/{index}/when"
        node = rules.read(each.when, vocabulary=words, path=path)
        identifiers.refuse(each.when, path=path)
        # As it is stored, so that nothing differs from itself.
        entries.append(msgspec.structs.replace(each, when=canonical.canonical(node)))
        try:
            rules.refuse_circles(each.key, each.when, others)
        except CriterionError as circle:
            raise CriterionError(path + circle.path, circle.found, circle.allowed) from None
    return Segments(tuple(entries))


def with_names(vocabulary: Vocabulary, found: Segments) -> Vocabulary:
    """The same words with the segments of the workspace and of the document."""
    return replace(
        vocabulary, segments={**lists.names(), **{each.key: each.name for each in found.segments}}
    )


def apply(document: Segments, *, vocabulary: Vocabulary, now: datetime) -> None:
    """Make the segments or change their names and rules; others stay. Safe to run twice.

    What is new or has another rule is filled in the background. Raises NotAList for a name that a
    list or another segment has, and for a key that is a list's.
    """
    # Nobody makes a lead by the rules before and is passed by the filling.
    locks.passing()
    words = with_names(vocabulary, document)
    for entry in document.segments:
        segment = Segment.objects.filter(key=entry.key).first()
        if segment is None:
            segment = dynamic.make(entry.name, key=entry.key, by=None, now=now)
        elif segment.kind != Segment.Kind.DYNAMIC:
            raise NotAList(f"{entry.key} is a list that people fill; it cannot have a rule.")
        lists.rename(segment, entry.name, now=now)
        node = rules.read(entry.when, vocabulary=words)
        dynamic.write(segment, node, by=None, now=now)


def export() -> Segments:
    """All segments with a rule, as they stand, in the order in which they were made."""
    written = dynamic.documents()
    return Segments(
        tuple(
            Entry(each.key, each.name, msgspec.convert(written[each.key], dict[str, Any]))
            for each in Segment.objects.filter(kind=Segment.Kind.DYNAMIC).order_by("pk")
        )
    )


def _documents(found: Segments) -> dict[str, object]:
    return {each.key: each.when for each in found.segments}
