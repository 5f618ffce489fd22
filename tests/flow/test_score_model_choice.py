"""A new score model is begun; another one is chosen to make the scores, and the past stays told."""

from copy import deepcopy
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from leadline.criteria.errors import CriterionError
from leadline.flow import rescoring, score_models
from leadline.playbooks import templates
from leadline.scoring import choosing, drafts, publishing
from leadline.scoring.models import ModelChoice, Score, ScoreModel
from leadline.workspace.audit import Doer
from leadline.workspace.models import AuditEntry
from tests import versions
from tests.flow.test_score_models import (  # noqa: F401  # fixtures
    Document,
    ada,
    in_force,
    leads,
    model,
    people,
    scores,
    work,
)

pytestmark = pytest.mark.usefixtures("people")


@pytest.fixture
def document() -> Document:
    return templates.score_models()[0].document


@pytest.fixture
def dear(model: ScoreModel, ada: Doer, now: datetime) -> ScoreModel:  # noqa: F811
    """A published alternative in which visits to the prices give 40 points."""
    rules = deepcopy(in_force(model, now).document)
    [rule] = [each for each in rules["engagement"] if each["name"] == "Pricing page visit"]
    rule |= {"points": 40, "cap": 90}
    draft = score_models.create("Dear", rules, by=ada, now=now)
    score_models.publish(draft.pk, seen=1, over=None, by=ada, now=now)
    return ScoreModel.objects.get(name="Dear")


def test_a_model_is_begun_with_a_draft_and_counts_for_nobody(
    ada: Doer, document: Document, now: datetime  # noqa: F811
) -> None:  # fmt: skip
    draft = score_models.create("  Partner \n leads ", document, by=ada, now=now)
    assert (draft.model.name, draft.number, draft.state) == ("Partner leads", 1, "draft")
    assert draft.document["name"] == "Partner leads"
    assert not draft.model.is_default
    assert publishing.in_force(draft.model, at=now) is None
    entry = AuditEntry.objects.latest("number")
    assert (entry.act, entry.object_id) == ("model.created", str(draft.model_id))
    assert '"Partner leads"' in entry.details


@pytest.mark.parametrize(
    "name", ["", " \n", "x" * 121, "…", "Fit and engagement", "fit AND engagement!"]
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_made(
    ada: Doer, document: Document, now: datetime, name: str  # noqa: F811
) -> None:  # fmt: skip
    before = ScoreModel.objects.count()
    with pytest.raises(drafts.NotAName):
        score_models.create(name, document, by=ada, now=now)
    assert ScoreModel.objects.count() == before


def test_rules_that_cannot_be_read_make_no_model(
    ada: Doer, document: Document, now: datetime  # noqa: F811
) -> None:  # fmt: skip
    before = ScoreModel.objects.count()
    with pytest.raises(CriterionError) as caught:
        score_models.create("Broken", document | {"cap": "many"}, by=ada, now=now)
    assert caught.value.path == "/cap"
    assert ScoreModel.objects.count() == before


def test_a_model_goes_with_its_only_draft_and_one_that_was_published_stays(
    ada: Doer, document: Document, dear: ScoreModel, now: datetime  # noqa: F811
) -> None:  # fmt: skip
    draft = score_models.create("Short", document, by=ada, now=now)
    score_models.discard(draft.pk, seen=1, by=ada, now=now)
    assert not ScoreModel.objects.filter(name="Short").exists()
    draft = score_models.begin(dear, document, by=ada, now=now)
    score_models.discard(draft.pk, seen=1, by=ada, now=now)
    assert ScoreModel.objects.filter(pk=dear.pk).exists()


def test_the_chosen_model_makes_every_score_and_the_old_one_makes_them_again(
    leads: list[UUID], model: ScoreModel, dear: ScoreModel, ada: Doer, now: datetime  # noqa: F811
) -> None:  # fmt: skip
    first = scores()
    later = now + timedelta(hours=1)
    version = score_models.choose(dear.pk, over=model.pk, by=ada, now=later)
    assert rescoring.behind(version.pk) == len(leads)
    work(later)
    assert set(Score.objects.values_list("version", flat=True)) == {version.pk}
    assert scores() != first
    score_models.choose(model.pk, over=dear.pk, by=ada, now=later + timedelta(hours=1))
    work(later + timedelta(hours=1))
    assert scores() == first
    acts = AuditEntry.objects.filter(act="model.chosen").order_by("number")
    assert list(acts.values_list("object_id", flat=True)) == [str(dear.pk), str(model.pk)]


def test_which_model_counted_is_known_of_every_instant(
    model: ScoreModel, dear: ScoreModel, ada: Doer, now: datetime  # noqa: F811
) -> None:  # fmt: skip
    day = timedelta(days=1)
    assert choosing.counting(at=now - 900 * day) == model
    score_models.choose(dear.pk, over=model.pk, by=ada, now=now + day)
    score_models.choose(model.pk, over=dear.pk, by=ada, now=now + 3 * day)
    moments = [now - 900 * day, now, now + day, now + 2 * day, now + 3 * day]
    found = [choosing.counting(at=each) for each in moments]
    assert found == [model, model, dear, dear, model]


def test_who_chooses_has_seen_which_model_counts_and_that_the_other_is_in_force(
    model: ScoreModel, dear: ScoreModel, document: Document, ada: Doer, now: datetime  # noqa: F811
) -> None:  # fmt: skip
    draft = score_models.create("Unpublished", document, by=ada, now=now)
    for wanted in (draft.model_id, model.pk, 0):
        with pytest.raises(publishing.NotPublishable):
            score_models.choose(wanted, over=model.pk, by=ada, now=now)
    for seen in (dear.pk, None):
        with pytest.raises(choosing.AnotherCounts):
            score_models.choose(dear.pk, over=seen, by=ada, now=now)
    assert not ModelChoice.objects.exists()
    assert ScoreModel.objects.get(is_default=True) == model


def test_rules_that_name_what_is_gone_are_not_chosen(
    model: ScoreModel, dear: ScoreModel, ada: Doer, now: datetime  # noqa: F811
) -> None:  # fmt: skip
    version = in_force(dear, now)
    gone = {"name": "Gone", "when": {"trait": "no_such_field", "is": "x"}, "points": 5}
    broken = version.document | {"fit": [gone]}
    versions.write_over(version, broken)
    with pytest.raises(CriterionError):
        score_models.choose(dear.pk, over=model.pk, by=ada, now=now)
    assert ScoreModel.objects.get(is_default=True) == model


def test_the_database_keeps_one_model_that_counts(dear: ScoreModel) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreModel.objects.filter(pk=dear.pk).update(is_default=True)
