"""`leadline scores new|choose`: a model from a template, and which one makes the scores."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadline.cli import runtime

if TYPE_CHECKING:
    from leadline.scoring.models import ScoreModel


@click.command("new")
@click.option(
    "--template", "key", default="",
    help="Rules of a shipped playbook, as playbook/file. Without it: which there are.",
)  # fmt: skip
@click.option("--name", help="What the model is called (default: as the template).")
@runtime.data_option
@runtime.json_option
def new(key: str, name: str | None, data: Path | None, as_json: bool) -> None:
    """Begin a score model from a template, as a draft: it scores nobody before it is published."""
    runtime.start_migrated(data)
    from leadline.criteria.errors import CriterionError
    from leadline.flow import score_models
    from leadline.lib import clock
    from leadline.playbooks import templates
    from leadline.scoring import drafts
    from leadline.workspace import audit, settings

    known = templates.score_models()
    template = next((each for each in known if each.key == key), None)
    if template is None:
        raise runtime.Refusal(
            f"Say --template with one of: {', '.join(each.key for each in known)}."
        )
    with runtime.refusing(drafts.NotAName, CriterionError, settings.NotSetUp):
        draft = score_models.create(
            template.name if name is None else name, template.document,
            by=audit.COMMAND_LINE, now=clock.now(),
        )  # fmt: skip
    model = draft.model
    result = {"id": model.pk, "name": model.name, "template": key, "state": draft.state}
    lines = [
        f"“{model.name}” is a draft (model {model.pk}).",
        "  Publish it in Scoring, or with POST /api/v1/score-models/"
        f"{model.pk}/publish; then: leadline scores choose {model.pk}",
    ]
    runtime.show(result, as_json=as_json, lines=lines)


@click.command("choose")
@click.argument("model")
@runtime.data_option
@runtime.json_option
def choose(model: str, data: Path | None, as_json: bool) -> None:
    """Let MODEL (its number or its name) make the scores; everybody is scored anew by the worker.

    Exit code 2 for a model that was never published, and for the one that makes them already.
    """
    runtime.start_migrated(data)
    from leadline.criteria.errors import CriterionError
    from leadline.flow import score_models
    from leadline.lib import clock
    from leadline.scoring import choosing, publishing
    from leadline.workspace import audit, settings

    now = clock.now()
    chosen, before = _find(model), choosing.counting(at=now)
    refused = (
        choosing.AnotherCounts, publishing.NotPublishable, CriterionError, settings.NotSetUp
    )  # fmt: skip
    with runtime.refusing(*refused):
        version = score_models.choose(
            chosen.pk, over=None if before is None else before.pk,
            by=audit.COMMAND_LINE, now=now,
        )  # fmt: skip
    result = {
        "id": chosen.pk, "name": chosen.name, "version": version.number,
        "before": None if before is None else before.name,
    }  # fmt: skip
    line = f"“{chosen.name}” (version {version.number}) makes the scores; all are computed anew."
    runtime.show(result, as_json=as_json, lines=[line])


def _find(written: str) -> "ScoreModel":
    """The model of this number or name; refuses when there is none."""
    from leadline.scoring.models import ScoreModel

    models = list(ScoreModel.objects.order_by("pk"))
    found = [each for each in models if str(each.pk) == written]
    found = found or [each for each in models if each.name == written]
    if found:
        return found[0]
    known = ", ".join(f"{each.pk} ({each.name})" for each in models) or "none"
    raise runtime.Refusal(f"There is no score model {written}. There are: {known}.")
