"""`leadline lake`: what people read and what machines read."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from leadline.analytics import client, upkeep
from leadline.analytics.client import AnalystError
from leadline.analytics.lake import Lake
from leadline.cli import lake as cli
from leadline.cli import runtime
from leadline.flow import intake
from tests.world import World, said

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.fixture
def ask(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:  # a function
    """The command with an analyst in this process."""
    place = Lake(tmp_path / "lake")

    def answer(question: str, arguments: Mapping[str, object], **_: object) -> dict[str, Any]:
        verb = getattr(upkeep, question.removeprefix("lake_"))
        return {"lake_us": upkeep.known_us(place), **verb(arguments, NOW, place)}

    monkeypatch.setattr(runtime, "start_migrated", lambda _: tmp_path)
    monkeypatch.setattr(client, "ask", answer)

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli.command, words)

    return run


def test_a_lake_is_made_and_says_how_large_it_is(ask: Any) -> None:
    intake.run([said(at=NOW, anonymous_id="a")], now=NOW)
    assert "no lake yet" in ask("status").output
    assert json.loads(ask("status", "--json").output)["age_seconds"] is None
    made = json.loads(ask("refresh", "--json").output)
    assert made["generation"] == 1
    assert made["added"]["events"] == 1
    found = json.loads(ask("status", "--json").output)
    assert found["age_seconds"] == 0.0
    assert found["bytes"] == made["bytes"] > 0
    assert f"{found['files']} files" in ask("status").output


def test_it_is_made_new_and_forgets(ask: Any) -> None:
    ask("refresh")
    assert json.loads(ask("rebuild", "--json").output)["generation"] == 2
    assert "0 erasures worked off" in ask("forget", "--verify").output


def test_what_the_analyst_refuses_is_one_sentence(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AnalystError("The lake's file x is missing.", permanent=True)

    monkeypatch.setattr(client, "ask", refuse)
    found = ask("status")
    assert found.exit_code == 2
    assert found.output == "leadline: The lake's file x is missing.\n"
