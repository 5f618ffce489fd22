"""What a draft of a score model may begin from."""

import pytest

from leadline.flow import rulebook
from leadline.playbooks import templates
from leadline.scoring import rules
from leadline.workspace.models import Workspace
from tests.world import World

pytestmark = pytest.mark.django_db


def test_both_models_of_the_framework_can_be_begun_from(world: World) -> None:
    found = templates.score_models()
    assert [(each.key, each.name) for each in found] == [
        ("b2b-saas/fit-and-engagement", "Fit and engagement"),
        ("b2b-saas/simple-behaviour", "Simple behaviour"),
    ]
    for each in found:
        rules.parse_model(each.document, vocabulary=rulebook.vocabulary())


def test_a_template_speaks_the_language_of_the_workspace(world: World) -> None:
    Workspace.objects.update(language="de")
    named = templates.score_models()[0].document["engagement"][1]["name"]
    assert named == "Demo-Anfrage"


def test_an_unknown_key_is_nothing(world: World) -> None:
    assert templates.score_model("b2b-saas/none") is None
