"""`leadline scores recompute --check` in batch: sentences, JSON, exit codes, refusals."""

import json

import pytest
from click.testing import CliRunner, Result

from leadline.cli import main
from leadline.flow import intake
from leadline.leads.models import Binding
from leadline.lib import clock
from leadline.scoring.models import ScoreChange
from tests.world import World, form

pytestmark = pytest.mark.django_db


def recompute(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["scores", "recompute", *arguments], catch_exceptions=False)


@pytest.fixture
def lead(world: World, analyst: None) -> str:
    now = clock.now()
    intake.run([form("demo", email="ann@alder.example", at=now)], now=now)
    return str(Binding.objects.get().lead_id)


def test_scores_that_agree_end_well_now_and_in_the_past(lead: str) -> None:
    for asked in (["--as-of", "now"], ["--engine", "duckdb"]):
        found = json.loads(recompute("--check", "--json", *asked).stdout)
        assert (found["computed"], found["differing"], found["left_out"]) == (1, 0, {}), found
    said = recompute("--check", "--as-of", found["as_of"])
    assert said.exit_code == 0
    assert said.output.startswith(f"1 scores compared as of {found['as_of']} (Fit and engagement, ")
    before = json.loads(recompute("--check", "--as-of", "2020-01-01", "--json").stdout)
    assert (before["computed"], before["as_of"]) == (0, "2020-01-01T00:00:00+00:00")


def test_a_score_that_differs_is_named_with_what_differs_and_ends_with_one(lead: str) -> None:
    ScoreChange.objects.update(fit=1_500_000)
    done = recompute("--check", "--as-of", "now", "--json")
    assert done.exit_code == 1
    [named] = json.loads(done.stdout)["examples"]
    assert (named["lead"], named["stored"]["fit"]) == (lead, 1.5)
    told = recompute("--check", "--as-of", "now").output.splitlines()
    assert told[-1] == f"  {lead}: fit 1.5 → {named['expected']['fit']}"


@pytest.mark.parametrize(
    ("arguments", "because"),
    [
        (["--as-of", "now"], "say --check"),
        (["--engine", "duckdb"], "say --check"),
        (["--check", "--engine", "python", "--as-of", "2026-01-01"], "not python"),
        (["--check", "--as-of", "yesterday"], "yesterday"),
        (["--check", "--as-of", "2999-01-01"], "lies ahead"),
    ],
)
def test_what_makes_no_sense_is_refused(lead: str, arguments: list[str], because: str) -> None:
    done = recompute(*arguments)
    assert done.exit_code == 2
    assert because in done.stderr


def test_in_process_it_writes_or_compares_as_before(lead: str) -> None:
    assert json.loads(recompute("--check", "--json").stdout) == {"computed": 1, "differing": 0}
    assert recompute("--check", "--engine", "python").exit_code == 0
