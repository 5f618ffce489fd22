"""Every benchmark still runs on a database of today's shape, and says what it is held to."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from leadline.cli import bench

ROOT = Path(__file__).parents[2]
# `ingest`, `importing` and `lead_time` ask for a load generator or for data that is not shipped.
HERE = [
    "backtest",
    "batch_scoring",
    "lake_refresh",
    "one_score",
    "pages",
    "processing",
    "resting",
    "revaluation",
    "segments",
    # Half a minute each and more, for a browser and for hundreds of passwords.
    pytest.param("enumeration", marks=pytest.mark.torture),
    pytest.param("presses", marks=pytest.mark.torture),
]


@pytest.mark.parametrize("name", HERE)
def test_a_benchmark_prints_each_figure_with_its_floor_and_its_limit(name: str) -> None:
    on_postgres = os.environ.get("LEADLINE_DATABASE_URL", "") != ""
    found = small(name, postgres=on_postgres)
    assert found["database"] == ("postgresql" if on_postgres else "sqlite")
    assert found["figures"]
    for figure in found["figures"]:
        assert figure["value"] > 0 or figure["name"] == "leads that differ", figure
        ((word, floor),) = figure["floor"].items()
        reached = figure["value"] >= floor if word == "at_least" else figure["value"] <= floor
        assert figure["held"] is reached, figure
        assert figure["physical"]["of"], figure


def test_every_benchmark_is_known_to_the_command() -> None:
    assert bench.programs() == [
        "backtest",
        "batch_scoring",
        "enumeration",
        "importing",
        "ingest",
        "lake_refresh",
        "lead_time",
        "one_score",
        "pages",
        "presses",
        "processing",
        "resting",
        "revaluation",
        "segments",
    ]


def test_a_line_for_people_says_what_did_not_hold() -> None:
    figure = {
        "name": "form posts", "value": 4000, "unit": "per second", "floor": {"at_least": 5000},
        "held": False, "physical": {"value": 9000, "of": "bare inbox"},
    }  # fmt: skip
    words = bench.line(figure).split()
    assert words == "form posts 4,000 per second floor 5,000: NOT HELD bare inbox: 9,000".split()


@pytest.mark.parametrize(("held", "options", "ends"), [
    (True, [], 0), (False, [], 1), (False, ["--small"], 0), (None, ["--small"], 1),
])  # fmt: skip
def test_the_command_fails_when_a_figure_does_not_hold(
    held: bool | None,
    options: list[str],
    ends: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    figure = {
        "name": "form posts", "value": 4000, "unit": "per second", "floor": {"at_least": 5000},
        "held": held, "physical": {"value": 9000, "of": "bare inbox"},
    }  # fmt: skip
    found = None if held is None else {"figures": [figure]}
    monkeypatch.setattr(bench, "run", lambda *_args, **_named: found)
    monkeypatch.setattr(bench, "OUTPUT", tmp_path / "bench.json")
    done = CliRunner().invoke(bench.command, ["ingest", "--only", "sqlite", *options])
    assert done.exit_code == ends, done.output
    assert ("NOT HELD: ingest, sqlite: form posts" in done.output) is (held is False)


def small(name: str, *, postgres: bool) -> dict[str, Any]:  # Any: decoded JSON
    own = {name: value for name, value in os.environ.items() if not name.startswith("LEADLINE_")}
    run = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--small", *(["--postgres"] * postgres)],
        cwd=ROOT, env=own, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, Any] = json.loads(run.stdout)
    return found
