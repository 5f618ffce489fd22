"""What the analyst is asked: a lake that is fresh enough, and a sentence for what goes wrong."""

import errno
import importlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import OperationalError

from leadline.analytics import client, lake, manifest, questions, refreshing, store, upkeep
from leadline.analytics.client import AnalystError, Asked
from leadline.analytics.engines import EngineMissing
from leadline.analytics.lake import Lake
from leadline.analytics.models import LakeState
from leadline.analytics.questions import Question
from leadline.criteria.errors import CriterionError
from leadline.flow import intake
from leadline.lib import clock
from tests.world import World, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("analyst")]
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(world: World, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask for the number of events that the lake knows, or for what the test puts there."""

    def count(_arguments: object, _now: object, here: Lake) -> dict[str, Any]:
        return {"events": sum(file.row_count for file in here.manifest().tables["events"].files)}

    monkeypatch.setattr(upkeep, "count", count, raising=False)
    monkeypatch.setitem(questions.QUESTIONS, "count", Question("upkeep", "count"))

    def ask(minutes: float = 0, **arguments: object) -> dict[str, Any]:
        now = world.now + timedelta(minutes=minutes)
        return questions.answer("count", arguments, now=now)

    return ask


def happens(world: World, number: int) -> None:
    intake.run([said(anonymous_id=f"v{number}", at=world.now)], now=world.now)


@pytest.mark.sqlite_only
def test_a_lake_is_made_by_the_first_question_and_refreshed_after_a_minute(
    world: World, ask: Ask
) -> None:
    """On SQLite: PostgreSQL writes nothing of a transaction twice, and this test is one."""
    happens(world, 1)
    assert ask() == {"lake_us": clock.micros(world.now), "events": 1}
    happens(world, 2)
    assert ask(minutes=1)["events"] == 1
    assert ask(minutes=1.01)["events"] == 2


def test_a_word_that_the_lake_does_not_keep_yet_refreshes_it_at_once(
    world: World, ask: Ask
) -> None:
    ask()
    rule = {"did": "Page Viewed", "where": {"colour": {"is": "red"}}}
    assert "colour" not in lake.here().manifest().properties
    ask(documents=[rule])
    assert "colour" in lake.here().manifest().properties
    generation = lake.here().manifest().generation
    ask(documents=[rule])
    assert lake.here().manifest().generation == generation


def test_a_lake_of_another_version_is_named_and_says_what_to_do(world: World, ask: Ask) -> None:
    ask()
    file = Path(lake.here().address) / manifest.NAME
    file.write_bytes(file.read_bytes().replace(b'"version":1', b'"version":99'))
    with pytest.raises(AnalystError, match=r"version 99.*leadline lake rebuild") as caught:
        ask()
    assert caught.value.permanent


def test_a_full_disk_leaves_the_lake_as_it_was(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    happens(world, 1)
    ask()
    before = lake.here().manifest()
    happens(world, 2)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store.Store, "replace", full)
        with pytest.raises(AnalystError, match="disk is full") as caught:
            ask(minutes=2)
    assert not caught.value.permanent
    assert lake.here().manifest() == before


@pytest.mark.parametrize(
    ("problem", "sentence", "permanent"),
    [
        (store.LakeError("The lake's file x is missing."), "file x is missing", True),
        (EngineMissing("Spark is not installed."), "Spark is not installed", True),
        (CriterionError("/fit/0", "x", "a number"), "/fit/0", True),
        (duckdb.OutOfMemoryException("failed to allocate"), "more memory", True),
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied", False),
        (OperationalError("server closed the connection"), "does not answer", False),
    ],
)
def test_what_may_go_wrong_is_a_sentence(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch,
    problem: Exception, sentence: str, permanent: bool,
) -> None:  # fmt: skip
    def fail(*_: object) -> None:
        raise problem

    monkeypatch.setattr(upkeep, "count", fail)
    found = questions.said(Asked("count", {}, 5.0))
    assert found.answer is None
    assert sentence in found.problem
    assert found.permanent is permanent


def test_another_writer_is_waited_for(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, tries = refreshing.refresh, []

    def busy(*given: Any, **more: Any) -> refreshing.Refreshed:
        tries.append(given)
        if len(tries) < 3:
            raise store.LakeError("The lake is being written just now.", permanent=False)
        return really(*given, **more)

    monkeypatch.setattr(refreshing, "refresh", busy)
    monkeypatch.setattr(upkeep, "LOOK_EVERY_SECONDS", 0.0)
    assert ask()["events"] == 0
    monkeypatch.setattr(upkeep, "PATIENCE_SECONDS", -1.0)
    tries.clear()
    with pytest.raises(AnalystError, match="being written"):
        ask(minutes=5)


def test_every_question_has_its_verb_and_nobody_knows_another(world: World) -> None:
    for name, question in questions.QUESTIONS.items():
        module = importlib.import_module(f"leadline.analytics.{question.module}")
        assert callable(getattr(module, question.verb)), name
    with pytest.raises(AnalystError, match="'love'"):
        client.ask("love")


def test_time_runs_from_when_the_lake_is_fresh(world: World, ask: Ask) -> None:
    known: list[int | None] = []
    questions.answer(
        "count", {}, now=world.now, begin=lambda: known.append(upkeep.known_us(lake.here()))
    )
    assert known == [clock.micros(world.now)]


@pytest.mark.sqlite_only
def test_a_lake_of_another_workspace_is_named_however_fresh_and_never_read(
    world: World, ask: Ask
) -> None:
    happens(world, 1)
    assert ask()["events"] == 1
    LakeState.objects.update(key="of another")
    with pytest.raises(AnalystError, match="written from another database") as refusal:
        ask()
    assert refusal.value.permanent
    LakeState.objects.all().delete()
    with pytest.raises(AnalystError, match="written from another database"):
        ask()
