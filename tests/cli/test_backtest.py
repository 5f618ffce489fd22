"""`leadline backtest`: reads a file, asks the analyst, tells people and machines."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from leadline.analytics import client
from leadline.analytics.client import AnalystError
from leadline.cli import main
from leadline.lib import yaml_text
from tests.analytics.backtested import MODEL
from tests.world import World

pytestmark = pytest.mark.django_db
BANDS = [
    {"from": 0, "to": 50, "leads": 200, "won": 10, "rate": 0.05, "low": 0.027, "high": 0.09},
    {"from": 50, "to": None, "leads": 100, "won": 30, "rate": 0.3, "low": 0.219, "high": 0.396},
]
DOCUMENT = {
    "model": "Small", "leads": 250, "outcomes": 40, "instants": [1, 2, 3], "left_out": [4],
    "horizon_days": 90, "bands": BANDS, "roc_auc": 0.75, "pr_auc": 0.4,
    "sentence": "no signal in this data", "advice": {"line": 50, "sentence": "50: of the leads"},
    "lake_us": 1,
}  # fmt: skip
SIDES = {"line": 50, "up": {"count": 3, "lead_ids": []}, "down": {"count": 0, "lead_ids": []},
         "extra": {"value": 0.9, "low": 0.2, "high": 1.8}, "lost": {"value": None}}  # fmt: skip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the analyst was asked; it answers with the documents above."""
    found: list[Any] = []

    def ask(question: str, arguments: dict[str, Any], *, timeout_s: float) -> Any:
        found.append((question, {k: v for k, v in arguments.items() if v is not None}))
        if arguments["against"]:
            return {"published": DOCUMENT, "draft": DOCUMENT, "crossing": SIDES, "lake_us": 1}
        return DOCUMENT

    monkeypatch.setattr(client, "ask", ask)
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.yaml"
    path.write_text(yaml_text.write(MODEL))
    return path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["backtest", *arguments], catch_exceptions=False)


def test_a_file_is_backtested_and_told_in_lines(world: World, asked: list[Any], file: Path) -> None:
    result = call(str(file), "--horizon", "60", "--reps", "3", "--calls", "20")
    assert result.exit_code == 0, result.output
    aim = {"reps": 3, "calls_a_day": 20}
    order = {"model": MODEL, "horizon": 60, "objective": aim, "documents": [MODEL]}
    assert asked == [("backtest", order)]
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert lines == [
        "Small: 250 leads, 40 of them won, looked at 3 month ends; won within 90 days.",
        "1 month ends are too young to say.",
        "0 to 50 10 of 200 5.0% (2.7% to 9.0%)",
        "50 to up 30 of 100 30.0% (21.9% to 39.6%)",
        "ROC-AUC 0.750 · PR-AUC 0.400",
        "No signal in this data.",
        "Line: 50: of the leads",
    ]


def test_machines_get_the_document_as_it_is(world: World, asked: list[Any], file: Path) -> None:
    assert json.loads(call(str(file), "--json").output) == DOCUMENT
    assert json.loads(call("--json").output) == DOCUMENT
    assert "model" not in asked[1][1]


def test_against_what_is_published_it_says_who_crosses(
    world: World, asked: list[Any], file: Path
) -> None:
    lines = call(str(file), "--against", "published", "--value", "900", "--cost", "5").output
    assert asked[0][1]["objective"] == {"kind": "value", "value": 900.0, "cost": 5.0}
    assert "Published:" in lines
    assert "Over the line of 50: 3 leads, of whom 0.9 would be won (0.2 to 1.8)" in lines
    assert "Below it: 0 leads" in lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "line 1"),
        ("name: x", "at least one rule under fit or engagement"),
        ("name: x\nfit: [{name: n, when: {trait: nope, is: 1}, points: 1}]", "/fit/0/when/trait"),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_nobody_is_asked(
    world: World, asked: list[Any], file: Path, text: str, said: str
) -> None:
    file.write_text(text)
    result = call(str(file))
    assert result.exit_code == 2
    assert said in result.output
    assert result.output.count("\n") == 1
    assert not asked


def test_an_analyst_without_an_answer_is_told_in_its_own_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*_: Any, **__: Any) -> Any:
        raise AnalystError("The lake is broken.", permanent=True)

    monkeypatch.setattr(client, "ask", ask)
    result = call()
    assert (result.exit_code, result.output) == (2, "leadline: The lake is broken.\n")
