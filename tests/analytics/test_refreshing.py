"""The lake holds what the database holds, once, in the right month, however often it is asked."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from leadline.analytics import exporting, refreshing
from leadline.analytics import manifest as manifests
from leadline.analytics.lake import Lake
from leadline.analytics.refreshing import Refreshed
from leadline.analytics.store import LakeError, Store
from leadline.flow import intake
from leadline.leads.models import TraitValue
from leadline.lib import clock
from leadline.scoring.models import ScoreModelVersion
from leadline.timeline.models import Event
from leadline.workspace.models import Field
from tests.analytics import lakes
from tests.versions import write_over
from tests.world import World, said

Act = Callable[..., Refreshed]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def visit(world: World, path: str, *, days_ago: int = 0, who: str = "a", **more: object) -> None:
    at = world.now - timedelta(days=days_ago)
    properties = {"path": path, **more}
    seen = said(at=at, anonymous_id=who, properties=properties, is_history=days_ago > 0)
    intake.run([seen], now=world.now)


def identify(world: World, **traits: object) -> None:
    intake.run([said("identify", email="a@acme.test", at=world.now, traits=traits)], now=world.now)


def names(lake: Lake) -> list[str]:
    return sorted(str(path.relative_to(lake.address).parent) for path in lakes.files(lake))


def test_what_happened_is_in_the_lake_once(world: World, lake: Lake) -> None:
    visit(world, "/pricing")
    assert refreshing.refresh(lake, now=world.now).added["events"] == 1
    assert refreshing.refresh(lake, now=world.now).added["events"] == 0
    visit(world, "/about")
    assert refreshing.refresh(lake, now=world.now).added["events"] == 1
    path = lake.manifest().properties["path"]
    found = lakes.rows(lake, "events")
    assert [row[f"{path}_text"] for row in found] == ["/pricing", "/about"]
    stored = Event.objects.order_by("id").values_list("id", "binding_id", "occurred_at")
    assert [(row["id"], row["binding_id"], row["occurred_us"]) for row in found] == [
        (key, binding, clock.micros(at)) for key, binding, at in stored
    ]


def test_a_late_event_lies_in_the_month_in_which_it_happened(world: World, lake: Lake) -> None:
    visit(world, "/pricing")
    refreshing.refresh(lake, now=world.now)
    visit(world, "/pricing", days_ago=40)
    refreshing.refresh(lake, now=world.now)
    assert [name for name in names(lake) if "events" in name] == [
        "events/2026-01", "events/2026-03",
    ]  # fmt: skip
    assert len(lakes.rows(lake, "events")) == 2


def test_the_small_files_of_a_month_become_one(
    world: World, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadline.analytics.compaction.MOST_FILES", 2)
    for number in range(3):
        visit(world, f"/{number}")
        refreshing.refresh(lake, now=world.now)
    assert len(lake.manifest().tables["events"].files) == 1
    assert len(lakes.rows(lake, "events")) == 3


def test_files_that_are_no_longer_named_go_after_two_generations(world: World, lake: Lake) -> None:
    refreshing.refresh(lake, now=world.now)
    first = {file.path for file in lake.manifest().tables["leads"].files}
    refreshing.refresh(lake, now=world.now)
    there = Store(str(lake.address)).sizes()
    assert first <= there.keys(), "who began with the generation before still reads"
    refreshing.refresh(lake, now=world.now)
    assert not first & Store(str(lake.address)).sizes().keys()


def test_a_property_that_a_rule_begins_to_ask_for_has_its_past(world: World, lake: Lake) -> None:
    visit(world, "/pricing", colour="red")
    refreshing.refresh(lake, now=world.now)
    assert "colour" not in lake.manifest().properties
    rule = {"did": "Page Viewed", "where": {"colour": {"is": "red"}, "email": {"exists": True}}}
    version = ScoreModelVersion.objects.earliest("id")
    version.document["engagement"].append({"name": "Red", "when": rule, "points": 1})
    write_over(version, version.document)
    refreshing.refresh(lake, now=world.now)
    manifest = lake.manifest()
    [row] = lakes.rows(lake, "events")
    assert row[f"{manifest.properties['colour']}_text"] == "red"
    assert "email" not in manifest.properties, "a rule may ask for it, the lake never keeps it"


def test_a_document_that_is_stored_nowhere_finds_its_words(world: World, lake: Lake) -> None:
    visit(world, "/pricing", colour="red")
    rule = {"all": [{"did": "Page Viewed", "where": {"colour": "red"}}]}
    refreshing.refresh(lake, now=world.now, also=[rule])
    assert "colour" in lake.manifest().properties


def test_a_field_declared_today_is_in_the_lake_with_what_was_said(world: World, lake: Lake) -> None:
    identify(world, shoe_size=41, secret="x", title_seniority="vp")
    refreshing.refresh(lake, now=world.now)
    assert {row["name"] for row in lakes.rows(lake, "trait_values")} == {
        "email_kind", "title_seniority",
    }  # fmt: skip
    Field.objects.create(name="shoe_size", type="number", label="Shoe size", is_fact=True)
    Field.objects.create(name="secret", type="text", label="Secret", is_sensitive=True)
    TraitValue.objects.create(
        lead=TraitValue.objects.exclude(lead=None)[0].lead, name="shoe_size", value=41,
        occurred_at=world.now, known_at=world.now,
    )  # fmt: skip
    refreshing.refresh(lake, now=world.now)
    [row] = [row for row in lakes.rows(lake, "trait_values") if row["name"] == "shoe_size"]
    assert (row["number"], row["text"], row["took_effect"]) == (41.0, None, True)


def test_a_lake_holds_none_of_the_words_of_a_person(world: World, lake: Lake) -> None:
    identify(world, first_name="Grace", message="otter", title="CEO")
    refreshing.refresh(lake, now=world.now)
    engine_rows = repr([lakes.rows(lake, name) for name in lake.manifest().tables])
    assert "title_seniority" in engine_rows
    for word in ("Grace", "otter", "a@acme.test", "CEO"):
        assert word not in engine_rows


def test_an_interrupted_run_is_gone_on_with_and_nothing_is_lost_or_doubled(
    world: World, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ended at every write that it makes, one after the other, as by kill -9."""
    monkeypatch.setattr(exporting, "STRIDE", 1)
    monkeypatch.setattr("leadline.analytics.source.PORTION", 1)
    for number in range(3):
        visit(world, f"/{number}", days_ago=20 * number)
    ends = 0
    while _ends_at(lake, world, monkeypatch, write=ends + 1):
        ends += 1
        assert ends < 200
    assert ends > 5
    refreshing.refresh(lake, now=world.now)
    path = lake.manifest().properties["path"]
    assert sorted(row[f"{path}_text"] for row in lakes.rows(lake, "events")) == ["/0", "/1", "/2"]
    named = {file.path for file in lake.manifest().files()} | lake.manifest().retired.keys()
    assert {str(path.relative_to(lake.address)) for path in lakes.files(lake)} <= named


class _Killed(BaseException):
    """What nobody catches."""


def _ends_at(lake: Lake, world: World, monkeypatch: pytest.MonkeyPatch, *, write: int) -> bool:
    """Refresh and die at the write of this number; False when it did not come so far."""
    left = write

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise _Killed

    with monkeypatch.context() as patch:
        for name in ("replace", "writing", "remove"):
            real = getattr(Store, name)
            patch.setattr(
                Store, name, lambda self, *given, real=real: (count(), real(self, *given))[1]
            )
        try:
            refreshing.refresh(lake, now=world.now)
        except _Killed:
            return True
    return False


@pytest.mark.parametrize("act", [refreshing.refresh, refreshing.rebuild])
@pytest.mark.parametrize("is_new", [True, False])
def test_what_was_written_before_a_kill_is_not_written_again(
    world: World, lake: Lake, monkeypatch: pytest.MonkeyPatch, act: Act, is_new: bool
) -> None:
    if not is_new:
        refreshing.refresh(lake, now=world.now)
    visit(world, "/pricing")

    def die(*_: object) -> None:
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(manifests, "write", die)
        with pytest.raises(_Killed):
            act(lake, now=world.now)
    before = {path for path in lakes.files(lake) if "events" in str(path)}
    assert before
    act(lake, now=world.now)
    assert {path for path in lakes.files(lake) if "events" in str(path)} == before


def test_one_writes_at_a_time(world: World, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    problems: list[str] = []

    def second(*_: object, **__: object) -> None:
        with pytest.raises(LakeError, match="being written") as refused:
            refreshing.refresh(lake, now=world.now)
        assert not refused.value.permanent
        problems.append(str(refused.value))

    monkeypatch.setattr("leadline.analytics.compaction.compact", second)
    refreshing.refresh(lake, now=world.now)
    assert len(problems) == 1


def test_a_refresh_asks_a_fixed_number_of_queries(world: World, lake: Lake) -> None:
    for number in range(5):
        visit(world, f"/{number}", who=f"v{number}")
    before = _queries(lake, world)
    for number in range(20):
        visit(world, f"/{number}", who=f"w{number}")
    assert _queries(lake, world) <= before


def _queries(lake: Lake, world: World) -> int:
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        refreshing.refresh(lake, now=world.now)
    return len(asked)
