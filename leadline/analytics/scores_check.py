"""Every score computed again from the lake as of an instant, beside what was stored then.

A score is a pure function of what was known, so the two agree in every lead, to the last
micro-point. Left out and counted is who cannot be compared: bindings are read as they are today, so
not who was merged since, and not who had not been looked at yet when the instant came.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
from django.conf import settings
from django.utils.translation import gettext
from ibis.expr.types import BooleanValue, Table

from leadline.analytics import as_of, engines, scores_late, scores_left_out
from leadline.analytics.client import AnalystError
from leadline.analytics.lake import Lake
from leadline.analytics.manifest import Manifest
from leadline.analytics.worlds import Tables
from leadline.criteria.errors import CriterionError
from leadline.lib import clock
from leadline.scoring import batch, choosing, publishing, rules, vocabulary
from leadline.scoring.models import ScoreModelVersion
from leadline.scoring.rules import Model
from leadline.workspace.models import Job

MOST_NAMED = 20
MOST_KEPT = 1_000
ENGINES = ("duckdb", "spark")
RESCORING_US = clock.DAY
"""So long after a version came into force leads may stand by the one before, in the past."""
SAME, DIFFERS = "same", "differs"

Json = dict[str, Any]


@dataclass(frozen=True)
class Past:
    """The lake over an engine, with the model that was in force at the instant."""

    tables: Tables
    manifest: Manifest
    version: ScoreModelVersion
    model: Model
    at_us: int
    now: datetime

    @property
    def day(self) -> int:
        return clock.local_day(self.at_us, self.model.day_offset_minutes)

    @property
    def is_recent(self) -> bool:
        return scores_left_out.is_recent(self.at_us, self.now)

    def expected(self, at_us: int) -> Table:
        """`lead_id`, `total`, `fit`, `engagement`: what every lead's score had to be."""
        bindings = self.tables["bindings"]
        # What a visitor did was nobody's before we knew whose it is.
        theirs = bindings.filter(bindings.given_us.isnull() | (bindings.given_us <= at_us))
        tables = {**self.tables, "bindings": theirs}
        frame = as_of.frame(tables, self.manifest, at_us, rules.reads(self.model))
        scored = batch.scores(self.model, frame)
        leads = frame.leads.filter(frame.leads.known_us <= at_us)
        return leads.select("lead", "lead_id").inner_join(scored, "lead").drop("lead")

    def stored(self) -> Table:
        """`lead_id`, `version_id`, `was_total`, `was_fit`, `was_engagement`, `changed_us`: the
        score row of each lead that was in force, which is its newest one up to the instant."""
        rows = self.tables["score_changes"]
        rows = rows.filter(rows.at_us <= self.at_us)
        newest = rows.group_by("lead_id").agg(id=rows.id.max())
        return rows.semi_join(newest, ["lead_id", "id"]).select(
            "lead_id", "version_id", was_total="total", was_fit="fit",
            was_engagement="engagement", changed_us="at_us",
        )  # fmt: skip


def check(arguments: Mapping[str, Any], now: datetime, lake: Lake) -> Json:
    """Compare all scores as of `as_of_us` (null: now), by `engine` ("duckdb" or "spark").

    Returns {"as_of_us", "engine", "model", "version", "compared", "differing", "examples":
    [{"lead", "stored", "expected"}] (at most 20; a score is {"total", "fit", "engagement"} in
    micro-points, and null where there is none), "lead_ids" (of those that differ, at most 1,000),
    "left_out": {reason: count}, "seconds"}. Leads, not rows, are counted; nothing is written.
    Raises LakeError, and AnalystError for a version that cannot be read any more.
    """
    began = time.monotonic()
    at_us = arguments.get("as_of_us") or clock.micros(now)
    engine = arguments.get("engine") or settings.ENVIRONMENT.engine
    past = _past(lake, at_us=at_us, engine=engine, now=now)
    compared = _compared(past).cache()
    counts = _counts(compared)
    if counts.get(DIFFERS) and not past.is_recent:
        compared = _without_late(compared, past).cache()
        counts = _counts(compared)
    differing = counts.pop(DIFFERS, 0)
    return {
        "as_of_us": at_us,
        "engine": engine,
        "model": past.version.model.name,
        "version": past.version.number,
        "compared": counts.pop(SAME, 0) + differing,
        "differing": differing,
        "examples": _examples(compared) if differing else [],
        "lead_ids": _lead_ids(compared) if differing else [],
        "left_out": counts,
        "seconds": round(time.monotonic() - began, 3),
    }


def _past(lake: Lake, *, at_us: int, engine: str, now: datetime) -> Past:
    if engine not in ENGINES:
        raise AnalystError(
            gettext("There is no engine %(name)s; say one of %(names)s.")
            % {"name": repr(engine), "names": ", ".join(ENGINES)},
            permanent=True,
        )
    version = _version(at_us)
    manifest = lake.manifest()
    tables = lake.tables(engines.here(engine), manifest)
    return Past(tables, manifest, version, _model(version), at_us, now)


def _version(at_us: int) -> ScoreModelVersion:
    at = clock.from_micros(at_us)
    counted = choosing.counting(at=at)
    found = None if counted is None else publishing.in_force(counted, at=at)
    if found is None:
        raise AnalystError(gettext("No score model was in force then."), permanent=True)
    return found


def _model(version: ScoreModelVersion) -> Model:
    """Raises AnalystError that names a version whose rules nobody understands any more."""
    try:
        return rules.parse_model(
            version.document, vocabulary=vocabulary.current(),
            day_offset_minutes=version.day_offset_minutes,
        )  # fmt: skip
    except CriterionError as problem:
        raise AnalystError(
            gettext("Version %(number)d of “%(model)s” cannot be read any more: %(why)s")
            % {"number": version.number, "model": version.model.name, "why": problem},
            permanent=True,
        ) from problem


def _compared(past: Past) -> Table:
    """`lead_id`, both scores, `changed_us`, and `verdict`: same, differs, or why it is left out."""
    out = scores_left_out.found(
        past.tables["score_changes"], at_us=past.at_us, day=past.day, now=past.now
    )
    both = past.expected(past.at_us).left_join(past.stored(), "lead_id").drop("lead_id_right")
    both = both.left_join(out, "lead_id").drop("lead_id_right")
    is_older = (both.version_id != past.version.pk).fill_null(False)
    verdict = ibis.cases(
        (both.reason.notnull(), both.reason),
        (_is_same(both), ibis.literal(SAME)),
        (is_older & ibis.literal(_is_rescoring(past)), ibis.literal("rescoring")),
        else_=ibis.literal(DIFFERS),
    )
    return both.mutate(verdict=verdict).drop("reason", "version_id")


def _is_same(both: Table) -> BooleanValue:
    return (
        (both.total == both.was_total)
        & (both.fit == both.was_fit)
        & (both.engagement == both.was_engagement)
    ).fill_null(False)


def _is_rescoring(past: Past) -> bool:
    """Had the version come into force so lately that not everybody was scored by it?"""
    if past.is_recent:
        states = (Job.State.READY, Job.State.RUNNING)
        return Job.objects.filter(kind="scoring.rescore", state__in=states).exists()
    began_at = past.version.effective_at
    return began_at is not None and past.at_us - clock.micros(began_at) < RESCORING_US


def _without_late(compared: Table, past: Past) -> Table:
    differing = compared.filter(compared.verdict == DIFFERS, compared.was_total.notnull())
    late = scores_late.found(
        past.tables,
        differing.select("lead_id", "was_total", "was_fit", "was_engagement", "changed_us"),
        past.expected,
        at_us=past.at_us,
        day_offset_minutes=past.model.day_offset_minutes,
    )
    both = compared.left_join(late.mutate(is_late=ibis.literal(True)), "lead_id")
    both = both.drop("lead_id_right")
    is_late = both.is_late.fill_null(False)
    return both.mutate(verdict=ibis.ifelse(is_late, "due", both.verdict)).drop("is_late")


def _counts(compared: Table) -> dict[str, int]:
    counted = compared.group_by("verdict").agg(n=compared.count())
    return {each["verdict"]: each["n"] for each in engines.rows(counted)}


def _examples(compared: Table) -> list[Json]:
    differing = compared.filter(compared.verdict == DIFFERS)
    named = differing.order_by("lead_id").limit(MOST_NAMED)
    return [
        {"lead": row["lead_id"], "stored": _score(row, "was_"), "expected": _score(row, "")}
        for row in engines.rows(named)
    ]


def _lead_ids(compared: Table) -> list[str]:
    differing = compared.filter(compared.verdict == DIFFERS).select("lead_id")
    return [
        str(row["lead_id"]) for row in engines.rows(differing.order_by("lead_id").limit(MOST_KEPT))
    ]


def _score(row: Mapping[str, Any], prefix: str) -> Json | None:
    found = {name: row[prefix + name] for name in ("total", "fit", "engagement")}
    return None if found["total"] is None else found
