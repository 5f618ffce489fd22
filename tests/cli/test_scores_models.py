"""`leadline scores new` and `choose`: a model from a template, and which one makes the scores."""

import json

import pytest
from click.testing import CliRunner, Result

from leadline.cli import main
from leadline.flow import rescoring, score_models
from leadline.lib import clock
from leadline.playbooks import templates
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.workspace import audit
from leadline.workspace.models import AuditEntry, Job
from tests.world import World

pytestmark = pytest.mark.django_db


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["scores", *arguments], catch_exceptions=False)


def begun(world: World) -> ScoreModelVersion:
    """A second model, begun by the command."""
    key = templates.score_models()[0].key
    said = json.loads(call("new", "--template", key, "--name", "Second", "--json").stdout)
    return ScoreModelVersion.objects.get(model=said["id"])


def published(world: World) -> ScoreModel:
    draft = begun(world)
    score_models.publish(
        draft.pk, seen=1, over=None, by=audit.COMMAND_LINE, now=clock.now()
    )  # fmt: skip
    return draft.model


def acts() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("number").values_list("act", "object_id"))


def test_a_model_begins_as_the_draft_of_a_template(world: World) -> None:
    draft, [template, *_] = begun(world), templates.score_models()
    assert (draft.state, draft.model.name, draft.model.is_default) == ("draft", "Second", False)
    assert draft.document["engagement"] == template.document["engagement"]
    assert acts()[-1] == ("model.created", str(draft.model_id))
    again = call("new", "--template", template.key)
    assert again.exit_code == 2, "a model of the template's name is there already"
    ScoreModel.objects.filter(name=template.name).update(name="Of before")
    assert call("new", "--template", template.key).exit_code == 0
    assert ScoreModel.objects.filter(name=template.name, is_default=False).exists()


@pytest.mark.parametrize("key", ["", "b2b-saas/nothing"])
def test_without_a_template_it_says_which_there_are(world: World, key: str) -> None:
    count = ScoreModel.objects.count()
    refused = call("new", "--template", key)
    assert refused.exit_code == 2
    assert templates.score_models()[0].key in refused.stderr
    assert ScoreModel.objects.count() == count


def test_a_chosen_model_makes_the_scores_and_everybody_is_scored_anew(world: World) -> None:
    before, model = ScoreModel.objects.get(is_default=True), published(world)
    Job.objects.filter(kind=rescoring.RESCORE).delete()
    said = json.loads(call("choose", "Second", "--json").stdout)
    assert said == {"id": model.pk, "name": "Second", "version": 1, "before": before.name}
    assert ScoreModel.objects.get(is_default=True) == model
    assert Job.objects.filter(kind=rescoring.RESCORE).count() == 1
    assert acts()[-1] == ("model.chosen", str(model.pk))
    assert call("choose", str(before.pk)).exit_code == 0
    assert ScoreModel.objects.get(is_default=True) == before


def test_who_cannot_be_chosen_is_refused_with_a_reason(world: World) -> None:
    before = ScoreModel.objects.get(is_default=True)
    draft = begun(world)
    for written, reason in (
        (str(draft.model_id), "Publish the model"),
        (str(before.pk), "Choose another model"),
        ("Nobody", "There is no score model Nobody"),
    ):
        refused = call("choose", written)
        assert (refused.exit_code, reason in refused.stderr) == (2, True), refused.stderr
    again = call("new", "--template", templates.score_models()[0].key, "--name", "Second")
    assert again.exit_code == 2
    assert ScoreModel.objects.get(is_default=True) == before
