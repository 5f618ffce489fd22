"""What Spark is asked stays there: late leads are found on it, and no plan brings anybody home."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import ibis
import pytest
from django.db.models import F

from leadline.analytics import as_of, scores_check, scores_late
from leadline.analytics.lake import Lake
from leadline.criteria.mentions import union
from leadline.flow import intake, timers
from leadline.lib import clock
from leadline.scoring import batch, rules
from leadline.scoring.models import ScoreChange
from tests.analytics import lakes, pasts
from tests.analytics.test_scores_check import HOUR, ann
from tests.world import World, form

if TYPE_CHECKING:
    from ibis.backends.pyspark import Backend as Spark

pytestmark = pytest.mark.django_db
__all__ = ["ann"]

HOME = ("Python", "Pandas", "ArrowEval", "Broadcast", "SinglePartition", "CollectLimit",
        "LocalTableScan", "ExistingRDD")  # fmt: skip
"""Steps of a plan that take rows through the driver, or all of them through one task."""


@pytest.fixture
def unhelped(spark: "Spark") -> Iterator["Spark"]:
    """Spark that sends no table round because it happens to be small, and spreads what it groups:
    rows that lie in one part already need no step that brings them there."""
    conf = spark._session.conf
    wanted = {"spark.sql.autoBroadcastJoinThreshold": "-1", "spark.sql.shuffle.partitions": "2"}
    before = {name: conf.get(name) for name in wanted}
    for name, value in wanted.items():
        conf.set(name, value)
    yield spark
    for name, value in before.items():
        conf.set(name, value)


def homeward(table: ibis.Table, spark: "Spark") -> set[str]:
    """The steps of the plan that bring rows home."""
    asked = spark._session.sql(spark.compile(table))
    plan = asked._jdf.queryExecution().executedPlan().toString()
    assert "FileScan parquet" in plan
    return {step for step in HOME if step in plan}


def test_late_leads_are_found_on_spark_as_on_duckdb(
    world: World, ann: UUID, tmp_path: Path, spark: "Spark", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores_late, "_PAUSES", ())  # fewer instants, of which each takes seconds
    intake.run([form("demo", email="bob@birch.example", at=world.now)], now=world.now)
    days_later = world.now + timedelta(days=3)
    while timers.check_up(limit=10, now=days_later):
        pass
    # What is stored of Bob was wrong from the beginning: time is no excuse.
    ScoreChange.objects.exclude(lead=ann).update(fit=F("fit") + 1)
    lakes.refreshed(lake := Lake(tmp_path / "lake"), days_later)
    between_us = clock.micros(world.now + timedelta(days=2))
    said = [
        scores_check.check({"engine": name, "as_of_us": between_us}, days_later + HOUR, lake)
        for name in ("duckdb", "spark")
    ]
    duckdb, on_spark = ({**each, "engine": "", "seconds": 0} for each in said)
    assert (duckdb["differing"], duckdb["left_out"]) == (1, {"due": 1})
    assert on_spark == duckdb


def test_no_lead_passes_the_driver(world: World, tmp_path: Path, unhelped: "Spark") -> None:
    intake.run([form("demo", email="bob@birch.example", at=world.now)], now=world.now)
    model = pasts.model(day_offset_minutes=60)
    lakes.refreshed(lake := Lake(tmp_path / "lake"), world.now)
    manifest = lake.manifest()
    tables = lake.tables(unhelped, manifest)
    frame = as_of.frame(tables, manifest, manifest.lake_us, union([rules.reads(model)]))
    scored = batch.scores(model, frame)
    assert homeward(scored, unhelped) == set()
    # The twin: numbered through, all of them pass one task.
    alone = scored.mutate(place=ibis.row_number().over(order_by="total"))
    assert "SinglePartition" in homeward(alone, unhelped)
