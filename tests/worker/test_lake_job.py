"""The job that lets the lake forget, and what writes the tombstones that it works off."""

from collections.abc import Mapping
from typing import Any

import pytest

from leadline.analytics import client, tombstones
from leadline.analytics.models import Tombstone
from leadline.flow import fields
from leadline.scoring.models import ScoreModelVersion
from leadline.worker import kinds
from leadline.workspace import audit
from leadline.workspace import fields as declared
from tests.versions import write_over
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    def ask(question: str, _arguments: Mapping[str, object], **_: object) -> dict[str, Any]:
        found.append(question)
        return {"tombstones": 2}

    monkeypatch.setattr(client, "ask", ask)
    return found


def test_the_analyst_is_asked_when_something_has_to_be_forgotten(
    world: World, asked: list[str]
) -> None:
    assert kinds.verb("lake.forget")({}, world.now) == 0
    assert asked == []
    tombstones.hide("industry", now=world.now)
    assert kinds.verb("lake.forget")({}, world.now) == 2
    assert asked == ["lake_forget"]


def test_it_comes_round_often_enough_to_be_tried_again_within_a_day() -> None:
    [period] = [each for each in kinds.PERIODS if each.kind == "lake.forget"]
    assert period.every.total_seconds() * 2 < 86_400


@pytest.mark.parametrize("is_asked_for", [False, True])
def test_a_field_that_becomes_sensitive_is_read_no_more_unless_a_rule_asks_for_it(
    world: World, is_asked_for: bool
) -> None:
    row = declared.get("industry")
    if is_asked_for:
        version = ScoreModelVersion.objects.earliest("id")
        version.document["rule"] = {"any": [{"trait": "industry", "is": "x"}]}
        write_over(version, version.document)
    wanted = declared.Wanted(label=row.label, type=row.type, is_sensitive=True)
    fields.change(row, wanted, by=audit.COMMAND_LINE, now=world.now)
    hidden = list(Tombstone.objects.filter(kind="field").values_list("field", flat=True))
    assert hidden == ([] if is_asked_for else ["industry"])
