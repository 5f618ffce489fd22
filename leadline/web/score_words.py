"""The rules of a score model as people read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from leadline.criteria import sentence
from leadline.criteria.errors import CriterionError
from leadline.flow import rulebook
from leadline.scoring.models import ScoreModelVersion
from leadline.scoring.rules import EachRule, FirstOfRule, Model, Rule, parse_model
from leadline.web import prospects


@dataclass(frozen=True)
class Shown:
    """A rule as people read it; a rule of bands has one sentence per band instead of its own."""

    name: str
    points_micro: int
    said: str
    limits: str
    bands: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class ShownModel:
    """A version with its rules in words; `model` None, and why, when it cannot be read."""

    version: ScoreModelVersion
    model: Model | None
    groups: Mapping[str, Sequence[Shown]]
    problem: str = ""


def of(version: ScoreModelVersion) -> ShownModel:
    """One query."""
    try:
        model = parse_model(
            version.document,
            vocabulary=rulebook.vocabulary(),
            day_offset_minutes=version.day_offset_minutes,
        )
    except CriterionError as refusal:
        return ShownModel(version, None, {"fit": (), "engagement": ()}, refused(refusal))
    groups = {"fit": model.fit, "engagement": model.engagement}
    return ShownModel(version, model, {g: [_shown(each) for each in groups[g]] for g in groups})


def refused(refusal: CriterionError) -> str:
    """What is wrong with a document, for whoever edits it."""
    said = {"found": refusal.found, "allowed": refusal.allowed, "path": refusal.path or "/"}
    return _("At %(path)s stands %(found)s; possible: %(allowed)s.") % said


def _shown(rule: Rule) -> Shown:
    bands = rule.bands if isinstance(rule, FirstOfRule) else ()
    return Shown(
        name=rule.name,
        points_micro=prospects.points(rule),
        said=capital(prospects.said(rule)),
        limits=_limits(rule) if isinstance(rule, EachRule) else "",
        bands=[
            (capital(sentence.sentence(band.when, translate=_)), band.points_micro)
            for band in bands
        ],
    )


def _limits(rule: EachRule) -> str:
    said = [_("each time")]
    if rule.cap_micro is not None:
        said.append(_("at most %(points)s") % {"points": sentence.points(rule.cap_micro)})
    if rule.half_life_days is not None:
        said.append(_("half as much after %(days)d days") % {"days": rule.half_life_days})
    return " · ".join(said)


def capital(said: str) -> str:
    return said[:1].upper() + said[1:]
