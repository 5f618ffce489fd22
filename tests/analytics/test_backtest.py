"""A backtest over a lake: it finds what was planted, and knows nothing of the future."""

import copy
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import transaction

from leadline.analytics import (
    backtest,
    backtests,
    effect,
    engines,
    orders,
    questions,
    refreshing,
)
from leadline.analytics.backtest import Past
from leadline.analytics.client import AnalystError
from leadline.analytics.lake import Lake
from leadline.criteria.errors import CriterionError
from leadline.flow import rulebook
from leadline.lib import clock
from leadline.scoring import rules
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.scoring.rules import Model
from tests.analytics import backtested
from tests.analytics.backtested import MODEL, Year
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an analyst: one connection for all questions."""
    engine = engines.duckdb(tmp_path)
    monkeypatch.setattr(engines, "here", lambda name: engine)
    monkeypatch.setattr(backtests, "_held", [])
    backtests._connection.cache_clear()


def model(document: Any = MODEL) -> Model:
    return rules.parse_model(document, vocabulary=rulebook.vocabulary(), day_offset_minutes=60)


def lake_of(year: Year, folder: Path) -> Lake:
    year.come_in()
    lake = Lake(folder / "lake")
    refreshing.refresh(lake, now=year.now, also=[MODEL], is_alone=True)
    return lake


def past_of(lake: Lake) -> Past:
    manifest = lake.manifest()
    return Past.of(lake.tables(engines.here("duckdb"), manifest), manifest)


def test_a_planted_effect_is_found_and_said(world: World, tmp_path: Path) -> None:
    past = past_of(lake_of(backtested.year(world), tmp_path))
    found = backtest.run(model(), past, version=3)
    assert (found["model"], found["version"], found["horizon_days"]) == ("Small", 3, 90)
    # Everybody came within 300 of the 400 days; the youngest three month ends cannot be judged.
    assert len(found["left_out"]) == 3
    assert found["leads"] <= backtested.PEOPLE
    assert found["outcomes"] >= 20
    assert found["has_signal"]
    assert found["roc_auc_low"] > 0.5
    low, high = found["bands"][0], found["bands"][-1]
    assert high["rate"] > 3 * low["rate"]
    assert high["low"] > low["high"]
    assert sum(band["leads"] for band in found["bands"]) == found["looks"]
    assert sum(band["won"] for band in found["bands"]) == found["wins"]
    assert sum(bar["leads"] for bar in found["distribution"]) == backtested.PEOPLE
    assert found["brier"] < found["brier_base"]


def test_nothing_after_an_instant_changes_what_is_said_of_it(world: World, tmp_path: Path) -> None:
    """Everything that happened after the instant is shuffled, deleted or invented, but for the
    deals, which are what became of it."""
    before, after = backtested.year(world), backtested.year(world)
    instant = world.now - timedelta(days=150)
    chance = Random(5)
    known = [each for each in after.submissions if each.occurred_us <= clock.micros(instant)]
    there = {each.email for each in known}
    later = [each for each in after.submissions if each.occurred_us > clock.micros(instant)]
    after.submissions = [*known, *later[::2]]
    for number in range(backtested.PEOPLE):
        if after.address(number) in there:
            at = instant + timedelta(microseconds=1, days=chance.random() * 140)
            after.see(number, at, chance.choice(["/pricing", "/blog/y", "/other"]))
            traits = {"title_seniority": chance.choice(["vp", "c_level", "student"])}
            after.say(number, at, "Identified", kind="identify", traits=traits)
    told = [_at(year, instant, tmp_path / name) for name, year in
            (("before", before), ("after", after))]  # fmt: skip
    assert told[0]["leads"] > 20
    assert told[0]["outcomes"] >= 3
    assert told[0] == told[1]


def _at(year: Year, instant: Any, folder: Path) -> Any:
    """The document of the one instant, in a workspace that is rolled back afterwards."""
    year.sold = {n: sold for n, sold in year.sold.items() if _was_there(year, n, instant)}
    try:
        with transaction.atomic():
            past = past_of(lake_of(year, folder))
            at_us = clock.micros(instant.replace(minute=59, second=59, microsecond=999_999))
            seen = backtest.looked(model(), past, [at_us - clock.HOUR], horizon_days=90)
            evidence = backtest.Evidence(seen[0], backtest.counting.history(seen[0]), [])
            chosen = backtest.instants.Chosen([at_us], [])
            title = backtest.Title(model(), None, 90, chosen)
            begins = backtest.bands.edges(evidence.scores)
            aim = backtest.Objective()
            found = backtest.document(title, evidence, begins=begins, objective=aim)
            transaction.set_rollback(True)
    finally:
        rulebook.forget()
    return found


def _was_there(year: Year, number: int, instant: Any) -> bool:
    mine = [each for each in year.submissions if each.email == year.address(number)]
    return bool(mine) and min(each.occurred_us for each in mine) <= clock.micros(instant)


def published(document: Any) -> ScoreModelVersion:
    ScoreModel.objects.update(is_default=False)
    made = ScoreModel.objects.create(name=document["name"], is_default=True)
    return ScoreModelVersion.objects.create(
        model=made, number=1, state="published", document=document, day_offset_minutes=60,
        effective_at=clock.EPOCH, created_at=clock.EPOCH,
    )  # fmt: skip


def test_a_draft_is_set_against_what_is_published(world: World, tmp_path: Path) -> None:
    published(MODEL)
    year = backtested.year(world)
    lake = lake_of(year, tmp_path)
    draft = copy.deepcopy(MODEL)
    draft["engagement"][0] |= {"points": 40, "cap": 120}

    found = backtests.draft_effect({"model": draft}, world.now, lake)
    alone = {
        name: backtest.run(model(document), past_of(lake), most=12)
        for name, document in (("published", MODEL), ("draft", draft))
    }
    for name, document in alone.items():
        mine = found[name]
        assert mine["roc_auc"] == document["roc_auc"]
        assert mine["advice"] == document["advice"]
        assert (mine["looks"], mine["wins"]) == (document["looks"], document["wins"])
    crossing = found["crossing"]
    assert crossing["line"] == crossing["line_before"] == 30
    assert crossing["up"]["count"] == len(crossing["up"]["lead_ids"]) > 0
    assert crossing["down"] == {"count": 0, "lead_ids": []}
    extra = crossing["extra"]
    assert 0 <= extra["low"] <= extra["value"] <= extra["high"] <= crossing["up"]["count"]
    rate = extra["seen"]["won"] / extra["seen"]["leads"]
    assert extra["value"] == pytest.approx(crossing["up"]["count"] * rate, abs=1e-6)
    over = {mine: sum(bar["leads"] for bar in found[mine]["distribution"] if bar["from"] >= 30)
            for mine in ("published", "draft")}  # fmt: skip
    assert over["draft"] - over["published"] == crossing["up"]["count"]


def test_an_edit_after_a_refresh_counts_the_leads_of_today(world: World, tmp_path: Path) -> None:
    """Leads have other numbers in another generation; what was kept is renumbered."""
    published(MODEL)
    year = backtested.year(world)
    lake = lake_of(year, tmp_path)
    draft = copy.deepcopy(MODEL)
    draft["engagement"][0] |= {"points": 40, "cap": 120}
    before = backtests.draft_effect({"model": draft}, world.now, lake)
    assert backtests._held[0].made_us == before["lake_us"]

    later = world.now + timedelta(minutes=2)
    newcomer = Year(world, world.now)
    newcomer.say(500, world.now, "Identified", kind="identify", traits={"title_seniority": "vp"})
    newcomer.see(500, world.now, "/pricing")
    backtested.intake.run(newcomer.submissions, now=later)
    refreshing.refresh(lake, now=later, also=[MODEL], is_alone=True)
    after = backtests.draft_effect({"model": draft}, later, lake)

    assert backtests._held[0].made_us == before["lake_us"] < after["lake_us"]
    assert after["draft"]["roc_auc"] == before["draft"]["roc_auc"]
    told = [sum(bar["leads"] for bar in each["draft"]["distribution"]) for each in (before, after)]
    assert told == [backtested.PEOPLE, backtested.PEOPLE + 1]


def test_without_outcomes_it_says_so(world: World, tmp_path: Path) -> None:
    year = backtested.year(world)
    year.sold = {}
    found = backtest.run(model(), past_of(lake_of(year, tmp_path)))
    assert (found["has_signal"], found["sentence"], found["bands"]) == (
        False,
        "no outcomes yet",
        [],
    )
    assert found["advice"] == {"line": None, "sentence": "no outcomes yet"}
    assert found["leads"] > 0
    assert found["distribution"]


def test_an_empty_workspace_has_a_document_too(world: World, tmp_path: Path) -> None:
    year = Year(world, world.now)
    found = backtest.run(model(), past_of(lake_of(year, tmp_path)))
    assert (found["leads"], found["instants"], found["distribution"]) == (0, [], [])


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"model": {"name": "x"}}, "/model"),
        ({"model": MODEL | {"fit": [{"name": "n", "when": {"trait": "nope"}, "points": 1}]}},
         "/model/fit/0/when/trait"),
        ({"model": []}, "/model"),
        ({"horizon": 0}, "/horizon"),
        ({"horizon": "90"}, "/horizon"),
        ({"horizon": 5_000}, "/horizon"),
        ({"objective": {"kind": "luck"}}, "/objective/kind"),
        ({"against": "nothing"}, "/against"),
        ({"engine": "abacus"}, "/engine"),
        ({"line": "gold"}, "/line"),
        ({"version_id": 99}, "/version_id"),
        ({"version_id": "1"}, "/version_id"),
        ({"more": 1}, "/more"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_its_path(
    world: World, asked: dict[str, Any], path: str
) -> None:
    with pytest.raises(CriterionError) as refused:
        orders.read(asked, now=world.now)
    assert refused.value.path == path


def test_a_rule_over_what_the_lake_never_keeps_is_no_wrong_number(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = lake_of(backtested.year(world), tmp_path)
    monkeypatch.setattr(questions.lake, "here", lambda: lake)
    monkeypatch.setattr(questions.upkeep, "freshen", lambda *_, **__: None)
    secret = copy.deepcopy(MODEL)
    secret["engagement"][0]["each"]["where"] = {"email": {"exists": True}}
    with pytest.raises(AnalystError, match="does not keep the property email"):
        questions.answer("backtest", {"model": secret}, now=world.now)
    found = questions.answer("backtest", {"model": MODEL}, now=world.now)
    assert found["has_signal"]


def test_the_second_edit_of_a_draft_computes_only_what_it_changes(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, kept = lake_of(backtested.year(world), tmp_path), []
    keep = effect.keep
    monkeypatch.setattr(effect, "keep", lambda *a, **k: kept.append(1) or keep(*a, **k))
    # As in the product: whoever asks for an engine gets a new one.
    monkeypatch.setattr(engines, "here", lambda name: engines.duckdb(tmp_path))
    for points in (25, 26):
        draft = copy.deepcopy(MODEL)
        draft["engagement"][0]["points"] = points
        backtests.draft_effect({"model": draft}, world.now, lake)
    assert len(kept) == 1
