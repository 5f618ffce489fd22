"""The batch evaluator says of every lead what the one in process says."""

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leadline.analytics import engines
from leadline.criteria import batch, batch_rows
from leadline.criteria.evaluate import evaluate
from leadline.criteria.snapshot import Snapshot
from tests.criteria import batch_examples as odd
from tests.criteria import batch_grids as grids
from tests.criteria.examples import NOW, offsets, read
from tests.criteria.frames import Put, frame, in_duckdb, in_spark

LEADS = 12
RULES = 10


if TYPE_CHECKING:
    from ibis.backends.pyspark import Backend as Spark

pytestmark = pytest.mark.pure

Meeting = tuple[int, int, list[object], list[Snapshot]]
"""(instant, offset of days, rules, leads): every rule is asked of every lead."""
EVERYTHING = list(HealthCheck)
# Spark takes a second for a question: what fails is shown as it was drawn.
ONCE = (Phase.explicit, Phase.reuse, Phase.generate)


@pytest.fixture(scope="module")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> Put:
    folder = tmp_path_factory.mktemp("duckdb")
    return in_duckdb(engines.duckdb(folder, threads=1), folder)


@pytest.fixture
def on_spark(spark: "Spark") -> Iterator[Put]:
    yield in_spark(spark)
    gc.collect()


@st.composite
def meetings(draw: st.DrawFn, rules: int = 10, leads: int = 12) -> Meeting:
    at_us = draw(odd.instants)
    written = draw(st.lists(odd.rules, min_size=rules // 2, max_size=rules))
    found = draw(st.lists(odd.leads(at_us), min_size=leads // 2, max_size=leads))
    return at_us, draw(offsets), written, found


def compare(meeting: Meeting, put: Put) -> None:
    at_us, offset, written, leads = meeting
    nodes = {f"r{place}": read(rule) for place, rule in enumerate(written)}
    table = batch.holds(nodes, frame(leads, at_us, put=put), day_offset_minutes=offset)
    found = {row["lead"]: row for row in batch_rows.fetched(table).to_pylist()}
    assert len(found) == len(leads)
    for place, lead in enumerate(leads):
        for name, node in nodes.items():
            expected = evaluate(node, lead, at_us, day_offset_minutes=offset).holds
            assert found[place][name] is expected, (place, node)


def test_duckdb_reads_every_operator_and_odd_value_alike(duckdb: Put) -> None:
    assert grids.differences(grids.operators(), grids.said(), duckdb) == []


@pytest.mark.parametrize("offset", [0, 330, -720])
def test_duckdb_has_the_same_edges_of_every_window(offset: int, duckdb: Put) -> None:
    edges = grids.edges(NOW, offset)
    assert grids.differences(grids.windows(), edges, duckdb, offset=offset) == []


def test_spark_reads_every_operator_and_odd_value_alike(on_spark: Put) -> None:
    assert grids.differences(grids.operators(), grids.said(), on_spark) == []


def test_spark_has_the_same_edges_of_every_window(on_spark: Put) -> None:
    assert grids.differences(grids.windows(), grids.edges(NOW, 330), on_spark, offset=330) == []


@settings(max_examples=25, suppress_health_check=EVERYTHING)
@given(meeting=meetings())
def test_duckdb_finds_the_rules_true_of_the_same_leads(meeting: Meeting, duckdb: Put) -> None:
    compare(meeting, duckdb)


@pytest.mark.torture
@settings(max_examples=1_000, suppress_health_check=EVERYTHING)
@given(meeting=meetings())
def test_duckdb_finds_them_true_of_thousands_of_leads(meeting: Meeting, duckdb: Put) -> None:
    compare(meeting, duckdb)


@settings(max_examples=10, suppress_health_check=EVERYTHING, phases=ONCE)
@given(meeting=meetings(rules=16, leads=20))
def test_spark_finds_the_rules_true_of_the_same_leads(meeting: Meeting, on_spark: Put) -> None:
    compare(meeting, on_spark)
