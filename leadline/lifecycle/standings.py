"""Standings as rows: what was decided, and every change of a stage."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection, transaction

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
    if stage not in lifecycle.by_key:
        allowed = ", ".join(lifecycle.by_key)
        raise UnknownStage(f"There is no stage {stage[:40]!r}; there are {allowed}.")
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
