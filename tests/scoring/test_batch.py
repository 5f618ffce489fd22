"""The batch gives every lead the score that it has in process, to the last micro-point."""

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leadline.analytics import engines
from leadline.criteria import batch_rows
from leadline.criteria.snapshot import Snapshot
from leadline.scoring import batch, rules, tally
from tests.criteria import batch_examples as odd
from tests.criteria import batch_grids as grids
from tests.criteria.examples import NOW, VOCABULARY, offsets
from tests.criteria.frames import Put, frame, in_duckdb, in_spark

if TYPE_CHECKING:
    from ibis.backends.pyspark import Backend as Spark

pytestmark = pytest.mark.pure

Meeting = tuple[int, list[rules.Model], list[Snapshot]]
"""(instant, models, leads): every model scores every lead."""
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
def meetings(draw: st.DrawFn, models: int = 4, leads: int = 12) -> Meeting:
    at_us, offset = draw(odd.instants), draw(offsets)
    written = draw(st.lists(odd.models(), min_size=1, max_size=models))
    read = [
        rules.parse_model(each, vocabulary=VOCABULARY, day_offset_minutes=offset)
        for each in written
    ]
    return at_us, read, draw(st.lists(odd.leads(at_us), min_size=leads // 2, max_size=leads))


def compare(meeting: Meeting, put: Put) -> None:
    at_us, models, leads = meeting
    everybody = frame(leads, at_us, put=put)
    for model in models:
        rows = batch_rows.fetched(batch.scores(model, everybody)).to_pylist()
        found = {row["lead"]: (row["total"], row["fit"], row["engagement"]) for row in rows}
        assert len(rows) == len(leads)
        for place, lead in enumerate(leads):
            expected = tally.total_only(model, lead, at_us)
            assert found[place] == (expected.total, expected.fit, expected.engagement), place


def fading_model(offset: int) -> rules.Model:
    """Each span with points that stay, and that fade within ten and seventy days."""
    opened: dict[str, object] = {"did": "Email Opened"}
    written = [
        {"each": opened | window, **fading}
        for window in ({}, *({"within": span} for span in ("90m", "25h", "480h", "1d", "7d")))
        for fading in ({}, {"half_life": "1d"}, {"half_life": "7d"})
    ]
    # Other points for each rule: no sum hides which one is wrong.
    named = [
        {"name": f"Rule {place}", "points": 1 + 7 * place + place**3 / 1_000, **rule}
        for place, rule in enumerate(written)
    ]
    return rules.parse_model(
        {"name": "Fading", "engagement": named}, vocabulary=VOCABULARY, day_offset_minutes=offset
    )


@pytest.mark.parametrize("offset", [0, -300])
def test_duckdb_lets_points_fade_at_the_same_edges(offset: int, duckdb: Put) -> None:
    compare((NOW, [fading_model(offset)], grids.edges(NOW, offset)), duckdb)


def test_spark_lets_points_fade_at_the_same_edges(on_spark: Put) -> None:
    compare((NOW, [fading_model(-300)], grids.edges(NOW, -300)), on_spark)


@settings(max_examples=25, suppress_health_check=EVERYTHING)
@given(meeting=meetings())
def test_duckdb_adds_up_what_the_process_adds_up(meeting: Meeting, duckdb: Put) -> None:
    compare(meeting, duckdb)


@pytest.mark.torture
@settings(max_examples=600, suppress_health_check=EVERYTHING)
@given(meeting=meetings())
def test_duckdb_adds_it_up_for_thousands_of_leads(meeting: Meeting, duckdb: Put) -> None:
    compare(meeting, duckdb)


@settings(max_examples=10, suppress_health_check=EVERYTHING, phases=ONCE)
@given(meeting=meetings(models=1, leads=30))
def test_spark_adds_up_what_the_process_adds_up(meeting: Meeting, on_spark: Put) -> None:
    compare(meeting, on_spark)
