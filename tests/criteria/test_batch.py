"""The batch evaluator says of every lead what the one in process says."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.analytics import engines
from leadline.criteria import batch
from leadline.criteria.evaluate import evaluate
from tests.criteria import batch_examples as odd
from tests.criteria.examples import offsets, read
from tests.criteria.frames import Put, frame, putter

LEADS = 12
RULES = 10


@pytest.fixture(scope="module")
def put(tmp_path_factory: pytest.TempPathFactory) -> Put:
    folder = tmp_path_factory.mktemp("frames")
    return putter(engines.duckdb(folder, threads=1), folder)


@st.composite
def meetings(draw: st.DrawFn) -> tuple[int, int, list[object], list[object]]:
    """(instant, offset, rules, leads): every rule is asked of every lead."""
    at_us = draw(odd.instants)
    written = draw(st.lists(odd.rules, min_size=1, max_size=RULES))
    found = draw(st.lists(odd.leads(at_us), min_size=1, max_size=LEADS))
    return at_us, draw(offsets), written, found


def compare(meeting: tuple[int, int, list[object], list[object]], put: Put) -> None:
    at_us, offset, written, leads = meeting
    nodes = {f"r{place}": read(rule) for place, rule in enumerate(written)}
    table = batch.holds(nodes, frame(leads, at_us, put=put), day_offset_minutes=offset)
    found = {row["lead"]: row for row in table.to_pyarrow().to_pylist()}
    assert len(found) == len(leads)
    for place, lead in enumerate(leads):
        for name, node in nodes.items():
            expected = evaluate(node, lead, at_us, day_offset_minutes=offset).holds
            assert found[place][name] is expected, (place, node)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(meeting=meetings())
def test_duckdb_finds_the_rule_true_of_the_same_leads(
    meeting: tuple[int, int, list[object], list[object]], put: Put
) -> None:
    compare(meeting, put)
