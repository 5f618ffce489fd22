"""A score model's life: drafted, published, scheduled, rolled back, retired; everybody follows."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from leadline.criteria.errors import CriterionError
from leadline.flow import intake, rescoring, rulebook, score_models, timers
from leadline.lib import clock
from leadline.playbooks import parts
from leadline.scoring import drafts, publishing, queries
from leadline.scoring.models import Score, ScoreModel, ScoreModelVersion
from leadline.worker import kinds
from leadline.workspace import audit, jobs
from leadline.workspace.audit import Doer
from leadline.workspace.models import AuditEntry, Job
from tests import versions, world
from tests.world import World

Document = dict[str, Any]  # JSON
State = ScoreModelVersion.State


@pytest.fixture
def people(db: None, now: datetime) -> World:
    return world.again(now)


@pytest.fixture
def ada(people: World) -> Doer:
    return audit.by(people.ada, origin="127.0.0.1")


@pytest.fixture
def model(people: World) -> ScoreModel:
    return ScoreModel.objects.get(is_default=True)


@pytest.fixture
def leads(people: World, now: datetime) -> list[UUID]:
    """Three leads: two visits to the prices, one visit, a download."""
    acts = [("a@x.example", 2, "/pricing"), ("b@x.example", 1, "/pricing"), ("c@x.example", 1, "/")]
    sent = [
        world.said(email=email, at=now - timedelta(days=1, minutes=n), properties={"path": path})
        for email, times, path in acts
        for n in range(times)
    ]
    outcome = intake.run(sent, now=now)
    return sorted({each for each in outcome.lead_ids if each is not None})


def in_force(model: ScoreModel, now: datetime) -> ScoreModelVersion:
    found = publishing.in_force(model, at=now)
    assert found is not None
    return found


def dearer(document: Document) -> Document:
    """The document with 25 points for a visit to the prices instead of 15."""
    changed = deepcopy(document)
    [rule] = [each for each in changed["engagement"] if each["name"] == "Pricing page visit"]
    rule["points"] = 25
    return changed


def drafted(model: ScoreModel, ada: Doer, now: datetime) -> ScoreModelVersion:
    """A draft with dearer visits."""
    current = in_force(model, now)
    draft = score_models.begin(model, current.document, made_from=current, by=ada, now=now)
    return score_models.save(draft.pk, dearer(draft.document), seen=1, by=ada, now=now)


def published(model: ScoreModel, ada: Doer, now: datetime) -> ScoreModelVersion:
    draft = drafted(model, ada, now)
    over = in_force(model, now).pk
    return score_models.publish(draft.pk, seen=2, over=over, by=ada, now=now)


def work(now: datetime) -> None:
    """What the worker does: its jobs that are due, then the sweep."""
    for claim in jobs.claim(worker="test", limit=10, now=now):
        if claim.kind.startswith("scoring."):
            kinds.verb(claim.kind)(claim.arguments, now)
        jobs.finish(claim, now=now)
    while timers.check_up(limit=200, now=now):
        pass


def scores() -> dict[UUID, tuple[object, ...]]:
    found = Score.objects.values_list("lead_id", "total", "fit", "engagement", "lines")
    return {lead_id: tuple(rest) for lead_id, *rest in found}


def test_publish_and_roll_back_returns_every_score_and_leaves_the_past_alone(
    model: ScoreModel, leads: list[UUID], ada: Doer, now: datetime
) -> None:
    first, before = in_force(model, now), scores()
    past = [queries.explained(each, as_of=now) for each in leads]
    later = now + timedelta(minutes=1)
    second = published(model, ada, later)
    work(later)
    assert {queries.explained(each).version for each in leads} == {second.number}  # type: ignore[union-attr]
    assert scores() != before
    last = later + timedelta(minutes=1)
    third = score_models.roll_back(first.pk, over=second.pk, by=ada, now=last)
    work(last)
    assert (third.number, third.document, third.made_from_id) == (3, first.document, first.pk)
    assert scores() == before
    assert set(Score.objects.values_list("version", flat=True)) == {third.pk}
    assert [queries.explained(each, as_of=now) for each in leads] == past
    moved = queries.explained(leads[0], as_of=later)
    assert moved is not None
    assert moved.version == 2


def test_at_every_instant_exactly_one_version_counts(
    model: ScoreModel, ada: Doer, now: datetime
) -> None:
    first = in_force(model, now)
    second = published(model, ada, now)
    later = now + timedelta(hours=1)
    third = score_models.roll_back(first.pk, over=second.pk, by=ada, now=later)
    just = timedelta(microseconds=1)
    moments = [clock.EPOCH, now - just, now, later - just, later, later + timedelta(days=900)]
    numbers = [in_force(model, at).number for at in moments]
    assert numbers == [1, 1, 2, 2, 3, 3]
    assert [rulebook.current(at).score_version_id for at in moments] == [
        first.pk, first.pk, second.pk, second.pk, third.pk, third.pk,
    ]  # fmt: skip


def test_a_scheduled_version_counts_from_its_instant_and_everybody_is_scored_by_it(
    model: ScoreModel, leads: list[UUID], ada: Doer, now: datetime
) -> None:
    draft, first = drafted(model, ada, now), in_force(model, now)
    at = now + timedelta(hours=3)
    version = score_models.publish(
        draft.pk, seen=2, over=first.pk, effective_at=at, by=ada, now=now
    )
    before = scores()
    work(at - timedelta(seconds=1))
    assert (scores(), in_force(model, at - timedelta(seconds=1))) == (before, first)
    # Before any worker has noticed:
    assert rulebook.current(at).score_version_id == version.pk
    assert rescoring.behind(version.pk) == len(leads)
    work(at)
    work(at)  # the first job has asked for the second
    states = dict(model.versions.values_list("number", "state"))
    assert states == {1: State.RETIRED, 2: State.PUBLISHED}
    assert model.versions.get(number=1).retired_at == at
    assert rescoring.behind(version.pk) == 0
    assert scores() != before


def test_a_cancelled_schedule_is_a_draft_again_and_its_job_finds_nothing(
    model: ScoreModel, leads: list[UUID], ada: Doer, now: datetime
) -> None:
    draft, first = drafted(model, ada, now), in_force(model, now)
    at = now + timedelta(hours=3)
    score_models.publish(draft.pk, seen=2, over=first.pk, effective_at=at, by=ada, now=now)
    again = score_models.cancel(draft.pk, by=ada, now=now)
    assert (again.state, again.effective_at, again.document) == (
        State.DRAFT, None, dearer(first.document),
    )  # fmt: skip
    before = scores()
    work(at)
    assert (in_force(model, at), scores()) == (first, before)
    score_models.publish(draft.pk, seen=2, over=first.pk, effective_at=at, by=ada, now=now)
    with pytest.raises(publishing.NotPublishable):
        score_models.cancel(draft.pk, by=ada, now=at)


def test_what_is_published_between_a_schedule_and_the_worker_stays_in_force(
    model: ScoreModel, ada: Doer, now: datetime
) -> None:
    first, draft = in_force(model, now), drafted(model, ada, now)
    at = now + timedelta(hours=1)
    score_models.publish(draft.pk, seen=2, over=first.pk, effective_at=at, by=ada, now=now)
    late = at + timedelta(minutes=5)
    third = score_models.roll_back(first.pk, over=draft.pk, by=ada, now=late)
    work(late)
    assert in_force(model, late) == third
    assert in_force(model, at) == draft
    assert model.versions.filter(state=State.PUBLISHED).get() == third


def test_rescoring_goes_on_where_it_was_and_ends_when_another_version_counts(
    model: ScoreModel, leads: list[UUID], ada: Doer, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(rescoring, "PORTION", 1)
    second = published(model, ada, now)
    timers.check_up(limit=1, now=now)  # nobody is due by themselves
    assert rescoring.rescore({"version": second.pk}, now) == len(leads)
    assert timers.check_up(limit=1, now=now) == 1
    assert rescoring.behind(second.pk) == len(leads) - 1
    hottest = Score.objects.get(version=second.pk)
    assert hottest.total == max(Score.objects.values_list("total", flat=True))
    assert rescoring.rescore({"version": second.pk}, now) == 0, "asked for already"
    first = model.versions.get(number=1)
    score_models.roll_back(first.pk, over=second.pk, by=ada, now=now + timedelta(seconds=1))
    assert rescoring.rescore({"version": second.pk}, now + timedelta(seconds=1)) == 0


def test_a_draft_is_saved_only_over_what_was_seen(
    model: ScoreModel, ada: Doer, people: World, now: datetime
) -> None:
    current = in_force(model, now)
    draft = score_models.begin(model, current.document, made_from=current, by=ada, now=now)
    ben = audit.by(people.ben, origin="127.0.0.1")
    score_models.save(draft.pk, dearer(draft.document), seen=1, by=ben, now=now)
    other = deepcopy(draft.document) | {"cap": 90}
    with pytest.raises(drafts.DraftChanged) as caught:
        score_models.save(draft.pk, other, seen=1, by=ada, now=now)
    assert (caught.value.version.revision, caught.value.version.by) == (2, people.ben)
    kept = drafts.get(draft.pk)
    assert kept.document == dearer(draft.document)
    assert score_models.save(draft.pk, kept.document, seen=1, by=ada, now=now).revision == 2
    with pytest.raises(drafts.DraftChanged):
        score_models.publish(draft.pk, seen=1, over=current.pk, by=ada, now=now)


def test_a_model_has_one_open_version(model: ScoreModel, ada: Doer, now: datetime) -> None:
    draft = drafted(model, ada, now)
    with pytest.raises(drafts.AlreadyOpen) as caught:
        score_models.begin(model, draft.document, by=ada, now=now)
    assert caught.value.version == draft
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreModelVersion.objects.create(
            model=model, number=9, document={}, created_at=now, state=State.DRAFT
        )
    score_models.discard(draft.pk, seen=2, by=ada, now=now)
    assert drafts.open_version(model) is None
    with pytest.raises(drafts.NoDraft):
        score_models.discard(draft.pk, seen=2, by=ada, now=now)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda doc: doc["engagement"][0].update(points=float("nan")), "/engagement/0/points"),
        (lambda doc: doc["fit"][3].update(when={"trait": "shoe", "gte": 4}), "/fit/3/when/trait"),
        (lambda doc: doc.update(name="Another"), "/name"),
    ],
)
def test_a_draft_that_cannot_be_read_is_not_saved(
    model: ScoreModel, ada: Doer, now: datetime, change: Callable[[Document], None], path: str
) -> None:
    draft = drafted(model, ada, now)
    document = deepcopy(draft.document)
    change(document)
    with pytest.raises(CriterionError) as caught:
        score_models.save(draft.pk, document, seen=2, by=ada, now=now)
    assert caught.value.path == path
    assert drafts.get(draft.pk).document == draft.document


def test_a_version_that_was_published_never_changes(
    model: ScoreModel, ada: Doer, now: datetime
) -> None:
    second = published(model, ada, now)
    frozen = {row.pk: (row.document, row.number, row.effective_at) for row in model.versions.all()}
    doors: list[Callable[[int], object]] = [
        lambda pk: score_models.save(pk, second.document | {"cap": 9}, seen=2, by=ada, now=now),
        lambda pk: score_models.discard(pk, seen=2, by=ada, now=now),
        lambda pk: score_models.publish(pk, seen=2, over=second.pk, by=ada, now=now),
        lambda pk: score_models.publish(
            pk, seen=2, over=second.pk, effective_at=now + timedelta(days=1), by=ada, now=now
        ),
        lambda pk: score_models.cancel(pk, by=ada, now=now),
    ]
    for pk in frozen:
        for door in doors:
            with pytest.raises((drafts.NoDraft, publishing.NotPublishable)):
                door(pk)
    first = model.versions.get(number=1)
    score_models.roll_back(first.pk, over=second.pk, by=ada, now=now + timedelta(minutes=1))
    for row in model.versions.filter(pk__in=frozen):
        assert (row.document, row.number, row.effective_at) == frozen[row.pk]


@pytest.mark.parametrize("state", ["published", "retired", "scheduled"])
def test_the_database_itself_keeps_what_was_published(
    model: ScoreModel, ada: Doer, now: datetime, state: str
) -> None:
    draft = drafted(model, ada, now)
    rows = ScoreModelVersion.objects.filter(pk=draft.pk)
    rows.update(document={"name": "Still a draft"}, state=state, effective_at=now)
    changes: list[dict[str, object]] = [{"document": {}}, {"day_offset_minutes": 5}]
    for change in changes:
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            rows.update(**change)
    rows.update(number=7, retired_at=now)
    assert rows.get().document == {"name": "Still a draft"}


def test_who_publishes_has_seen_what_is_in_force(
    model: ScoreModel, ada: Doer, now: datetime
) -> None:
    first = in_force(model, now)
    second = published(model, ada, now)
    draft = score_models.begin(model, first.document, made_from=first, by=ada, now=now)
    with pytest.raises(publishing.AnotherInForce) as caught:
        score_models.publish(draft.pk, seen=1, over=first.pk, by=ada, now=now)
    assert caught.value.version == second
    with pytest.raises(publishing.AnotherInForce):
        score_models.roll_back(first.pk, over=first.pk, by=ada, now=now)
    for other in (second.pk, draft.pk, 0):
        with pytest.raises(publishing.NotPublishable):
            score_models.roll_back(other, over=second.pk, by=ada, now=now)
    for at in (now, now - timedelta(days=1), now + timedelta(days=400)):
        with pytest.raises(publishing.NotPublishable):
            score_models.publish(draft.pk, seen=1, over=second.pk, effective_at=at, by=ada, now=now)


def test_the_model_that_counts_cannot_be_retired_but_an_alternative_can(
    model: ScoreModel, ada: Doer, now: datetime
) -> None:
    with pytest.raises(publishing.NotPublishable):
        score_models.retire(in_force(model, now).pk, by=ada, now=now)
    other = ScoreModel.objects.get(is_default=False)
    version = in_force(other, now)
    score_models.retire(version.pk, by=ada, now=now)
    assert publishing.in_force(other, at=now) is None
    with pytest.raises(publishing.NotPublishable):
        score_models.retire(version.pk, by=ada, now=now)


def test_an_alternative_is_published_without_scoring_anybody(
    leads: list[UUID], people: World, ada: Doer, now: datetime
) -> None:
    other = ScoreModel.objects.get(is_default=False)
    current = in_force(other, now)
    draft = score_models.begin(other, current.document | {"cap": 80}, by=ada, now=now)
    score_models.publish(draft.pk, seen=1, over=current.pk, by=ada, now=now)
    assert not Job.objects.filter(kind=rescoring.RESCORE).exists()


def test_each_act_is_in_the_audit(model: ScoreModel, ada: Doer, now: datetime) -> None:
    at = now + timedelta(days=1)
    draft, first = drafted(model, ada, now), in_force(model, now)
    score_models.publish(draft.pk, seen=2, over=first.pk, effective_at=at, by=ada, now=now)
    score_models.cancel(draft.pk, by=ada, now=now)
    second = score_models.publish(draft.pk, seen=2, over=first.pk, by=ada, now=now)
    score_models.roll_back(first.pk, over=second.pk, by=ada, now=now)
    last = score_models.begin(model, first.document, by=ada, now=now)
    score_models.discard(last.pk, seen=1, by=ada, now=now)
    alternative = ScoreModel.objects.get(is_default=False)
    score_models.retire(in_force(alternative, now).pk, by=ada, now=now)
    told = AuditEntry.objects.filter(object_kind="score_model").order_by("number")
    assert list(told.values_list("act", flat=True)) == [
        "model.drafted", "model.scheduled", "model.unscheduled", "model.published",
        "model.rolled_back", "model.drafted", "model.discarded", "model.retired",
    ]  # fmt: skip


def test_a_playbook_publishes_over_a_draft_and_the_draft_gets_the_next_number(
    model: ScoreModel, ada: Doer, now: datetime
) -> None:
    second = in_force(model, now)
    versions.write_over(second, second.document | {"cap": 70})
    draft = drafted(model, ada, now)
    parts.apply("b2b-saas", now=now)
    third = in_force(model, now)
    assert (draft.number, third.number) == (2, 3)
    [job] = Job.objects.filter(kind=rescoring.RESCORE)
    assert job.arguments == {"version": third.pk}
    version = score_models.publish(draft.pk, seen=2, over=third.pk, by=ada, now=now)
    assert version.number == 4
    assert in_force(model, now + timedelta(seconds=1)) == version
