"""Scoring: the rules in force as sentences, the versions of each model, the way to a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadline.analytics import shadow
from leadline.analytics.models import ShadowRun
from leadline.cards import queries
from leadline.cards.queries import CardRow
from leadline.criteria.errors import CriterionError
from leadline.flow import rescoring, score_models
from leadline.lib import clock
from leadline.playbooks import templates
from leadline.scoring import differences, drafts, publishing
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.web import access, pages, score_words
from leadline.web.score_words import ShownModel

SAID = ("chosen", "published", "scheduled", "rolled_back", "retired", "cancelled", "discarded")
MOST_NAMED = 5


@dataclass(frozen=True)
class OnPage:
    """A model, the version of it that counts now, and the one that is being worked on."""

    shown: ShownModel
    open: ScoreModelVersion | None


@dataclass(frozen=True)
class Idle:
    """A model that is not in use: not published yet, or retired. `open` is what is worked on."""

    model: ScoreModel
    open: ScoreModelVersion | None


@dataclass(frozen=True)
class Told:
    """A version with what it changed: sentences, or None where nobody can say any more."""

    version: ScoreModelVersion
    changes: Sequence[str] | None
    is_in_force: bool


@require_safe
@access.screen("see_scoring")
def page(request: HttpRequest) -> HttpResponse:
    """Every score model in force, its rules grouped by fit and engagement."""
    now, found, idle = clock.now(), [], []
    for model in ScoreModel.objects.order_by("-is_default", "name"):
        version = publishing.in_force(model, at=now)
        if version is not None:
            found.append(OnPage(score_words.of(version), drafts.open_version(model)))
        else:
            idle.append(Idle(model, drafts.open_version(model)))
    done = request.GET.get("done", "")
    in_force = next((each.shown.version for each in found if each.shown.version.model.is_default),
                    None)  # fmt: skip
    compared = shadow.latest()
    context = {
        "place": "scoring",
        "models": found,
        "idle": idle,
        "done": done if done in SAID else "",
        "behind": rescoring.behind(in_force.pk) if in_force else 0,
        "shadow": compared,
        "differing": _differing(request, compared),
        "may_edit": access.may(request, "edit_scoring"),
        "templates": templates.score_models() if access.may(request, "edit_scoring") else [],
    }
    return pages.render(request, "scoring.html", context)


def _differing(request: HttpRequest, run: ShadowRun | None) -> list[CardRow]:
    """The first of the leads whose scores differed that the reader may see. At most one query."""
    if run is None or not run.lead_ids:
        return []
    return queries.many(access.reader(request), shadow.named(run))[:MOST_NAMED]


@require_POST
@access.screen("edit_scoring")
def begin(request: HttpRequest, model_id: int) -> HttpResponse:
    """A draft of the model, of the version in force or of a template; or the one there is."""
    model = _model(model_id)
    now = clock.now()
    version = publishing.in_force(model, at=now)
    template = templates.score_model(request.POST.get("template", ""))
    document: Mapping[str, object] | None = version.document if version else None
    if template is not None:
        document, version = template.document, None
    if document is None:
        raise Http404
    try:
        draft = score_models.begin(
            model, document, made_from=version, by=access.doer(request), now=now
        )
    except drafts.AlreadyOpen as already:
        draft = already.version
    except CriterionError as refusal:
        return _refused(request, model, score_words.refused(refusal))
    return HttpResponseRedirect(reverse("score_draft", args=[draft.pk]))


@require_safe
@access.screen("see_scoring")
def versions(request: HttpRequest, model_id: int) -> HttpResponse:
    """What every version of a model changed, the newest first."""
    model = _model(model_id)
    return pages.render(request, "score_versions.html", _versions(request, model))


@require_POST
@access.screen("edit_scoring")
def act(request: HttpRequest, version_id: int, verb: str) -> HttpResponse:
    """Roll back to a version, retire it, or cancel its schedule."""
    version = ScoreModelVersion.objects.select_related("model").filter(pk=version_id).first()
    if version is None or verb not in ("roll-back", "retire", "cancel"):
        raise Http404
    by, now = access.doer(request), clock.now()
    try:
        if verb == "roll-back":
            score_models.roll_back(version_id, over=over(request), by=by, now=now)
            return done("rolled_back")
        if verb == "retire":
            score_models.retire(version_id, by=by, now=now)
            return done("retired")
        score_models.cancel(version_id, by=by, now=now)
    except publishing.AnotherInForce:
        return _refused(request, version.model, another())
    except publishing.NotPublishable:
        return _refused(request, version.model, _("This cannot be done any more."))
    except CriterionError as refusal:
        return _refused(request, version.model, score_words.refused(refusal))
    return HttpResponseRedirect(reverse("score_draft", args=[version_id]))


def another() -> str:
    """Said to whoever publishes over a version that is not in force any more."""
    return _("Another version came into force meanwhile. Look at it, then decide again.")


def over(request: HttpRequest) -> int | None:
    """The version in force that was looked at."""
    written = request.POST.get("over", "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 19 else None


def _model(model_id: int) -> ScoreModel:
    found = ScoreModel.objects.filter(pk=model_id).first()
    if found is None:
        raise Http404
    return found


def _versions(request: HttpRequest, model: ScoreModel) -> dict[str, object]:
    """One query, and one for the words of all versions together."""
    current = publishing.in_force(model, at=clock.now())
    shown = [score_words.of(each) for each in publishing.versions(model)]
    told = [
        Told(new.version, _changes(old, new), current is not None and new.version.pk == current.pk)
        for new, old in pairwise(shown)
    ]
    last = [Told(shown[-1].version, [], current is not None
                 and shown[-1].version.pk == current.pk)] if shown else []  # fmt: skip
    return {
        "place": "scoring",
        "model": model,
        "versions": [*told, *last],
        "over": current,
        "may_edit": access.may(request, "edit_scoring"),
    }


def _changes(old: ShownModel, new: ShownModel) -> Sequence[str] | None:
    if old.model is None or new.model is None:
        return None
    return differences.sentences(old.model, new.model)


def _refused(request: HttpRequest, model: ScoreModel, problem: str) -> HttpResponse:
    context = _versions(request, model) | {"problem": problem}
    return pages.render(request, "score_versions.html", context, status=422)


def done(what: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('scoring')}?done={what}")
