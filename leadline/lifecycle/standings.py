"""Standings as rows: what was decided, and every change of a stage."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import Max

from leadline.lib import clock, rows
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
]
_CHANGE = ["lead_id", "stage_before", "stage", "set_by", "by_id", "because", "at"]

Stored = tuple[str, int, str, str, str, int]
"""(stage, since, set by, temperature, its reason, its since) of a standing; microseconds."""


class UnknownStage(ValueError):
    """A stage that the lifecycle in force does not have."""

    permanent = True


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
        stage, since_us, set_by, temperature, _, warm_us = self.before or (
            "",
            self.at_us,
            "rule",
            "",
            "",
            self.at_us,
        )
        if found.stage is not None and found.stage != stage:
            stage, since_us, set_by = found.stage, self.at_us, "rule"
        if found.temperature != temperature:
            warm_us = self.at_us
        return stage, since_us, set_by, found.temperature, found.temperature_because, warm_us


class Move(msgspec.Struct, frozen=True):
    """A lead whose stage a person set: where it stood before, and who had put it there."""

    lead_id: UUID
    stage_before: str
    set_by_before: str


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
    """A person puts a lead into a stage; None when it is there already.

    Raises UnknownStage. The stage stays until a person or a later event changes it.
    """
    _known(stage, lifecycle)
    with transaction.atomic():
        standing = Standing.objects.select_for_update().get(lead_id=lead_id)
        if standing.stage == stage and standing.stage_set_by == Standing.SetBy.PERSON:
            return None
        before, standing.stage = standing.stage, stage
        standing.stage_since = now
        standing.stage_set_by = Standing.SetBy.PERSON
        standing.save(update_fields=["stage", "stage_since", "stage_set_by"])
        return StageChange.objects.create(
            lead_id=lead_id,
            stage_before=before,
            stage=stage,
            set_by=Standing.SetBy.PERSON,
            by_id=by,
            because=because[:300],
            at=clock.micros(now),
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


def newest_changes(lead_ids: Collection[UUID]) -> dict[UUID, int]:
    """The number of each lead's last change of stage. One query."""
    last = StageChange.objects.filter(lead__in=list(lead_ids)).values("lead").annotate(n=Max("id"))
    return {row["lead"]: row["n"] for row in last.order_by()}


def _place(
    places: Mapping[UUID, tuple[str, str]], *, by: UUID, because: str, now: datetime
) -> list[Move]:
    moves = [
        Move(each.lead_id, each.stage, each.stage_set_by)
        for each in Standing.objects.filter(lead__in=list(places)).order_by("lead")
        if (each.stage, each.stage_set_by) != places[each.lead_id]
    ]
    at_us, vendor = clock.micros(now), connection.vendor
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
        raise UnknownStage(f"There is no stage {stage[:40]!r}; there are {allowed}.")
