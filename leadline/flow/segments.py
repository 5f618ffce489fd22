"""Segments with a rule: saved, filled for everybody, computed again and compared.

Every pass decides by the newest rule from the moment on in which it is saved. Who is in a segment
follows portion by portion; until all leads were looked at it is marked as being filled.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from leadline.criteria import identifiers
from leadline.criteria.nodes import Node
from leadline.criteria.vocabulary import Vocabulary
from leadline.flow import checkups, evaluation, recomputation, rulebook, snapshots
from leadline.flow.checkups import Planned
from leadline.flow.rulebook import Rulebook
from leadline.flow.snapshots import Loaded
from leadline.leads import locks, trash
from leadline.lib import clock
from leadline.lifecycle import playbook as lifecycle
from leadline.segments import discretion, dynamic, lists, rules
from leadline.segments.models import Segment, SegmentVersion
from leadline.workspace import audit, settings
from leadline.workspace.audit import Change, Doer

FILL = dynamic.FILL
PORTION = 200
_NOTHING: frozenset[str] = frozenset()


class Difference(msgspec.Struct, frozen=True):
    """A lead that is in a segment and should not be, or the other way round."""

    lead_id: UUID
    segment: str
    is_in: bool


def vocabulary(hidden: frozenset[str] = _NOTHING) -> Vocabulary:
    """What the rule of a segment may name when it is written by somebody who may not see these
    fields: to be in a segment by a field is to have its value."""
    stages = lifecycle.export()
    known = frozenset(each.key for each in stages.stages) if stages else None
    words = replace(rulebook.vocabulary(), stages=known)
    if not hidden:
        return words
    telling = discretion.telling(hidden)
    return replace(
        words,
        traits={name: kind for name, kind in words.traits.items() if name not in hidden},
        segments={key: name for key, name in (words.segments or {}).items() if key not in telling},
    )


def read(document: object, *, hidden: frozenset[str] = _NOTHING, key: str = "") -> Node:
    """The rule in a document, for the segment of this key. Raises CriterionError with the path.

    Also for a rule that leads back to its own segment, and for one that asks after a person. Four
    queries.
    """
    node = rules.read(document, vocabulary=vocabulary(hidden))
    identifiers.refuse(document)
    if key:
        rules.refuse_circles(key, document, dynamic.documents())
    return node


def create(
    name: str, document: object, *, by: Doer, now: datetime, hidden: frozenset[str] = _NOTHING
) -> Segment:
    """A new segment, filled from now on. Raises NotAList and CriterionError; then nothing is."""
    with transaction.atomic():
        locks.passing()
        node = read(document, hidden=hidden)
        segment = dynamic.make(name, by=by.user_id, now=now)
        written = _write(segment, node, by=by.user_id, now=now)
        after: dict[str, audit.Value] = {"name": segment.name, "rule": _said(written)}
        change = Change("segment.created", "segment", segment.pk, segment.name, {}, after)
        audit.record(change, by=by, now=now)
    return segment


def change(
    segment_id: int,
    name: str,
    document: object,
    *,
    by: Doer,
    now: datetime,
    hidden: frozenset[str] = _NOTHING,
) -> SegmentVersion | None:
    """Another name, another rule, or both; the new version, None when the rule is as it was.

    Raises NotAList and CriterionError; then nothing has changed.
    """
    with transaction.atomic():
        locks.passing()
        segment = held(segment_id)
        node = read(document, hidden=hidden, key=segment.key)
        before: dict[str, audit.Value] = {"name": segment.name}
        after: dict[str, audit.Value] = {}
        known = dynamic.newest([segment.pk]).get(segment.pk)
        if lists.rename(segment, name, now=now):
            after["name"] = segment.name
            settings.rules_changed()
        written = _write(segment, node, by=by.user_id, now=now)
        if written is not None:
            before["rule"], after["rule"] = _said(known), _said(written)
        if after:
            before = {each: before[each] for each in after}
            said = Change("segment.changed", "segment", segment.pk, segment.name, before, after)
            audit.record(said, by=by, now=now)
    return written


def held(segment_id: int) -> Segment:
    """The dynamic segment, locked until the end of the transaction. Raises NotAList."""
    segment = lists.held(segment_id)
    if segment.kind != Segment.Kind.DYNAMIC:
        raise lists.gone()
    return segment


def fill(arguments: Mapping[str, object], now: datetime) -> None:
    """The job: look at every lead under a new rule, a portion at a time.

    Goes on where it ended; ends when a newer version has taken over, whose job does the rest.
    """
    version_id, instant = int(str(arguments["version"])), clock.running(now)
    while fill_portion(version_id, now=instant()):
        pass


def fill_portion(version_id: int, *, now: datetime) -> bool:
    """The next 200 leads, in one transaction; False when there is nothing more to do."""
    with transaction.atomic():
        version = dynamic.to_fill(version_id)
        if version is None:
            return False
        everyone = trash.present().order_by("id")
        if version.cursor is not None:
            everyone = everyone.filter(id__gt=version.cursor)
        lead_ids = list(everyone.values_list("id", flat=True)[:PORTION])
        if not lead_ids:
            dynamic.finish(version_id, now=now)
            return False
        recomputation.recompute(lead_ids, now=now)
        dynamic.advance(version_id, to=lead_ids[-1], by=len(lead_ids))
    return True


def check(lead_ids: Sequence[UUID], *, now: datetime) -> list[Difference]:
    """Where who is in a segment is not what all rules say now; leads that are due are left out.

    One transaction, a fixed number of queries, nothing is written.
    """
    rules_now, at_us = rulebook.current(now), clock.micros(now)
    with transaction.atomic():
        locks.hold(lead_ids)
        plans = checkups.planned(lead_ids)
        found = snapshots.load(lead_ids, reads=rules_now.reads, at_us=at_us)
    return differing(found.values(), plans, rules=rules_now, at_us=at_us)


def differing(
    found: Iterable[Loaded], plans: Planned, *, rules: Rulebook, at_us: int
) -> list[Difference]:
    """What `check` says of leads that are loaded already, and of what is planned for them."""
    day = clock.local_day(at_us, rules.day_offset_minutes)
    looked = [
        evaluation.look(loaded, rulebook=rules, at_us=at_us)
        for loaded in found
        if not checkups.is_due(plans.get(loaded.id), at_us=at_us, day=day)
    ]
    return [
        Difference(each.loaded.id, change.key, not change.entered)
        for each in looked
        for change in each.grouped.decision.changes
    ]


def _write(
    segment: Segment, node: Node, *, by: UUID | None, now: datetime
) -> SegmentVersion | None:
    written = dynamic.write(segment, node, by=by, now=now)
    if written is not None:
        settings.rules_changed()
    return written


def _said(version: SegmentVersion | None) -> str:
    return "" if version is None else msgspec.json.encode(version.document).decode()[:1_000]
