"""The life of score models: who changed what is written down, and everybody is scored anew.

The rows are `scoring.drafts`' and `scoring.publishing`'s; here stands what a change causes.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from leadline.flow import rescoring, rulebook
from leadline.leads import locks
from leadline.scoring import choosing, drafts, publishing
from leadline.scoring.drafts import Document
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.workspace import audit, jobs
from leadline.workspace.audit import Act, Change, Doer, Value

COME_INTO_FORCE = "scoring.come_into_force"


def create(name: str, document: Document, *, by: Doer, now: datetime) -> ScoreModelVersion:
    """A new model and its first draft, from a template or from rules of one's own.

    Nobody is scored by it before it is published and chosen. Raises drafts.NotAName, and
    CriterionError with the path.
    """
    with transaction.atomic():
        draft = drafts.create(
            name, document, vocabulary=rulebook.vocabulary(), by=by.user_id, now=now
        )
        _note("model.created", draft, by=by, now=now)
    return draft


def choose(model_id: int, *, over: int | None, by: Doer, now: datetime) -> ScoreModelVersion:
    """Let another model make the scores; everybody is scored anew by a job.

    `over` is the id of the model that made them when the chooser looked. Returns the version that
    counts now. Raises choosing.AnotherCounts, publishing.NotPublishable, and CriterionError when
    a rule names what is there no more.
    """
    words = rulebook.vocabulary()
    with transaction.atomic():
        # Whoever scores by the old model is done before it goes.
        locks.passing()
        version = choosing.choose(model_id, over=over, vocabulary=words, now=now)
        rescoring.later(version, now=now)
        _note("model.chosen", version, by=by, now=now)
    return version


def begin(
    model: ScoreModel,
    document: Document,
    *,
    made_from: ScoreModelVersion | None = None,
    by: Doer,
    now: datetime,
) -> ScoreModelVersion:
    """A new draft: from a version (`made_from` and its document) or from a template.

    Raises drafts.AlreadyOpen, and CriterionError with the path.
    """
    with transaction.atomic():
        draft = drafts.begin(
            model, document, made_from=made_from, vocabulary=rulebook.vocabulary(),
            by=by.user_id, now=now,
        )  # fmt: skip
        origin = None if made_from is None else made_from.number
        _note("model.drafted", draft, {"made_from": origin}, by=by, now=now)
    return draft


def save(
    version_id: int, document: Document, *, seen: int, by: Doer, now: datetime
) -> ScoreModelVersion:
    """The draft with this document. Typing is not noted in the audit, publishing is.

    Raises CriterionError with the path (and nothing is saved), drafts.NoDraft, drafts.DraftChanged.
    """
    return drafts.save(
        version_id, document, seen=seen, vocabulary=rulebook.vocabulary(), by=by.user_id, now=now
    )


def discard(version_id: int, *, seen: int, by: Doer, now: datetime) -> None:
    """Delete the draft. Raises drafts.NoDraft and drafts.DraftChanged."""
    with transaction.atomic():
        _note("model.discarded", drafts.discard(version_id, seen=seen), by=by, now=now)


def publish(
    version_id: int,
    *,
    seen: int,
    over: int | None,
    by: Doer,
    now: datetime,
    effective_at: datetime | None = None,
) -> ScoreModelVersion:
    """Put the draft in force now, or at an instant ahead; everybody is scored anew by a job.

    `seen` is the revision of the draft and `over` the id of the version in force that were looked
    at. Raises drafts.NoDraft, drafts.DraftChanged, publishing.AnotherInForce,
    publishing.NotPublishable, and CriterionError when a rule names what is there no more.
    """
    words = rulebook.vocabulary()
    if effective_at is not None:
        return _schedule(version_id, seen=seen, over=over, at=effective_at, by=by, now=now)
    with transaction.atomic():
        # Whoever scores by the old version is done before it goes.
        locks.passing()
        version = publishing.publish(
            version_id, seen=seen, over=over, vocabulary=words, by=by.user_id, now=now
        )
        rescoring.later(version, now=now)
        _note("model.published", version, by=by, now=now)
    return version


def _schedule(
    version_id: int, *, seen: int, over: int | None, at: datetime, by: Doer, now: datetime
) -> ScoreModelVersion:
    with transaction.atomic():
        version = publishing.schedule(
            version_id, seen=seen, over=over, at=at, vocabulary=rulebook.vocabulary(),
            by=by.user_id, now=now,
        )  # fmt: skip
        key = f"{COME_INTO_FORCE}:{version.pk}:{at.isoformat()}"
        jobs.enqueue(COME_INTO_FORCE, now=now, due_at=at, unique_key=key)
        _note("model.scheduled", version, {"effective_at": at.isoformat()}, by=by, now=now)
    return version


def cancel(version_id: int, *, by: Doer, now: datetime) -> ScoreModelVersion:
    """A scheduled version is a draft again. Raises publishing.NotPublishable when too late."""
    with transaction.atomic():
        draft = publishing.cancel(version_id, by=by.user_id, now=now)
        _note("model.unscheduled", draft, by=by, now=now)
    return draft


def roll_back(to_id: int, *, over: int | None, by: Doer, now: datetime) -> ScoreModelVersion:
    """Publish the document of an earlier version anew; everybody is scored anew by a job.

    Raises publishing.NotPublishable, publishing.AnotherInForce, and CriterionError when a rule
    names what is there no more.
    """
    words = rulebook.vocabulary()
    with transaction.atomic():
        locks.passing()
        version = publishing.roll_back(to_id, over=over, vocabulary=words, by=by.user_id, now=now)
        rescoring.later(version, now=now)
        was = version.made_from.number if version.made_from else None
        _note("model.rolled_back", version, {"made_from": was}, by=by, now=now)
    return version


def retire(version_id: int, *, by: Doer, now: datetime) -> ScoreModelVersion:
    """Take an alternative model out of use. Raises publishing.NotPublishable."""
    with transaction.atomic():
        version = publishing.retire(version_id, now=now)
        _note("model.retired", version, by=by, now=now)
    return version


def come_into_force(_arguments: Mapping[str, object], now: datetime) -> int:
    """The job at the instant of a schedule; returns how many versions came into force.

    Safe to run twice; finds nothing when the schedule was cancelled meanwhile.
    """
    with transaction.atomic():
        locks.passing()
        found = publishing.come_into_force(now=now)
        for version in found:
            rescoring.later(version, now=now)
    return len(found)


def _note(
    act: Act,
    version: ScoreModelVersion,
    after: Mapping[str, Value] | None = None,
    *,
    by: Doer,
    now: datetime,
) -> None:
    said = {"version": version.number, **(after or {})}
    change = Change(act, "score_model", version.model_id, version.model.name, {}, said)
    audit.record(change, by=by, now=now)
