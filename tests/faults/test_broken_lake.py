"""A lake that is broken in any way is named on the screen in a sentence, never counted, and whole
again when somebody asks for it."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from leadline.analytics import backtests, client, refreshing
from leadline.analytics.client import AnalystError
from leadline.flow import intake
from leadline.keeping import checks
from leadline.lib import clock
from leadline.scoring.models import ScoreModel
from tests.world import World, said

pytestmark = pytest.mark.django_db
MANIFEST = "manifest.json"


@pytest.fixture
def then(world: World, analyst: None, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """When events of two months are in the lake; the clock stands still."""
    now = world.now
    monkeypatch.setattr(clock, "now", lambda: now)
    monkeypatch.setattr(backtests, "_held", [])
    alone = partial(refreshing.rebuild, is_alone=connection.in_atomic_block)
    monkeypatch.setattr(refreshing, "rebuild", alone)
    for days, path in ((40, "/pricing"), (2, "/pricing"), (1, "/blog")):
        seen = said(email="ann@alder.example", at=now - timedelta(days=days), is_history=True,
                    properties={"path": path})  # fmt: skip
        intake.run([seen], now=now)
    client.ask("lake_refresh")
    return now


def folder() -> Path:
    return Path(str(settings.ENVIRONMENT.lake))


def months() -> list[Path]:
    """A file of events of each month, the older first."""
    found = sorted(each for each in folder().rglob("*.parquet") if "events/" in str(each))
    assert len({each.parent for each in found}) == 2
    return [found[0], found[-1]]


def cut() -> None:
    months()[0].write_bytes(months()[0].read_bytes()[:-100])


def empty() -> None:
    months()[0].write_bytes(b"")


def flip() -> None:
    content = bytearray(months()[0].read_bytes())
    content[len(content) // 3] ^= 4
    months()[0].write_bytes(content)


def lose_a_month() -> None:
    shutil.rmtree(months()[0].parent)


def take_another_month() -> None:
    shutil.copyfile(months()[1], months()[0])


def take_another_month_of_the_same_size() -> None:
    content, size = months()[1].read_bytes(), months()[0].stat().st_size
    months()[0].write_bytes((content + b"\0" * size)[:size])


def be_of_version(version: object) -> Callable[[], None]:
    def harm() -> None:
        content = msgspec.json.decode((folder() / MANIFEST).read_bytes())
        (folder() / MANIFEST).write_bytes(msgspec.json.encode({**content, "version": version}))

    return harm


def tear_the_manifest() -> None:
    (folder() / MANIFEST).write_bytes((folder() / MANIFEST).read_bytes()[:90])


# What is said; and whether the lake is refreshed, because it is older than a minute.
HARMS: list[tuple[Callable[[], None], str, bool]] = [
    (cut, "bytes instead of", False),
    (empty, "has 0 bytes instead of", True),
    (flip, "is damaged", False),
    (lose_a_month, "is missing", True),
    (take_another_month, "events/2026-", False),
    (take_another_month_of_the_same_size, "is damaged", True),
    (be_of_version(0), "is of version 0", True),
    (be_of_version(2), "is of version 2", False),
    (tear_the_manifest, "is damaged", True),
]


@pytest.mark.parametrize(("harm", "words", "is_stale"), HARMS)
def test_a_broken_lake_is_named_on_the_screen_and_whole_again_when_asked(
    world: World, then: datetime, monkeypatch: pytest.MonkeyPatch, harm: Callable[[], None],
    words: str, is_stale: bool,
) -> None:  # fmt: skip
    whole = client.ask("backtest")
    assert sum(bar["leads"] for bar in whole["distribution"]) == 1
    harm()
    if is_stale:
        later = then + timedelta(minutes=2)
        intake.run([said(email="bob@birch.example", at=later)], now=later)
        monkeypatch.setattr(clock, "now", lambda: later)

    screen = page(world)
    assert words in screen
    assert "Make the lake new with: leadline lake rebuild" in screen
    assert "<table" not in screen, "no number comes out of it"
    told = checks.lake(clock.now())
    assert not told.is_well
    assert words in told.sentence
    assert told.sentence.endswith("leadline lake rebuild")
    for question in ("backtest", "scores_check"):
        with pytest.raises(AnalystError, match="lake rebuild"):
            client.ask(question)

    client.ask("lake_rebuild")
    again = client.ask("backtest")
    assert sum(bar["leads"] for bar in again["distribution"]) == 1 + is_stale
    assert client.ask("scores_check")["differing"] == 0
    assert words not in page(world)
    assert checks.lake(clock.now()).is_well


def test_without_a_manifest_it_is_begun_anew(world: World, then: datetime) -> None:
    whole = client.ask("backtest")
    (folder() / MANIFEST).unlink()
    assert "files are gone" in checks.lake(clock.now()).sentence
    assert client.ask("backtest") == whole


def page(world: World) -> str:
    """What Scoring says; the page around it always works."""
    browser = Client()
    browser.force_login(world.ada, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/scoring").status_code == 200
    model = ScoreModel.objects.get(is_default=True)
    answer = browser.get(f"/scoring/models/{model.pk}/today", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()
