"""Standings as rows: what was decided, and every change of a stage."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_noop as _noop

from leadline.lib import clock, rows
from leadline.lib.refusal import Phrase, Refused, shown
from leadline.lifecycle.models import StageChange, Standing
from leadline.lifecycle.rules import Decision, Lifecycle

_STANDING = [
    "lead_id",
    "stage",
    "stage_since",
    "stage_set_by",
    "temperature",
    "temperature_reason",
    "temperature_since",
    "return_since",
]
_CHANGE = ["lead_id", "stage_before", "stage", "set_by", "by_id", "because", "at"]

Stored = tuple[str, int, str, str, str, int, int | None]
"""(stage, since, set by, temperature, its reason, its since, since when its return to nurture is
proposed) of a standing; microseconds."""


class UnknownStage(Refused):
    """A stage that the lifecycle in force does not have."""


class Decided(msgspec.Struct):
    """A lead's decision beside what was stored."""

    lead_id: UUID
    decision: Decision
    before: Stored | None
    at_us: int

    @property
    def after(self) -> Stored:
        """The standing that results."""
        found = self.decision
        stage, since_us, set_by, temperature, _, warm_us, return_us = self.before or (
            "",
            self.at_us,
            "rule",
            "",
            "",
            self.at_us,
            None,
        )
        if found.stage is not None and found.stage != stage:
            stage, since_us, set_by = found.stage, self.at_us, "rule"
        if found.temperature != temperature:
            warm_us = self.at_us
        return_us = (return_us or self.at_us) if found.proposes_return else None
        because = found.temperature_because
        return stage, since_us, set_by, found.temperature, because, warm_us, return_us


class Move(msgspec.Struct, frozen=True):
    """A lead whose stage a person set, and when: where it stood before, who had put it there."""

    lead_id: UUID
    stage_before: str
    set_by_before: str
    at_us: int


class Place(msgspec.Struct, frozen=True):
    """A stage with who had set it and since when, in microseconds."""

    stage: str
    set_by: str
    since_us: int


def place_of(lead_id: UUID) -> Place:
    """Where a lead stands. Raises Standing.DoesNotExist."""
    found = Standing.objects.get(lead=lead_id)
    return Place(found.stage, found.stage_set_by, clock.micros(found.stage_since))


def asked_about(lead_id: UUID) -> Place | None:
    """Where a lead stands whose return to nurture is proposed; None when nothing is."""
    found = Standing.objects.filter(lead=lead_id, return_since__isnull=False).first()
    if found is None:
        return None
    return Place(found.stage, found.stage_set_by, clock.micros(found.stage_since))


def write(decided: Iterable[Decided], *, lifecycle: Lifecycle) -> None:
    """Write the standings that changed and a row for each change of stage. Two statements."""
    standings, changes = [], []
    for each in decided:
        after = each.after
        if after == each.before:
            continue
        standings.append((each.lead_id, *after))
        before = each.before[0] if each.before else ""
        if after[0] != before:
            because = each.decision.stage_because or _because(lifecycle, after[0])
            changes.append((each.lead_id, before, after[0], "rule", None, because, each.at_us))
    vendor = connection.vendor
    with connection.cursor() as cursor:
        rows.upsert(
            cursor, "lifecycle_standing", _STANDING, standings, key=["lead_id"], vendor=vendor
        )
        rows.insert(cursor, "lifecycle_stagechange", _CHANGE, changes, vendor=vendor)


def _because(lifecycle: Lifecycle, stage: str) -> str:
    step = lifecycle.by_key.get(stage)
    return f"meets the rule for {step.label}" if step else ""


def set_by_person(
    lead_id: UUID,
    stage: str,
    *,
    by: UUID,
    because: str,
    lifecycle: Lifecycle,
    now: datetime,
) -> StageChange | None:
    """A person puts a lead into a stage; None when it is there already by a person's word.

    While its return to nurture is proposed, the same stage again says that it stays. Raises
    UnknownStage. The stage stays until a person or a later event changes it.
    """
    _known(stage, lifecycle)
    with transaction.atomic():
        standing = Standing.objects.select_for_update().get(lead_id=lead_id)
        is_said = standing.stage == stage and standing.stage_set_by == Standing.SetBy.PERSON
        if is_said and standing.return_since is None:
            return None
        at_us = clock.not_before(clock.micros(now), clock.micros(standing.stage_since))
        before, standing.stage = standing.stage, stage
        standing.stage_since = clock.from_micros(at_us)
        standing.stage_set_by = Standing.SetBy.PERSON
        standing.save(update_fields=["stage", "stage_since", "stage_set_by"])
        return StageChange.objects.create(
            lead_id=lead_id,
            stage_before=before,
            stage=stage,
            set_by=Standing.SetBy.PERSON,
            by_id=by,
            because=because[:300],
            at=standing.stage_since,
        )


def set_many_by_person(
    lead_ids: Collection[UUID],
    stage: str,
    *,
    by: UUID,
    because: str,
    lifecycle: Lifecycle,
    now: datetime,
) -> list[Move]:
    """A person puts leads into a stage; those that were not there already by a person's word.

    As `set_by_person`, in three statements. Raises UnknownStage. The caller holds the locks.
    """
    _known(stage, lifecycle)
    places = dict.fromkeys(lead_ids, (stage, Standing.SetBy.PERSON.value))
    return _place(places, by=by, because=because, now=now)


def put_back(
    places: Mapping[UUID, tuple[str, str]], *, by: UUID, because: str, now: datetime
) -> list[Move]:
    """Put leads back to (stage, who had set it), so that rules move on what rules had set.

    Three statements. The caller holds the locks.
    """
    return _place(places, by=by, because=because, now=now)


def take_back(change: StageChange, was: Place, *, by: UUID, now: datetime) -> StageChange | None:
    """Undo `change`: the stage as it was before, by whom and since when; None when it has been
    changed since. The caller holds the lead's lock."""
    if newest_changes([change.lead_id]) != {change.lead_id: change.pk}:
        return None
    Standing.objects.filter(lead=change.lead_id).update(
        stage=was.stage, stage_since=clock.from_micros(was.since_us), stage_set_by=was.set_by
    )
    return StageChange.objects.create(
        lead_id=change.lead_id,
        stage_before=change.stage,
        stage=was.stage,
        set_by=was.set_by,
        by_id=by,
        because=_noop("Undone"),
        at=clock.from_micros(clock.not_before(clock.micros(now), clock.micros(change.at))),
    )


def newest_changes(lead_ids: Collection[UUID]) -> dict[UUID, int]:
    """The number of each lead's last change of stage. One query."""
    last = StageChange.objects.filter(lead__in=list(lead_ids)).values("lead").annotate(n=Max("id"))
    return {row["lead"]: row["n"] for row in last.order_by()}


def changed_at(change_ids: Collection[int]) -> dict[UUID, datetime]:
    """When each of these changes was, by its lead. One query."""
    found = StageChange.objects.filter(pk__in=list(change_ids))
    return dict(found.values_list("lead", "at"))


def _place(
    places: Mapping[UUID, tuple[str, str]], *, by: UUID, because: str, now: datetime
) -> list[Move]:
    found = [
        each
        for each in Standing.objects.filter(lead__in=list(places)).order_by("lead")
        if (each.stage, each.stage_set_by) != places[each.lead_id]
    ]
    at_us, vendor = clock.micros(now), connection.vendor
    known = (clock.not_before(at_us, clock.micros(each.stage_since)) for each in found)
    at_us = max(known, default=at_us)
    moves = [Move(each.lead_id, each.stage, each.stage_set_by, at_us) for each in found]
    standing = [(m.lead_id, places[m.lead_id][0], at_us, places[m.lead_id][1]) for m in moves]
    changes = [
        (m.lead_id, m.stage_before, *places[m.lead_id], by, because[:300], at_us) for m in moves
    ]
    with connection.cursor() as cursor:
        rows.update(cursor, "lifecycle_standing", _STANDING[:4], standing, key=["lead_id"],
                    vendor=vendor)  # fmt: skip
        rows.insert(cursor, "lifecycle_stagechange", _CHANGE, changes, vendor=vendor)
    return moves


def _known(stage: str, lifecycle: Lifecycle) -> None:
    if stage not in lifecycle.by_key:
        allowed = ", ".join(lifecycle.by_key)
        raise UnknownStage(
            Phrase(
                "there is no stage “%(stage)s”; there are %(allowed)s",
                stage=shown(stage),
                allowed=allowed,
            )
        )
