"""All scores computed again in batch, at many instants of a history that came in by the door."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db.models import F

from leadline.analytics import scores_check
from leadline.analytics.client import AnalystError
from leadline.analytics.lake import Lake
from leadline.flow import intake, timers
from leadline.leads.models import Binding
from leadline.lib import clock
from leadline.scoring.models import Score, ScoreChange, ScoreModelVersion
from tests.analytics import histories, lakes
from tests.versions import write_over
from tests.world import World, form, said

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
EMAIL = "ann@alder.example"


def compared(lake: Lake, at: datetime, *, now: datetime) -> dict[str, Any]:
    return scores_check.check({"as_of_us": clock.micros(at)}, now, lake)


@pytest.fixture
def ann(world: World) -> UUID:
    """A lead whose points fade from day to day and of which some end within a day."""
    visits = [said("track", "Visit Started", email=EMAIL, at=world.now) for _ in range(3)]
    prices = said("page", email=EMAIL, at=world.now, properties={"path": "/pricing"})
    intake.run([form("demo", email=EMAIL, at=world.now), *visits, prices], now=world.now)
    found = Binding.objects.get(kind="email").lead_id
    assert found is not None
    return found


def lake_of(folder: Path, now: datetime) -> Lake:
    lake = Lake(folder / "lake")
    lakes.refreshed(lake, now)
    return lake


def test_the_batch_agrees_at_every_instant_of_a_history(world: World, tmp_path: Path) -> None:
    history = histories.a_month(world)
    lake, now = lake_of(tmp_path, history.now), history.now + HOUR
    found = [compared(lake, at, now=now) for at in [*history.quiet[::15], history.now]]
    assert [each["differing"] for each in found] == [0] * len(found), found
    assert [found[0]["compared"], found[-1]["compared"]] == [3, 5]
    assert {why for each in found for why in each["left_out"]} == {"restored", "unmerged"}
    assert found[-1]["left_out"] == {}
    assert {each["version"] for each in found} == {1, 2}
    # The twin: one row of all that was ever written is wrong, and exactly where it was in force.
    wrong = ScoreChange.objects.order_by("id")[3]
    ScoreChange.objects.filter(pk=wrong.pk).update(total=F("total") + 1, fit=F("fit") + 1)
    other = lake_of(tmp_path / "other", history.now)
    [named] = compared(other, wrong.at, now=now)["examples"]
    assert named["lead"] == str(wrong.lead_id)
    assert named["stored"]["total"] - named["expected"]["total"] == 1
    assert named["stored"]["engagement"] == named["expected"]["engagement"]
    assert compared(other, history.now, now=now)["differing"] == 0


def test_spark_compares_alike(world: World, ann: UUID, tmp_path: Path, spark: object) -> None:
    intake.run([form("demo", email="bob@birch.example", at=world.now)], now=world.now)
    ScoreChange.objects.exclude(lead=ann).update(engagement=F("engagement") - 5)
    timers.checkups.ask_for([ann], at_us=clock.micros(world.now))
    lake = lake_of(tmp_path, world.now)
    both = [scores_check.check({"engine": name}, world.now, lake) for name in ("duckdb", "spark")]
    assert (both[0]["differing"], both[0]["left_out"]) == (1, {"due": 1})
    duckdb, on_spark = ({**each, "engine": "", "seconds": 0} for each in both)
    assert on_spark == duckdb


def test_who_was_not_looked_at_yet_in_the_past_is_counted_and_no_difference(
    world: World, ann: UUID, tmp_path: Path
) -> None:
    days_later = world.now + timedelta(days=3)
    while timers.check_up(limit=10, now=days_later):
        pass
    lake, now = lake_of(tmp_path, days_later), days_later + HOUR
    between = compared(lake, world.now + timedelta(days=2), now=now)
    assert (between["differing"], between["left_out"]) == (0, {"due": 1})
    assert compared(lake, days_later, now=now)["compared"] == 1
    # The twin: had the score been wrong from the beginning, time would be no excuse.
    ScoreChange.objects.filter(at=world.now).update(total=1)
    between = compared(lake_of(tmp_path / "other", days_later), world.now + 2 * 24 * HOUR, now=now)
    assert (between["differing"], between["left_out"]) == (1, {})


def test_who_is_due_now_is_counted_and_nobody_else_is_excused(
    world: World, ann: UUID, tmp_path: Path
) -> None:
    now = world.now + timedelta(days=3)
    lake = lake_of(tmp_path, now)
    assert compared(lake, now, now=now)["left_out"] == {"due": 1}
    # The twin: nobody will look at it, so it stays wrong.
    timers.checkups.postpone(ann, until_us=clock.micros(now + HOUR))
    found = compared(lake, now, now=now)
    assert (found["differing"], found["left_out"]) == (1, {})
    while timers.check_up(limit=10, now=now + HOUR):
        pass
    now += HOUR
    assert compared(lake_of(tmp_path / "other", now), now, now=now)["compared"] == 1


def test_a_change_that_the_lake_missed_while_it_was_written_is_no_difference(
    world: World, ann: UUID, tmp_path: Path
) -> None:
    lake = lake_of(tmp_path, world.now)
    at = world.now + timedelta(seconds=20)
    intake.run([said("page", email=EMAIL, at=at, properties={"path": "/pricing"})], now=at)
    assert compared(lake, at, now=at)["left_out"] == {"due": 1}
    just_before = at - timedelta(seconds=1)
    assert compared(lake, just_before, now=at)["left_out"] == {"due": 1}
    assert compared(lake, at, now=at + HOUR)["compared"] == 1


def test_a_lead_without_a_score_is_a_difference(world: World, ann: UUID, tmp_path: Path) -> None:
    ScoreChange.objects.all().delete()
    found = compared(lake_of(tmp_path, world.now), world.now, now=world.now + HOUR)
    [named] = found["examples"]
    assert (found["differing"], named["stored"]) == (1, None)
    assert named["expected"]["total"] == Score.objects.get().total


def test_a_version_that_nobody_understands_any_more_is_named(
    world: World, ann: UUID, tmp_path: Path
) -> None:
    lake = lake_of(tmp_path, world.now)
    rule = {"name": "Shoes", "when": {"trait": "shoe_size", "gte": 40}, "points": 5}
    document = {"name": "Fit and engagement", "fit": [rule], "engagement": []}
    write_over(ScoreModelVersion.objects.get(model__is_default=True), document)
    with pytest.raises(AnalystError, match=r"Version 1 of .Fit and engagement. .*shoe_size"):
        compared(lake, world.now, now=world.now)


def test_an_instant_before_any_model_and_an_engine_that_is_none_are_refused(
    world: World, tmp_path: Path
) -> None:
    lake = lake_of(tmp_path, world.now)
    with pytest.raises(AnalystError, match="one of duckdb, spark"):
        scores_check.check({"engine": "polars"}, world.now, lake)
    ScoreModelVersion.objects.all().delete()
    with pytest.raises(AnalystError, match="No score model was in force"):
        compared(lake, world.now, now=world.now)
