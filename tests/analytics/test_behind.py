"""Each number of a backtest leads to its leads: as many as it says, and those."""

import copy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from leadline.analytics import backtests, behind
from leadline.analytics.lake import Lake
from leadline.criteria.errors import CriterionError
from leadline.leads.models import Lead
from tests.analytics import backtested
from tests.analytics.backtested import MODEL
from tests.analytics.test_backtest import lake_of, one_engine, published  # noqa: F401  # fixture
from tests.world import World

pytestmark = pytest.mark.django_db
Json = dict[str, Any]


@pytest.fixture
def draft() -> Json:
    found: Json = copy.deepcopy(MODEL)
    found["engagement"][0] |= {"points": 40, "cap": 120}
    return found


@pytest.fixture
def lake(world: World, tmp_path: Path) -> Lake:
    published(MODEL)
    return lake_of(backtested.year(world), tmp_path)


def _some(rows: list[Json]) -> list[tuple[int, Json]]:
    """The first, the last and the fullest, with their places: each is some queries."""
    places = {0, len(rows) - 1, max(range(len(rows)), key=lambda place: rows[place]["leads"])}
    return [(place, rows[place]) for place in sorted(places)]


def asked(lake: Lake, now: datetime, rules: Json, **which: object) -> Json:
    """All pages together."""
    found = behind.leads({"model": rules, "which": which}, now, lake)
    while len(found["rows"]) < found["count"]:
        more = behind.leads(
            {"model": rules, "which": which | {"skip": len(found["rows"])}}, now, lake
        )
        assert more["rows"], "a page is never empty before the end"
        found["rows"] += more["rows"]
    assert len(found["rows"]) == found["count"]
    return found


def test_each_bar_and_band_of_both_models_leads_to_as_many(
    world: World, lake: Lake, draft: Json
) -> None:
    document = backtests.draft_effect({"model": draft}, world.now, lake)
    for side in ("published", "draft"):
        told = document[side]
        edges = [bar["from"] for bar in told["distribution"]] + [None]
        for place, bar in _some(told["distribution"]):
            bounds = {"begins": bar["from"], "ends": edges[place + 1]}
            found = asked(lake, world.now, draft, kind="now", model=side, **bounds)
            assert found["count"] == bar["leads"], (side, bar)
            assert all(bar["from"] <= row["points"] for row in found["rows"])
        for _, band in _some(told["bands"]):
            for won, count in ((False, band["leads"]), (True, band["won"])):
                bounds = {"begins": band["from"], "ends": band["to"], "won": won}
                found = asked(lake, world.now, draft, kind="looks", model=side, **bounds)
                assert found["count"] == count, (side, band)
        for won, count in ((False, told["leads"]), (True, told["outcomes"])):
            found = asked(lake, world.now, draft, kind="people", model=side, won=won)
            assert found["count"] == count
            assert len({row["lead_id"] for row in found["rows"]}) == count


def test_who_crosses_is_told_to_the_last_one(world: World, lake: Lake, draft: Json) -> None:
    on_screen = backtests.draft_effect({"model": draft}, world.now, lake)
    over_the_api = backtests.backtest({"model": draft, "against": "published"}, world.now, lake)
    assert over_the_api == on_screen, "the API answers the very numbers that the screen draws"
    crossing = on_screen["crossing"]
    up = asked(lake, world.now, draft, kind="up")
    assert {row["lead_id"] for row in up["rows"]} == set(crossing["up"]["lead_ids"])
    assert min(row["points"] for row in up["rows"]) >= crossing["line"]
    assert asked(lake, world.now, draft, kind="down")["count"] == 0
    assert Lead.objects.filter(pk__in=[row["lead_id"] for row in up["rows"]]).count() == up["count"]


def test_a_model_alone_leads_to_the_leads_of_its_own_document(world: World, lake: Lake) -> None:
    document = backtests.backtest({"model": MODEL}, world.now, lake)
    for _, band in _some(document["bands"]):
        bounds = {"begins": band["from"], "ends": band["to"], "alone": True}
        found = asked(lake, world.now, MODEL, kind="looks", **bounds)
        assert found["count"] == band["leads"]
        assert {row["at_us"] for row in found["rows"]} <= set(document["instants"])


@pytest.mark.parametrize(
    "which",
    [None, {}, {"kind": "all"}, {"kind": "now", "begins": "x"}, {"kind": "now", "more": 1},
     {"kind": "now", "skip": -1}],
)  # fmt: skip
def test_a_number_that_there_is_not_is_refused(which: object) -> None:
    with pytest.raises(CriterionError) as caught:
        behind.read(which)
    assert caught.value.path.startswith("/which")
