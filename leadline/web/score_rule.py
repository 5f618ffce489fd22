"""One rule of a draft on a page of its own: its name, its points, and when it holds.

A rule of bands is edited a band at a time; the order of bands is changed beside the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from leadline.criteria import uses
from leadline.criteria.errors import CriterionError
from leadline.flow import score_models
from leadline.lib import clock
from leadline.scoring import drafts
from leadline.scoring.models import ScoreModelVersion
from leadline.scoring.rules import GROUPS
from leadline.web import (
    access,
    pages,
    rule_builder,
    rule_words,
    score_drafts,
    score_edits,
    score_words,
)
from leadline.web.rule_builder import Builder
from leadline.web.rule_words import Words

Kind = Literal["when", "each", "first_of"]
KINDS: tuple[Kind, ...] = ("when", "each", "first_of")


@dataclass(frozen=True)
class Spot:
    """Where in the draft a rule stands: its group and place (None: a new one, last of the group);
    of a rule of bands also the band (None: a new one)."""

    group: str
    place: int | None
    band: int | None
    kind: Kind
    # As it stands in the document; empty for a new one.
    rule: Mapping[str, Any]  # JSON

    @property
    def criterion(self) -> Mapping[str, Any] | None:  # JSON
        """The part that the builder edits."""
        if self.kind == "first_of":
            bands = self.rule.get("first_of", ())
            return bands[self.band]["when"] if self.band is not None else None
        return self.rule.get(self.kind)

    @property
    def points(self) -> object:
        if self.kind == "first_of" and self.band is not None:
            return self.rule["first_of"][self.band]["points"]
        return self.rule.get("points", "")

    def with_(self, criterion: Mapping[str, Any], points: object) -> dict[str, Any]:  # JSON
        """The rule with another criterion."""
        if self.kind != "first_of":
            return {**self.rule, self.kind: criterion}
        band = {"when": criterion, "points": points}
        bands = list(self.rule.get("first_of", ()))
        if self.band is None:
            bands.append(band)
        else:
            bands[self.band] = band
        name = self.rule.get("name", "")
        return {"name": name, "first_of": bands}


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_scoring")
def page(request: HttpRequest, version_id: int, group: str, place: str) -> HttpResponse:
    """The rule at this place of the draft, or a new one for `new`; a POST saves it."""
    draft = score_drafts.find(version_id)
    if draft.state != drafts.State.DRAFT:
        raise PermissionDenied
    words = rule_words.of(uses.SCORE)
    if request.method == "POST":
        return _save(request, draft, spot=_spot(request, draft, group, place), words=words)
    spot = _spot(request, draft, group, place)
    built = rule_builder.shown(spot.criterion, words=words, is_act=spot.kind == "each")
    return _shown(request, draft, spot, built)


def _spot(request: HttpRequest, draft: ScoreModelVersion, group: str, place: str) -> Spot:
    """Raises Http404 for a rule or a band that is not there."""
    if group not in GROUPS:
        raise Http404
    asked = request.GET.get("band", "new")
    if place == "new":
        kind = request.GET.get("kind", "when")
        if kind not in KINDS:
            raise Http404
        return Spot(group, None, None, kind, {})
    rules = draft.document.get(group) or ()
    if not (place.isascii() and place.isdecimal() and len(place) < 4 and int(place) < len(rules)):
        raise Http404
    rule = rules[int(place)]
    found = next(each for each in KINDS if each in rule)
    band = None
    if found == "first_of" and asked != "new":
        if not (asked.isascii() and asked.isdecimal() and int(asked) < len(rule["first_of"])):
            raise Http404
        band = int(asked)
    return Spot(group, int(place), band, found, rule)


def _save(
    request: HttpRequest, draft: ScoreModelVersion, *, spot: Spot, words: Words
) -> HttpResponse:
    built = rule_builder.read(request.POST, words=words, is_act=spot.kind == "each")
    if built.is_look:
        return _shown(request, draft, spot, built)
    written, problems = score_edits.rule(request.POST, spot.rule)
    if built.document is None or problems:
        return _shown(request, draft, spot, built, problems, status=422)
    if request.POST.get("shape") != score_edits.shape(draft.document):
        return _shown(request, draft, spot, built, is_changed=True, status=409)
    points = written.get("points")
    made = Spot(spot.group, spot.place, spot.band, spot.kind, written).with_(built.document, points)
    document = score_edits.put(draft.document, spot.group, spot.place, made)
    seen = score_drafts.whole(request.POST.get("seen"))
    try:
        score_models.save(draft.pk, document, seen=seen, by=access.doer(request), now=clock.now())
    except CriterionError as refusal:
        problems = {_field(refusal): score_words.refused(refusal)}
        return _shown(request, draft, spot, built, problems, status=422)
    except (drafts.DraftChanged, drafts.NoDraft):
        return _shown(request, draft, spot, built, is_changed=True, status=409)
    return HttpResponseRedirect(reverse("score_draft", args=[draft.pk]))


def _field(refusal: CriterionError) -> str:
    """Which field of the page is meant; the rule as a whole when none is."""
    last = refusal.path.rpartition("/")[2]
    return f"rule.{last}" if last in ("name", "points", "cap", "half_life") else ""


def _shown(  # what stands on the page besides the rule itself
    request: HttpRequest,
    draft: ScoreModelVersion,
    spot: Spot,
    built: Builder,
    problems: Mapping[str, str] | None = None,
    *,
    is_changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "place": "scoring",
        "draft": draft,
        "spot": spot,
        "built": built,
        "problems": problems or {},
        "days": score_edits.days,
        "shape": score_edits.shape(draft.document),
        "typed": request.POST,
        "is_changed": is_changed,
        "address": request.get_full_path(),
    }
    return pages.render(request, "score_rule.html", context, status=status)
