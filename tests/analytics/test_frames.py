"""Several instants at once give the scores of a frame for each, to the last micro-point."""

from pathlib import Path

import ibis
import pytest
from ibis.expr.types import Table

from leadline.analytics import as_of, engines, worlds
from leadline.analytics.backtest import Past
from leadline.analytics.lake import Lake
from leadline.criteria.mentions import Mentions
from leadline.lib import clock
from leadline.lib.clock import DAY
from leadline.scoring import batch, rules
from tests.analytics import lakes, pasts
from tests.world import World

pytestmark = pytest.mark.django_db

Scores = dict[tuple[int, int], tuple[int, int, int]]


def told(found: Table) -> Scores:
    columns = ("at_us", "lead", "total", "fit", "engagement")
    rows = found.select(*columns).to_pyarrow().to_pylist()
    return {
        (row["at_us"], row["lead"]): (row["total"], row["fit"], row["engagement"]) for row in rows
    }


@pytest.mark.parametrize("seed", range(2))
def test_instants_together_are_instants_alone(
    world: World, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = pasts.lived(world, seed, steps=30, looks=1, also=Mentions())
    lake = Lake(tmp_path / "lake")
    last_us = story.seen[-1].at_us
    lakes.refreshed(lake, clock.from_micros(last_us))
    engine = engines.duckdb(tmp_path)
    tables, manifest = lake.tables(engine), lake.manifest()
    past = Past(tables, manifest, last_us, (5, None))
    # Whole days back from the end: before anybody was there, and in the middle of everything.
    instants = [last_us - days * DAY for days in (40, 19, 12, 7, 3, 1, 0)]
    monkeypatch.setattr(worlds, "MOST_ROWS", 20)  # four instants at a time

    together: Scores = {}
    portions = list(past.scores(story.model, instants))
    for _, found in portions:
        together |= told(found)

    alone: Scores = {}
    for at_us in instants:
        frame = as_of.frame(tables, manifest, at_us, rules.reads(story.model))
        there = frame.leads.filter(frame.leads.created_us <= at_us).select("lead")
        found = batch.scores(story.model, frame).semi_join(there, "lead")
        alone |= told(found.mutate(at_us=ibis.literal(at_us, type="int64")))
    assert len(portions) == 2
    assert together == alone
    assert len(set(together.values())) > 5
    assert len({at for at, _ in together}) >= 4
