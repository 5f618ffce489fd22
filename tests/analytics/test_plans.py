"""How often an answer reads the events: the one table that grows with everything that happens."""

import ibis
import pytest
import sqlglot
from sqlglot import exp

from benchmarks import batch_lake
from benchmarks.batch_lake import AT_US, MANIFEST, MODEL, VOCABULARY
from leadline.analytics import as_of, engines, frames, worlds
from leadline.lib.clock import DAY
from leadline.scoring import batch, rules

pytestmark = pytest.mark.pure

Tables = dict[str, ibis.Table]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("lake")
    batch_lake.made(folder, leads=20, events=100)
    return batch_lake.tables(engines.duckdb(folder, threads=1), folder)


def model(*more: dict[str, object]) -> rules.Model:
    engagement = MODEL["engagement"]
    assert isinstance(engagement, list)
    written = {**MODEL, "engagement": [*engagement, *more]}
    return rules.parse_model(written, vocabulary=VOCABULARY)


def scans(found: ibis.Table) -> int:
    """How often the query reads the events, each mention of a named part counted as a reading."""
    tree = sqlglot.parse_one(str(ibis.to_sql(found, dialect="duckdb")), read="duckdb")
    parts = {each.alias: each for each in tree.find_all(exp.CTE)}

    def count(inside: exp.CTE | None) -> int:
        read = [
            each.name for each in tree.find_all(exp.Table) if each.find_ancestor(exp.CTE) is inside
        ]
        return sum(count(parts[name]) if name in parts else name == "events" for name in read)

    return count(None)


def test_twenty_rules_read_the_events_once(tables: Tables) -> None:
    twenty = model(
        {"name": "Back again", "when": {"did": "Visit Started", "within": "3d"}, "points": 1}
    )
    frame = as_of.frame(tables, MANIFEST, AT_US, rules.reads(twenty))
    assert len(list(twenty.grouped)) == 20
    assert scans(batch.scores(twenty, frame)) == 1


def test_more_instants_read_the_events_no_more_often(tables: Tables) -> None:
    numbered, reads = worlds.numbered(tables), rules.reads(model())

    def of(count: int) -> int:
        instants = [AT_US - days * DAY for days in reversed(range(count))]
        frame = frames.frame(numbered, MANIFEST, worlds.Worlds(instants), reads)
        return scans(batch.scores(model(), frame))

    assert of(2) == of(12) == 1


def test_reading_twice_is_counted_twice(tables: Tables) -> None:
    """The twin: a count that always said one would hold nothing."""
    events = tables["events"].filter(tables["events"].counts)
    assert scans(events.select("id").union(events.select("id"))) == 2
