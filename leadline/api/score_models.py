"""Score models: read, drafted, published, scheduled, rolled back, as on the screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, cast

from django.http import HttpRequest
from ninja import Query, Router
from ninja.responses import Status

from leadline.analytics import shadow
from leadline.api import callers, reading, writing
from leadline.api import score_model_shapes as shapes
from leadline.api.callers import Caller
from leadline.api.problems import Refusal, invalid
from leadline.api.score_model_shapes import (
    ChooseIn,
    DraftIn,
    FullVersion,
    PublishIn,
    RollBackIn,
    ScoreModelIn,
    Version,
)
from leadline.api.shapes import Person
from leadline.cards import queries
from leadline.criteria.errors import CriterionError
from leadline.flow import rulebook, score_models
from leadline.lib import clock
from leadline.playbooks import templates
from leadline.scoring import choosing, complexity, differences, drafts, publishing, rules
from leadline.scoring.models import ScoreModel, ScoreModelVersion

router = Router(tags=["Scoring"])


@router.get(
    "/score-models", response={200: shapes.ScoreModels, **reading.PROBLEMS},
    summary="List the score models",
)  # fmt: skip
def list_models(request: HttpRequest) -> shapes.ScoreModels:
    """Each with its version in force and the one that is open; the one that counts first."""
    caller, now = _reader(request), clock.now()
    found = ScoreModel.objects.order_by("-is_default", "name")
    return shapes.ScoreModels(
        items=[_model(each, now=now) for each in found], compared=_compared(caller)
    )


@router.get(
    "/score-models/templates", response={200: shapes.Templates, **reading.PROBLEMS},
    summary="List the rules to begin a model from",
)  # fmt: skip
def list_templates(request: HttpRequest) -> shapes.Templates:
    """Those of the shipped playbooks."""
    _reader(request)
    return shapes.Templates(items=[
        shapes.Template(key=each.key, name=each.name, playbook=each.playbook,
                        document=each.document)
        for each in templates.score_models()
    ])  # fmt: skip


@router.post(
    "/score-models", response={201: shapes.ScoreModel, **writing.PROBLEMS},
    summary="Begin a new score model",
)  # fmt: skip
def make_model(request: HttpRequest, body: ScoreModelIn) -> Status[shapes.ScoreModel]:
    """With its first draft. It scores nobody before it is published and made the default."""
    caller, now = _writer(request), clock.now()
    by = callers.doer(caller, request)
    with _refusing():
        draft = score_models.create(body.name, body.document, by=by, now=now)
    return Status(201, _model(draft.model, now=now))


@router.post(
    "/score-models/{int:model_id}/make-default",
    response={200: shapes.ScoreModel, **writing.PROBLEMS},
    summary="Let a model make the scores",
)  # fmt: skip
def choose(request: HttpRequest, model_id: int, body: ChooseIn) -> shapes.ScoreModel:
    """Every lead is scored anew by its version in force; the scores of the past stay as they are.
    409 when another model makes them than the one that was looked at, and without a version."""
    caller, model, now = _writer(request), _one(model_id), clock.now()
    by = callers.doer(caller, request)
    with _refusing():
        version = score_models.choose(model.pk, over=body.over, by=by, now=now)
    return _model(version.model, now=now)


@router.get(
    "/score-models/{int:model_id}/versions",
    response={200: shapes.Versions, **reading.PROBLEMS},
    summary="List the versions of a score model",
)  # fmt: skip
def list_versions(request: HttpRequest, model_id: int) -> shapes.Versions:
    """Without their rules, the newest first."""
    _reader(request)
    found = publishing.versions(_one(model_id))
    return shapes.Versions(items=[Version(**_version(each)) for each in found])


@router.get(
    "/score-models/{int:model_id}/versions/{int:number}",
    response={200: FullVersion, **reading.PROBLEMS},
    summary="One version, with its rules",
)  # fmt: skip
def get_version(request: HttpRequest, model_id: int, number: int) -> FullVersion:
    """What it says, and in sentences what it changes of the version that it follows."""
    _reader(request)
    return _full(_numbered(_one(model_id), number))


@router.put(
    "/score-models/{int:model_id}/draft",
    response={200: FullVersion, 201: FullVersion, **writing.PROBLEMS},
    summary="Begin or save the draft",
)  # fmt: skip
def put_draft(request: HttpRequest, model_id: int, body: DraftIn) -> Status[FullVersion]:
    """201 with a new draft, 200 when one was saved. 422 names the place in the document, and
    nothing is kept; 409 when somebody saved it since `revision`."""
    caller, model, now = _writer(request), _one(model_id), clock.now()
    by, draft = callers.doer(caller, request), drafts.open_version(model)
    with _refusing():
        if draft is None and body.revision is None:
            current = publishing.in_force(model, at=now)
            made = score_models.begin(model, body.document, made_from=current, by=by, now=now)
            return Status(201, _full(made))
        if draft is None or body.revision is None:
            raise Refusal(409, "There is a draft already." if draft else "There is no draft.")
        return Status(200, _full(
            score_models.save(draft.pk, body.document, seen=body.revision, by=by, now=now)
        ))  # fmt: skip


@router.delete(
    "/score-models/{int:model_id}/draft", response={200: shapes.ScoreModel, **writing.PROBLEMS},
    summary="Discard the draft",
)  # fmt: skip
def delete_draft(
    request: HttpRequest, model_id: int, revision: Annotated[int, Query(ge=1, le=2**31 - 1)]
) -> shapes.ScoreModel:
    """Nothing that was published changes. 409 when somebody saved it since `revision`."""
    caller = _writer(request, "revision")
    draft, now = _open(model_id), clock.now()
    with _refusing():
        score_models.discard(draft.pk, seen=revision, by=callers.doer(caller, request), now=now)
    return _model(draft.model, now=now)


@router.post(
    "/score-models/{int:model_id}/publish", response={200: FullVersion, **writing.PROBLEMS},
    summary="Publish or schedule the draft",
)  # fmt: skip
def publish(request: HttpRequest, model_id: int, body: PublishIn) -> FullVersion:
    """In force now, or from `effective_at` on; every lead is scored anew. 409 when the draft or the
    version in force is another than the one that was looked at."""
    caller, draft, now = _writer(request), _open(model_id), clock.now()
    at = _instant(body.effective_at, now=now)
    with _refusing():
        version = score_models.publish(
            draft.pk, seen=body.revision, over=_key(draft.model, body.over), effective_at=at,
            by=callers.doer(caller, request), now=now,
        )  # fmt: skip
    return _full(version)


@router.post(
    "/score-models/{int:model_id}/cancel-schedule",
    response={200: FullVersion, **writing.PROBLEMS},
    summary="Take back a schedule",
)  # fmt: skip
def cancel_schedule(request: HttpRequest, model_id: int) -> FullVersion:
    """The scheduled version is a draft again. 409 when it is in force already."""
    caller, version = _writer(request), _open(model_id)
    with _refusing():
        by = callers.doer(caller, request)
        return _full(score_models.cancel(version.pk, by=by, now=clock.now()))


@router.post(
    "/score-models/{int:model_id}/roll-back", response={200: FullVersion, **writing.PROBLEMS},
    summary="Go back to an earlier version",
)  # fmt: skip
def roll_back(request: HttpRequest, model_id: int, body: RollBackIn) -> FullVersion:
    """Publishes its rules as a new version: what was in force at any instant stays as it was."""
    caller, model = _writer(request), _one(model_id)
    old = _numbered(model, body.to)
    with _refusing():
        version = score_models.roll_back(
            old.pk, over=_key(model, body.over), by=callers.doer(caller, request), now=clock.now()
        )
    return _full(version)


@router.post(
    "/score-models/{int:model_id}/retire", response={200: FullVersion, **writing.PROBLEMS},
    summary="Take an alternative model out of use",
)  # fmt: skip
def retire(request: HttpRequest, model_id: int) -> FullVersion:
    """409 for the model that makes the scores."""
    caller, model, now = _writer(request), _one(model_id), clock.now()
    current = publishing.in_force(model, at=now)
    if current is None:
        raise Refusal(409, "No version of it is in force.")
    with _refusing():
        return _full(score_models.retire(current.pk, by=callers.doer(caller, request), now=now))


def _reader(request: HttpRequest) -> Caller:
    return callers.of(request, scope="leads:read", action="see_scoring")


def _writer(request: HttpRequest, *known: str) -> Caller:
    return callers.of(request, scope="rules:write", action="edit_scoring", known=known)


@contextmanager
def _refusing() -> Iterator[None]:
    """What the verbs raise, as problem documents."""
    try:
        yield
    except CriterionError as error:
        detail = f"found {error.found}; allowed: {error.allowed}"
        raise Refusal(422, str(error), errors=[(f"/document{error.path}", detail)]) from None
    except drafts.DraftChanged as error:
        raise Refusal(
            409, str(error), errors=[("/revision", str(error.version.revision))]
        ) from None
    except drafts.NotAName as error:
        raise invalid("/name", error.reason) from None
    except choosing.AnotherCounts as error:
        seen = "none" if error.model is None else str(error.model.pk)
        raise Refusal(409, str(error), errors=[("/over", seen)]) from None
    except publishing.AnotherInForce as error:
        number = "none" if error.version is None else str(error.version.number)
        raise Refusal(409, str(error), errors=[("/over", number)]) from None
    except (drafts.AlreadyOpen, drafts.NoDraft, publishing.NotPublishable) as error:
        raise Refusal(409, str(error)) from None


def _compared(caller: Caller) -> shapes.Compared | None:
    run = shadow.latest()
    if run is None:
        return None
    named = shadow.named(run)
    seen = {card.lead_id for card in queries.many(caller.user, named)}
    return shapes.Compared(
        as_of=run.as_of, leads=run.lead_count, differing=run.differing_count,
        lead_ids=[each for each in named if each in seen],
    )  # fmt: skip


def _one(model_id: int) -> ScoreModel:
    found = ScoreModel.objects.filter(pk=model_id).first() if model_id < 2**63 else None
    if found is None:
        raise Refusal(404, "There is no such score model.")
    return found


def _open(model_id: int) -> ScoreModelVersion:
    found = drafts.open_version(_one(model_id))
    if found is None:
        raise Refusal(409, "There is no draft.")
    return found


def _numbered(model: ScoreModel, number: int) -> ScoreModelVersion:
    rows = model.versions.select_related("model", "made_from", "by")
    found = rows.filter(number=number).first() if number < 2**31 else None
    if found is None:
        raise Refusal(404, "There is no such version.")
    return found


def _key(model: ScoreModel, number: int | None) -> int | None:
    return None if number is None else _numbered(model, number).pk


def _instant(written: str | None, *, now: datetime) -> datetime | None:
    if written is None:
        return None
    try:
        at = clock.parse_iso(written)
    except clock.NotATime as error:
        raise invalid("/effective_at", str(error)) from None
    if not now < at <= now + publishing.FURTHEST:
        raise invalid("/effective_at", "Choose an instant within the year ahead.")
    return at


def _model(row: ScoreModel, *, now: datetime) -> shapes.ScoreModel:
    current, opened = publishing.in_force(row, at=now), drafts.open_version(row)
    return shapes.ScoreModel(
        id=row.pk,
        name=row.name,
        is_default=row.is_default,
        in_force=None if current is None else Version(**_version(current)),
        open=None if opened is None else Version(**_version(opened)),
    )


def _full(row: ScoreModelVersion) -> FullVersion:
    document = row.document
    follows = publishing.before(row)
    try:
        model = _read(row)
        changes = [] if follows is None else differences.sentences(_read(follows), model)
        warning = complexity.warning(model)
    except CriterionError:
        # It names what is there no more; it is told as it stands.
        changes, warning = [], ""
    return FullVersion(**_version(row), document=document, changes=changes, warning=warning)


def _read(row: ScoreModelVersion) -> rules.Model:
    offset = row.day_offset_minutes
    words = rulebook.vocabulary()
    return rules.parse_model(row.document, vocabulary=words, day_offset_minutes=offset)


def _version(row: ScoreModelVersion) -> dict[str, Any]:  # values of the shape, checked by it
    by = row.by
    return {
        "number": row.number,
        "state": cast("shapes.State", row.state),
        "effective_at": row.effective_at,
        "retired_at": row.retired_at,
        "made_from": None if row.made_from is None else row.made_from.number,
        "revision": row.revision,
        "saved_at": row.saved_at,
        "by": None if by is None else Person(id=by.pk, email=by.email, name=str(by)),
    }
