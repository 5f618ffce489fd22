"""What a backtest is asked for, read from JSON and checked before anything is computed.

model       a document of rules, or
version_id  a stored version; neither: the version in force of the model that counts
horizon     won within so many days (90)
objective   what the line is to be good for: see `objective`
line        the threshold that leads cross, by name; else the first
against     "published": also what would change against the version in force
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from leadline.analytics import instants, objective
from leadline.analytics.objective import NotAnObjective, Objective
from leadline.criteria.errors import CriterionError
from leadline.scoring import publishing, rules, vocabulary
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.scoring.rules import Model
from leadline.workspace import settings as workspaces

KNOWN = frozenset(
    {"model", "version_id", "horizon", "objective", "line", "against", "engine", "documents"}
)
ENGINES = ("duckdb", "spark")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ruled:
    """A model ready to score, the document that it was read from, and its number where stored."""

    model: Model
    document: Json
    version: int | None


@dataclass(frozen=True, slots=True)
class Order:
    """A backtest to be made. `published` is what counts today for the same model."""

    asked: Ruled
    published: Ruled | None
    horizon_days: int
    objective: Objective
    line: str | None
    is_against: bool
    engine: str


def read(asked: Json, *, now: datetime) -> Order:
    """The order. Raises CriterionError with the path for whatever cannot be asked for."""
    for name in asked:
        if name not in KNOWN:
            raise CriterionError(f"/{name}", asked[name], "one of " + ", ".join(sorted(KNOWN)))
    stored = _stored(asked.get("version_id"))
    published = _published(stored, now=now)
    document = asked.get("model")
    if document is not None:
        mine = _ruled(document, version=None)
    elif stored is not None:
        mine = _of_version(stored)
    elif published is not None:
        mine = published
    else:
        raise CriterionError("/model", None, "a score model: none is in force")
    return Order(
        asked=mine,
        published=published,
        horizon_days=_horizon(asked.get("horizon")),
        objective=_objective(asked.get("objective")),
        line=_one_of(asked, "line", mine.model.thresholds_micro),
        is_against=_one_of(asked, "against", ("published",)) is not None,
        engine=_one_of(asked, "engine", ENGINES) or settings.ENVIRONMENT.engine,
    )


def _ruled(document: object, *, version: int | None) -> Ruled:
    offset = workspaces.current().day_offset_minutes
    try:
        model = rules.parse_model(
            document, vocabulary=vocabulary.current(), day_offset_minutes=offset
        )
    except CriterionError as error:
        error.path = f"/model{error.path}"
        raise
    assert isinstance(document, Mapping)
    return Ruled(model, document, version)


def _of_version(version: ScoreModelVersion) -> Ruled:
    model = rules.parse_model(
        version.document,
        vocabulary=vocabulary.current(),
        day_offset_minutes=version.day_offset_minutes,
    )
    return Ruled(model, version.document, version.number)


def _stored(version_id: object) -> ScoreModelVersion | None:
    if version_id is None:
        return None
    versions = ScoreModelVersion.objects.select_related("model")
    found = versions.filter(pk=version_id).first() if type(version_id) is int else None
    if found is None:
        raise CriterionError("/version_id", version_id, "the id of a version")
    return found


def _published(stored: ScoreModelVersion | None, *, now: datetime) -> Ruled | None:
    """What a version is set against: the one in force of the same model; where that is itself, or
    there is none yet, the one that makes the scores."""
    counting = ScoreModel.objects.filter(is_default=True).first()
    for model in (counting if stored is None else stored.model, counting):
        found = publishing.in_force(model, at=now) if model is not None else None
        if found is not None and (stored is None or found.pk != stored.pk):
            return _of_version(found)
    return None if found is None else _of_version(found)


def _horizon(days: object) -> int:
    if days is None:
        return instants.DEFAULT_HORIZON_DAYS
    longest = instants.LONGEST_HORIZON_DAYS
    if type(days) is not int or not 1 <= days <= longest:
        raise CriterionError("/horizon", days, f"whole days from 1 to {longest}")
    return days


def _objective(document: object) -> Objective:
    try:
        return objective.read(document)
    except NotAnObjective as error:
        raise CriterionError(error.path, document, error.reason) from None


def _one_of(asked: Json, name: str, allowed: Collection[str]) -> str | None:
    found = asked.get(name)
    if found is None:
        return None
    if not isinstance(found, str) or found not in allowed:
        raise CriterionError(f"/{name}", found, "one of " + (", ".join(allowed) or "no name"))
    return found
