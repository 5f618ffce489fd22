"""The lake tells what was known at an instant as it was told then, in process."""

import itertools
from pathlib import Path

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.analytics import as_of, as_of_facts, engines
from leadline.analytics.as_of_facts import Past
from leadline.analytics.lake import Lake, LakeError
from leadline.criteria import batch, batch_rows, parse, uses
from leadline.criteria.evaluate import evaluate
from leadline.criteria.mentions import Mentions, mentions, union
from leadline.flow import intake, rulebook
from leadline.lib import clock
from leadline.privacy import claims
from leadline.scoring import batch as scoring
from tests.analytics import lakes, pasts
from tests.world import World, form

OTHERS: list[dict[str, object]] = [
    {"fact": "deal.is_open", "is": True},
    {"fact": "deal.is_won", "is": True},
    {"fact": "shows_interest", "is": True},
    {"stage": {"exists": True}},
    {"stage": {"is_not": "lead"}},
    {"since": "stage", "at_least": "30h"},
    {"since": "last_response", "at_least": "1d"},
    {"since": "last_touch", "at_least": "25h"},
    {"since": "assigned", "at_least": "20h"},
    {"since": "assigned", "at_least": "2d"},
    {"since": "last_event", "at_least": "20h"},
    {"since": "last_event", "at_least": "2d"},
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


def test_what_the_lake_does_not_keep_is_refused_by_name(world: World, lake: Lake) -> None:
    lakes.refreshed(lake, world.now)
    connection, manifest = engines.duckdb(Path(lake.address), threads=1), lake.manifest()
    tables = lake.tables(connection, manifest)
    at_us = clock.micros(world.now)
    for asked, named in (
        (Mentions(properties=frozenset({"path", "email"})), "the property email"),
        (Mentions(traits=frozenset({"last_name"})), "the field last_name"),
    ):
        with pytest.raises(LakeError, match=named):
            as_of.frame(tables, manifest, at_us, asked)


def test_who_has_a_lead_is_known_as_of_now_alone(world: World, lake: Lake) -> None:
    intake.run([form("demo", email="ann@acme.test", at=world.now)], now=world.now)
    lakes.refreshed(lake, world.now)
    connection, manifest = engines.duckdb(Path(lake.address), threads=1), lake.manifest()
    tables, asked = lake.tables(connection, manifest), Mentions(facts=frozenset({"owner"}))
    frame = as_of.frame(tables, manifest, manifest.lake_us, asked)
    [row] = frame.leads.to_pyarrow().to_pylist()
    assert row[frame.facts["owner"]] == world.ben.email
    with pytest.raises(LakeError, match="owner of the past"):
        as_of.frame(tables, manifest, manifest.lake_us - 1, asked)


WORDS = st.lists(
    st.tuples(st.sampled_from(["granted", "pending", "denied", "withdrawn"]), st.integers(1, 4)),
    max_size=6,
)


@pytest.mark.pure
@settings(max_examples=10)
@given(said=st.lists(st.lists(WORDS, min_size=1, max_size=2), min_size=20, max_size=40))
def test_a_permission_is_worth_what_its_words_one_after_the_other_make_it(
    said: list[list[list[tuple[str, int]]]],
) -> None:
    """Each lead has one or two addresses with words on them, which come in the order of their ids
    and say when they were said."""
    all_of_them = {lead: agreed(addresses) for lead, addresses in enumerate(said)}
    expected = {lead: agrees for lead, agrees in all_of_them.items() if agrees is not None}
    values = as_of_facts.table(told(said), "consent.marketing.email")
    assert values is not None
    rows = values.to_pyarrow().to_pylist()
    assert {row["lead"]: row["value"] for row in rows} == expected


def agreed(addresses: list[list[tuple[str, int]]]) -> bool | None:
    """By `claims.after`, in process; None when nobody has said a word."""
    worths = []
    for words in addresses:
        known = None
        for state, at_us in words:
            known = claims.after(known, state, at_us=at_us)
        if known is not None:
            worths.append(known.state == "granted")
    return all(worths) if worths else None


def told(said: list[list[list[tuple[str, int]]]]) -> Past:
    """The same words as tables of a lake."""
    numbers = itertools.count(1)
    bindings, words = [], []
    for lead, addresses in enumerate(said):
        for listed in addresses:
            binding = {"id": next(numbers), "lead_no": lead, "kind": "email"}
            bindings.append({**binding, "closed_us": None, "given_us": None})
            words += [
                {"id": next(numbers), "binding_id": binding["id"], "purpose": "marketing",
                 "channel": "email", "state": state, "at_us": at_us, "known_us": 0}
                for state, at_us in listed
            ]  # fmt: skip
    times = {"closed_us": pa.int64(), "given_us": pa.int64()}
    keys = dict.fromkeys(("id", "binding_id", "at_us", "known_us"), pa.int64())
    texts = dict.fromkeys(("purpose", "channel", "state"), pa.string())
    tables = {
        "bindings": ibis.memtable(
            pa.Table.from_pylist(bindings, schema=pa.schema(
                {"id": pa.int64(), "lead_no": pa.int64(), "kind": pa.string(), **times}))
        ),
        "consents": ibis.memtable(pa.Table.from_pylist(words, schema=pa.schema({**keys, **texts}))),
    }  # fmt: skip
    return as_of_facts.Past(tables, tables["bindings"], at_us=10, lake_us=10)
