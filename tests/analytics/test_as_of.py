"""The lake tells what was known at an instant as it was told then, in process."""

from pathlib import Path

import pytest

from leadline.analytics import as_of, engines
from leadline.analytics.lake import Lake
from leadline.criteria import batch, batch_rows, parse, uses
from leadline.criteria.evaluate import evaluate
from leadline.criteria.mentions import mentions, union
from leadline.flow import rulebook
from leadline.scoring import batch as scoring
from tests.analytics import lakes, pasts
from tests.world import World

OTHERS: list[dict[str, object]] = [
    {"fact": "deal.is_open", "is": True},
    {"fact": "deal.is_won", "is": True},
    {"fact": "shows_interest", "is": True},
    {"stage": {"exists": True}},
    {"stage": {"is_not": "lead"}},
    {"since": "stage", "at_least": "30h"},
    {"since": "last_response", "at_least": "1d"},
    {"source": {"exists": True}},
    {"trait": "title_seniority", "is": "vp"},
    {"trait": "email_kind", "is": "free"},
]
NODES = {f"n{place}": rule for place, rule in enumerate(OTHERS)}


def nodes() -> dict[str, object]:
    words = rulebook.vocabulary()
    return {
        name: parse.parse(rule, vocabulary=words, allowed=uses.ROUTING)
        for name, rule in NODES.items()
    }


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_every_score_and_fact_of_the_past_comes_back(world: World, lake: Lake, seed: int) -> None:
    asked = nodes()
    past = pasts.lived(world, seed, also=union(mentions(node) for node in asked.values()))
    lakes.refreshed(lake, world.now)
    connection = engines.duckdb(Path(lake.address), threads=1)
    manifest = lake.manifest()
    tables = lake.tables(connection, manifest)
    compared = 0
    for seen in past.seen:
        frame = as_of.frame(tables, manifest, seen.at_us, past.reads)
        ids = {row["lead"]: row["lead_id"] for row in frame.leads.to_pyarrow().to_pylist()}
        rows = batch_rows.fetched(scoring.scores(past.model, frame)).to_pylist()
        scores = {ids[row["lead"]]: (row["total"], row["fit"], row["engagement"]) for row in rows}
        held = batch_rows.fetched(batch.holds(asked, frame, day_offset_minutes=60)).to_pylist()
        holds = {ids[row["lead"]]: row for row in held}
        for lead_id, expected in seen.scores.items():
            if past.merged_us.get(lead_id, 0) > seen.at_us:
                continue
            compared += 1
            assert scores[str(lead_id)] == expected, (seen.at_us, seen.snapshots[lead_id])
            for name, node in asked.items():
                verdict = evaluate(node, seen.snapshots[lead_id], seen.at_us, day_offset_minutes=60)
                assert holds[str(lead_id)][name] is verdict.holds, (node, seen.snapshots[lead_id])
    assert compared > 5
