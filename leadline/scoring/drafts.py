"""Drafts of score models: begun from a version or a template, saved until they are published.

A model has at most one version that is open: a draft, or one that is scheduled. Everything else is
immutable, and nothing here touches it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.text import slugify

from leadline.criteria.errors import CriterionError
from leadline.criteria.vocabulary import Vocabulary
from leadline.lib import text
from leadline.lib.refusal import Phrase, Refused
from leadline.scoring import soundness
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.workspace import settings

State = ScoreModelVersion.State
LONGEST_NAME = 120
OPEN = (State.DRAFT, State.SCHEDULED)
Document = Mapping[str, Any]  # Any: JSON, checked by soundness.read


class AlreadyOpen(Exception):
    """The model has a draft, or a version that is scheduled: go on with that one."""

    permanent = True

    def __init__(self, version: ScoreModelVersion) -> None:
        super().__init__(f"Version {version.number} of {version.model.name} is open already.")
        self.version = version


class NotAName(Refused):
    """No model can be called so."""


class NoDraft(Exception):
    """There is no such draft: it was published, scheduled or discarded meanwhile."""

    permanent = True


class DraftChanged(Exception):
    """Somebody saved the draft since it was read. `version` is how it stands now."""

    permanent = True

    def __init__(self, version: ScoreModelVersion) -> None:
        super().__init__(f"The draft was saved meanwhile, as revision {version.revision}.")
        self.version = version


def open_version(model: ScoreModel) -> ScoreModelVersion | None:
    """The model's draft or scheduled version, if there is one. One query."""
    found = model.versions.filter(state__in=OPEN).select_related("model", "made_from", "by")
    return found.first()


def create(
    name: str, document: Document, *, vocabulary: Vocabulary, by: UUID | None, now: datetime
) -> ScoreModelVersion:
    """A model of this name with its first draft; it scores nobody until it is published and chosen.

    Raises NotAName, also for the name of another model, and CriterionError with the path; nothing
    is made then.
    """
    clean = _name(name)
    with transaction.atomic():
        try:
            with transaction.atomic():
                model = ScoreModel.objects.create(name=clean)
        except IntegrityError:
            raise NotAName(_TAKEN) from None
        return begin(
            model, document, made_from=None, vocabulary=vocabulary, by=by, now=now
        )  # fmt: skip


def begin(
    model: ScoreModel,
    document: Document,
    *,
    made_from: ScoreModelVersion | None,
    vocabulary: Vocabulary,
    by: UUID | None,
    now: datetime,
) -> ScoreModelVersion:
    """A new draft of the model. Raises AlreadyOpen, and CriterionError with the path.

    The document is called as the model is: a template brings its rules, not its name.
    """
    written = {**document, "name": model.name}
    offset = settings.current().day_offset_minutes
    soundness.read(written, vocabulary=vocabulary)
    newest = model.versions.aggregate(newest=Max("number"))["newest"] or 0
    try:
        with transaction.atomic():
            return ScoreModelVersion.objects.create(
                model=model, number=newest + 1, document=written, day_offset_minutes=offset,
                made_from=made_from, created_at=now, saved_at=now, by_id=by,
            )  # fmt: skip
    except IntegrityError:
        other = open_version(model)
        if other is None:
            raise
        raise AlreadyOpen(other) from None


def save(
    version_id: int,
    document: Document,
    *,
    seen: int,
    vocabulary: Vocabulary,
    by: UUID | None,
    now: datetime,
) -> ScoreModelVersion:
    """The draft with this document, if its revision is still the one that was `seen`.

    The very same document saved again changes nothing. Raises CriterionError with the path (and
    nothing is saved), NoDraft and DraftChanged.
    """
    draft = get(version_id)
    _refuse_name(document, draft.model)
    soundness.read(document, vocabulary=vocabulary)
    if draft.document == document:
        return draft
    mine = ScoreModelVersion.objects.filter(pk=version_id, state=State.DRAFT, revision=seen)
    if not mine.update(
        document=dict(document), revision=F("revision") + 1, saved_at=now, by=by
    ):  # fmt: skip
        raise DraftChanged(get(version_id))
    return get(version_id)


def discard(version_id: int, *, seen: int) -> ScoreModelVersion:
    """Delete the draft, and the model with its only one; returns what it was.

    Raises NoDraft and DraftChanged.
    """
    with transaction.atomic():
        draft = hold(version_id, seen=seen)
        ScoreModelVersion.objects.filter(pk=draft.pk, state=State.DRAFT).delete()
        ScoreModel.objects.filter(pk=draft.model_id, versions=None, is_default=False).delete()
    return draft


def get(version_id: int) -> ScoreModelVersion:
    """The draft. Raises NoDraft."""
    return _one(version_id, is_held=False)


def hold(version_id: int, *, seen: int) -> ScoreModelVersion:
    """The draft as it was seen, held until the end of the transaction.

    Raises NoDraft and DraftChanged.
    """
    draft = _one(version_id, is_held=True)
    if draft.revision != seen:
        raise DraftChanged(draft)
    return draft


def _one(version_id: int, *, is_held: bool) -> ScoreModelVersion:
    rows = ScoreModelVersion.objects.select_related("model")
    if is_held:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=version_id, state=State.DRAFT).first()
    if found is None:
        raise NoDraft(f"There is no draft {version_id}.")
    return found


_TAKEN = Phrase("another model has this name, or one that would make the same file")


def _name(written: str) -> str:
    """The name as it is kept. A playbook keeps the model in a file that is called after it."""
    clean = " ".join(text.clean(written).split())
    if not clean or len(clean) > LONGEST_NAME:
        raise NotAName(Phrase("a model has a name of at most %(most)s characters",
                              most=LONGEST_NAME))  # fmt: skip
    if not slugify(clean):
        raise NotAName(Phrase("a name needs a letter from A to Z or a digit: it names a file too"))
    names = ScoreModel.objects.values_list("name", flat=True)
    if slugify(clean) in map(slugify, names):
        raise NotAName(_TAKEN)
    return clean


def _refuse_name(document: Document, model: ScoreModel) -> None:
    named = document.get("name") if isinstance(document, Mapping) else None
    if isinstance(named, str) and named != model.name:
        raise CriterionError("/name", named, f'the name of the model, "{model.name}"')
