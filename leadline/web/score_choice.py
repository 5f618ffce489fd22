"""A new score model, and which of the models makes the scores."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leadline.criteria.errors import CriterionError
from leadline.flow import score_models
from leadline.lib import clock
from leadline.playbooks import templates
from leadline.scoring import choosing, publishing
from leadline.scoring.drafts import NotAName
from leadline.scoring.models import ScoreModel
from leadline.web import access, pages, score_words, scoring
from leadline.workspace import reasons


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_scoring")
def new(request: HttpRequest) -> HttpResponse:
    """A name and the rules to begin from; then the draft of the new model."""
    if request.method != "POST":
        return _form(request)
    template = templates.score_model(request.POST.get("template", ""))
    if template is None:
        return _form(request, {"template": _("Choose the rules to begin from.")})
    name, by = request.POST.get("name", "")[:1_000], access.doer(request)
    try:
        draft = score_models.create(name, template.document, by=by, now=clock.now())
    except NotAName as refusal:
        return _form(request, {"name": reasons.sentence(refusal)})
    except CriterionError as refusal:
        return _form(request, {"template": score_words.refused(refusal)})
    return HttpResponseRedirect(reverse("score_draft", args=[draft.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_scoring")
def choose(request: HttpRequest, model_id: int) -> HttpResponse:
    """Let another model make the scores, with what that would change beside it."""
    if request.method != "POST":
        return _choice(request, model_id)
    by, now = access.doer(request), clock.now()
    try:
        score_models.choose(model_id, over=scoring.over(request), by=by, now=now)
    except choosing.AnotherCounts:
        problem = _("Another model was chosen meanwhile. Look at what would change now.")
    except publishing.NotPublishable:
        problem = _("This cannot be done any more.")
    except CriterionError as refusal:
        problem = score_words.refused(refusal)
    else:
        return scoring.done("chosen")
    return _choice(request, model_id, problem=problem)


def _form(request: HttpRequest, problems: dict[str, str] | None = None) -> HttpResponse:
    context = {
        "place": "scoring", "templates": templates.score_models(), "posted": request.POST,
        "problems": problems or {},
    }  # fmt: skip
    return pages.render(request, "score_new.html", context, status=422 if problems else 200)


def _choice(request: HttpRequest, model_id: int, *, problem: str = "") -> HttpResponse:
    """404 for a model without a version in force: there is nothing to score by."""
    now = clock.now()
    model = ScoreModel.objects.filter(pk=model_id).first()
    version = publishing.in_force(model, at=now) if model else None
    if version is None:
        raise Http404
    context = {
        "place": "scoring", "version": version, "counting": choosing.counting(at=now),
        "problem": problem,
    }  # fmt: skip
    return pages.render(request, "score_choose.html", context, status=422 if problem else 200)
