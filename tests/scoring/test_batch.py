"""The batch gives every lead the score that it has in process, to the last micro-point."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.analytics import engines
from leadline.criteria.snapshot import Snapshot
from leadline.scoring import batch, rules, tally
from tests.criteria import batch_examples as odd
from tests.criteria.examples import VOCABULARY, offsets
from tests.criteria.frames import Put, frame, putter

Meeting = tuple[int, list[rules.Model], list[Snapshot]]
"""(instant, models, leads): every model scores every lead."""


@pytest.fixture(scope="module")
def put(tmp_path_factory: pytest.TempPathFactory) -> Put:
    folder = tmp_path_factory.mktemp("frames")
    return putter(engines.duckdb(folder, threads=1), folder)


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    at_us, offset = draw(odd.instants), draw(offsets)
    written = draw(st.lists(odd.models(), min_size=1, max_size=4))
    models = [
        rules.parse_model(each, vocabulary=VOCABULARY, day_offset_minutes=offset)
        for each in written
    ]
    return at_us, models, draw(st.lists(odd.leads(at_us), min_size=1, max_size=12))


def compare(meeting: Meeting, put: Put) -> None:
    at_us, models, leads = meeting
    everybody = frame(leads, at_us, put=put)
    for model in models:
        rows = batch.scores(model, everybody).to_pyarrow().to_pylist()
        found = {row["lead"]: (row["total"], row["fit"], row["engagement"]) for row in rows}
        assert len(rows) == len(leads)
        for place, lead in enumerate(leads):
            expected = tally.total_only(model, lead, at_us)
            assert found[place] == (expected.total, expected.fit, expected.engagement), place


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(meeting=meetings())
def test_duckdb_adds_up_what_the_process_adds_up(meeting: Meeting, put: Put) -> None:
    compare(meeting, put)
