"""The part of a playbook with score models: a file each in `scoring/`, one of them the default."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.utils.text import slugify

from leadline.criteria.errors import CriterionError
from leadline.criteria.vocabulary import Vocabulary
from leadline.lib import clock
from leadline.scoring import choosing, drafts, publishing, soundness
from leadline.scoring.models import ScoreModel, ScoreModelVersion

State = ScoreModelVersion.State


class Models(msgspec.Struct, frozen=True):
    """Score models by the name of their file; `default` is the one that counts."""

    default: str
    models: Mapping[str, Mapping[str, Any]]  # Any: documents, checked by soundness.read


def read(documents: Mapping[str, object], *, default: str, vocabulary: Vocabulary) -> Models:
    """The models in `documents` (by file name without ending).

    Raises CriterionError; its path begins with the file's name.
    """
    for stem, document in documents.items():
        try:
            model = soundness.read(document, vocabulary=vocabulary)
        except CriterionError as error:
            error.path = f"{stem}.yaml{error.path}"
            raise
        if slugify(model.name) != stem:
            raise CriterionError(f"{stem}.yaml/name", model.name, f"a name that makes {stem!r}")
    if default not in documents:
        raise CriterionError("", default, "a score_model among " + ", ".join(sorted(documents)))
    return Models(default, msgspec.convert(dict(documents), dict[str, dict[str, Any]]))


def apply(document: Models, *, now: datetime, day_offset_minutes: int) -> None:
    """Publish a new version of each model that reads differently from the one in force.

    A model's first version is in force from 1970 on, so that history which is imported later can
    be scored as of any instant. Safe to run twice. Nothing is rescored here; that is `flow`'s.
    """
    for stem, body in document.models.items():
        model, _ = ScoreModel.objects.get_or_create(name=body["name"])
        if stem == document.default:
            choosing.put(model, now=now)
        _publish(model, body, now=now, day_offset_minutes=day_offset_minutes)


def _publish(
    model: ScoreModel, body: Mapping[str, Any], *, now: datetime, day_offset_minutes: int
) -> None:
    publishing.come_into_force(now=now)
    current = publishing.in_force(model, at=now)
    wanted = (body, day_offset_minutes)
    if current is not None and (current.document, current.day_offset_minutes) == wanted:
        return
    is_first = not model.versions.exclude(state__in=drafts.OPEN).exists()
    version = ScoreModelVersion(
        model=model, document=body, day_offset_minutes=day_offset_minutes, created_at=now
    )
    publishing.put_in_force(version, at=clock.EPOCH if is_first else now)


def export() -> Models:
    """The version in force of each model."""
    rows = ScoreModelVersion.objects.filter(state=State.PUBLISHED).order_by("model_id")
    found = {slugify(row.model.name): row for row in rows.select_related("model")}
    default = next((stem for stem, row in found.items() if row.model.is_default), "")
    return Models(default, {stem: row.document for stem, row in found.items()})
