"""What was built: forms and pages, and the score models as sentences. Read only for now."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadline.capture import definitions
from leadline.capture.models import Form, Page, Submission
from leadline.criteria import sentence
from leadline.criteria.errors import CriterionError
from leadline.flow import rulebook
from leadline.scoring.models import ScoreModelVersion
from leadline.scoring.rules import EachRule, FirstOfRule, Model, Rule, parse_model
from leadline.web import access, pages, prospects


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
    """A published version with its rules in words; `model` None when it cannot be read."""

    version: ScoreModelVersion
    model: Model | None
    fit: Sequence[Shown]
    engagement: Sequence[Shown]


@require_safe
@access.screen("see_capture")
def capture(request: HttpRequest) -> HttpResponse:
    """Forms and hosted pages, with how many submissions each form had."""
    counted = Submission.objects.filter(state=Submission.State.ACCEPTED).values("form_slug")
    counts = {row["form_slug"]: row["n"] for row in counted.annotate(n=Count("id")).order_by()}
    context = {
        "place": "capture",
        "forms": [(form, counts.get(form.slug, 0)) for form in Form.objects.order_by("name")],
        "known": definitions.load(),
        "base_url": settings.ENVIRONMENT.base_url,
        "hosted": Page.objects.select_related("form").order_by("title"),
    }
    return pages.render(request, "capture.html", context)


@require_safe
@access.screen("see_scoring")
def scoring(request: HttpRequest) -> HttpResponse:
    """Every published score model, its rules grouped by fit and engagement."""
    versions = ScoreModelVersion.objects.filter(state=ScoreModelVersion.State.PUBLISHED)
    found = versions.select_related("model").order_by("-model__is_default", "model__name")
    context = {"place": "scoring", "models": [_shown(version) for version in found]}
    return pages.render(request, "scoring.html", context)


def _shown(version: ScoreModelVersion) -> ShownModel:
    words = rulebook.vocabulary()
    try:
        model = parse_model(version.document, vocabulary=words)
    except CriterionError:
        return ShownModel(version, None, [], [])
    return ShownModel(
        version, model, [_rule(each) for each in model.fit], [_rule(e) for e in model.engagement]
    )


def _rule(rule: Rule) -> Shown:
    bands = rule.bands if isinstance(rule, FirstOfRule) else ()
    return Shown(
        name=rule.name,
        points_micro=prospects.points(rule),
        said=_capital(prospects.said(rule)),
        limits=_limits(rule) if isinstance(rule, EachRule) else "",
        bands=[
            (_capital(sentence.sentence(band.when, translate=_)), band.points_micro)
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


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]
