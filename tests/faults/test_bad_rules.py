"""Rules that are none, as a stranger would send them, through every door: each is refused with its
place, nothing is saved, nobody is asked to evaluate half of them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from leadline.analytics import client as analyst
from leadline.cli import main
from leadline.lib import yaml_text
from leadline.playbooks import folder, parts
from leadline.playbooks.folder import PlaybookError
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.segments.models import SegmentVersion
from tests.api.conftest import speaker
from tests.world import World

pytestmark = pytest.mark.django_db
Rule = dict[str, Any]  # JSON
Door = Callable[[World, Rule | str, Path], str]
"""Takes a rule, or a text that is none; returns what was said, after seeing that it was refused."""
SHIPPED = folder.SHIPPED / "b2b-saas"


def nested(depth: int) -> Rule:
    rule: Rule = {"temperature": "hot"}
    for _ in range(depth):
        rule = {"not": rule}
    return rule


VP = {"trait": "title_seniority", "is": "vp"}
# The rule, and the place in it.
RULES: dict[str, tuple[Rule, str]] = {
    "unknown trait": ({"all": [VP, {"trait": "shoe_size", "gte": 4}]}, "/all/1/trait"),
    "negative window": ({"did": "Page Viewed", "within": "-7d"}, "/within"),
    "empty all": ({"any": [VP, {"all": []}]}, "/any/1/all"),
    "depth 100": (nested(100), "/not" * 20),
    "10,000 nodes": ({"any": [{"all": [VP] * 400}] * 25}, "/any/"),
    "catastrophic pattern": ({"trait": "title", "matches": "(a+)+$(?=b)"}, "/matches"),
    "backreference": ({"trait": "title", "matches": r"(a*)*\1"}, "/matches"),
    "a segment that is none": ({"not": {"in_segment": "nowhere"}}, "/not/in_segment"),
    "not a number": ({"trait": "company.employee_count", "gte": float("nan")}, "/gte"),
    "infinite": ({"trait": "company.employee_count", "gte": float("inf")}, "/gte"),
}
TEXTS: dict[str, str] = {
    "laughs": "\n".join(
        ["a0: &a0 [x, x]"]
        + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    ),
    "merged laughs": "\n".join(
        ["a0: &a0 {x: 1}"] + [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 40)]
    ),
    "its own alias": "&a {all: [*a]}",
    "a key twice": "trait: title\ntrait: title\nis: x",
    "a key that is a list": "? [a]\n: b",
    "a tag": "!!python/object/apply:os.system ['touch /tmp/owned']",
    "10 MB": "a: " + "x" * 10_000_000,
    "10 MB of keys": "\n".join(f"k{n}: 1" for n in range(900_000)),
    "deep": "[" * 90_000,
    "a rule that is one when it is cut": "any:\n- {trait: title, is: CEO}\n#"
    + "x" * 999_960
    + "\n- {trait: title, is: VP}",
    "nothing": "",
    "a word": "hello",
    "a control character": "a: \x00",
    "a number without end": "{trait: company.employee_count, gte: " + "9" * 6_000 + "}",
}


def model(rule: Rule) -> dict[str, Any]:
    return {"name": "Stranger", "fit": [{"name": "x", "when": rule, "points": 1}]}


def written(sent: Rule | str) -> str:
    """As somebody writes it into a file of a model."""
    return sent if isinstance(sent, str) else yaml_text.write(model(sent))


def through_backtest(world: World, sent: Rule | str, place: Path) -> str:
    file = place / "model.yaml"
    file.write_text(written(sent))
    done = CliRunner().invoke(main, ["backtest", str(file)], catch_exceptions=False)
    assert (done.exit_code, done.output.count("\n")) == (2, 1), done.output[:500]
    return done.output


def through_playbook(world: World, sent: Rule | str, place: Path) -> str:
    copy = shutil.copytree(SHIPPED, place / "copy")
    (copy / "scoring" / "fit-and-engagement.yaml").write_text(written(sent))
    with pytest.raises(PlaybookError) as refused:
        parts.apply(copy, now=world.now)
    return str(refused.value)


def through_segment_screen(world: World, sent: Rule | str, place: Path) -> str:
    ada = Client()
    ada.force_login(world.ada, backend="django.contrib.auth.backends.ModelBackend")
    text = sent if isinstance(sent, str) else yaml_text.write(sent)
    said = {"name": "Stranger", "rule.mode": "text", "rule.text": text}
    answer = ada.post("/leads/segments/new", said)
    assert answer.status_code in (400, 413, 422), answer.status_code
    return answer.content.decode()


def through_api(method: str, path: str, body: Callable[[Rule], object]) -> Door:
    def door(world: World, sent: Rule | str, place: Path) -> str:
        assert isinstance(sent, dict)
        answer = speaker(world.ada).ask(method, path, body(sent))
        assert answer.status_code == 422, answer.document
        [error] = answer.document["errors"]
        return f"{error['pointer']} {error['detail']}"

    return door


def through_draft(world: World, sent: Rule | str, place: Path) -> str:
    [(model_id,)] = ScoreModel.objects.filter(is_default=True).values_list("pk")
    address = f"/score-models/{model_id}/draft"
    return through_api("PUT", address, lambda rule: {"document": model(rule)})(world, sent, place)


MODELS: dict[str, Door] = {
    "backtest": through_backtest,
    "playbook": through_playbook,
    "POST /backtests": through_api("POST", "/backtests", lambda rule: {"model": model(rule)}),
    "PUT draft": through_draft,
}
SEGMENTS: dict[str, Door] = {
    "screen": through_segment_screen,
    "POST /segments": through_api("POST", "/segments", lambda rule: {"name": "X", "rule": rule}),
}


@pytest.fixture
def stored(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[], object]:
    """What is stored of models and segments; nobody is asked to evaluate anything."""

    def ask(*_: object, **__: object) -> None:
        raise AssertionError("somebody was asked to evaluate a rule that is none")

    monkeypatch.setattr(analyst, "ask", ask)

    def now() -> object:
        models = ScoreModelVersion.objects.order_by("pk").values_list("pk", "state", "document")
        segments = SegmentVersion.objects.order_by("pk").values_list("segment", "digest")
        return [*models, *segments]

    return now


@pytest.mark.parametrize("door", MODELS)
@pytest.mark.parametrize("case", RULES)
def test_a_model_with_such_a_rule_is_refused_with_its_place(
    world: World, stored: Callable[[], object], tmp_path: Path, door: str, case: str
) -> None:
    rule, path = RULES[case]
    before = stored()
    said = MODELS[door](world, rule, tmp_path)
    assert f"/fit/0/when{path}" in said, said[:500]
    assert stored() == before


@pytest.mark.parametrize("door", SEGMENTS)
@pytest.mark.parametrize("case", RULES)
def test_a_segment_with_such_a_rule_is_refused_with_its_place(
    world: World, stored: Callable[[], object], tmp_path: Path, door: str, case: str
) -> None:
    rule, path = RULES[case]
    before = stored()
    is_too_long = (door, case) == ("screen", "10,000 nodes")  # as a text, before it is read
    wanted = "at most 100,000 characters" if is_too_long else path
    assert wanted in SEGMENTS[door](world, rule, tmp_path)
    assert stored() == before


@pytest.mark.parametrize("door", [through_backtest, through_playbook, through_segment_screen])
@pytest.mark.parametrize("case", TEXTS)
def test_a_text_that_is_no_document_is_refused_at_once(
    world: World, stored: Callable[[], object], tmp_path: Path, door: Door, case: str
) -> None:
    before = stored()
    assert len(door(world, TEXTS[case], tmp_path)) > 10
    assert stored() == before
    assert not Path("/tmp/owned").exists()  # what the tag asks for
