"""Which model makes the scores: one at a time, and which one it was at an instant of the past.

The others are alternatives: they can be edited, published and backtested, and score nobody.
"""

from datetime import datetime

from django.db import transaction

from leadline.criteria.vocabulary import Vocabulary
from leadline.lib import clock
from leadline.scoring import publishing, rules
from leadline.scoring.models import ModelChoice, ScoreModel, ScoreModelVersion


class AnotherCounts(Exception):
    """The model that makes the scores is another than the one that was seen. `model` is that."""

    permanent = True

    def __init__(self, model: ScoreModel | None) -> None:
        name = "none" if model is None else model.name
        super().__init__(f"Another model was chosen to make the scores meanwhile: {name}.")
        self.model = model


def counting(*, at: datetime) -> ScoreModel | None:
    """The model that makes the scores, or made them, at an instant. One query, two while there
    was never a choice."""
    choices = ModelChoice.objects.filter(at__lte=clock.micros(at)).select_related("model")
    choice = choices.order_by("-at", "-pk").first()
    return choice.model if choice else ScoreModel.objects.filter(is_default=True).first()


def choose(
    model_id: int, *, over: int | None, vocabulary: Vocabulary, now: datetime
) -> ScoreModelVersion:
    """Let this model make the scores; returns its version in force. The others stay as they are.

    `over` is the id of the model that made them when the chooser looked. Raises AnotherCounts,
    publishing.NotPublishable for a model without a version in force and for the one that makes
    them already, and CriterionError when its rules name what is there no more.
    """
    with transaction.atomic():
        models = list(ScoreModel.objects.select_for_update().order_by("pk"))
        before = next((each for each in models if each.is_default), None)
        if over != (None if before is None else before.pk):
            raise AnotherCounts(before)
        model = next((each for each in models if each.pk == model_id), None)
        if model is None or model.is_default:
            raise publishing.NotPublishable("Choose another model than the one that counts.")
        publishing.come_into_force(now=now)
        version = publishing.in_force(model, at=now)
        if version is None:
            raise publishing.NotPublishable("Publish the model before it makes the scores.")
        rules.parse_model(version.document, vocabulary=vocabulary)
        put(model, now=now)
    version.model.is_default = True
    return version


def put(model: ScoreModel, *, now: datetime) -> None:
    """Let the model make the scores from now on; nothing changes when it does.

    Joins the caller's transaction. The first model of a workspace is no choice: it makes them for
    all the past, as the first version of a model does.
    """
    before = ScoreModel.objects.filter(is_default=True).first()
    if before is not None and before.pk == model.pk:
        return
    if before is not None:
        if not ModelChoice.objects.exists():
            ModelChoice.objects.create(model=before, at=clock.EPOCH)
        ModelChoice.objects.create(model=model, at=now)
    ScoreModel.objects.filter(is_default=True).update(is_default=False)
    ScoreModel.objects.filter(pk=model.pk).update(is_default=True)
    model.is_default = True
