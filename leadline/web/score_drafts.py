"""A draft of a score model: points, caps, fading, order; saved while it is edited, then published.

What was typed belongs to the rules that were seen (`score_edits.shape`) and to the revision that
was seen: whoever saves over somebody else's change is shown so, and nothing is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leadline.criteria.errors import CriterionError
from leadline.flow import score_models
from leadline.lib import clock
from leadline.lib.said_date import NotADate
from leadline.scoring import complexity, differences, drafts, publishing
from leadline.scoring.models import ScoreModelVersion
from leadline.scoring.rules import GROUPS
from leadline.web import access, due_dates, pages, score_edits, score_words, scoring
from leadline.web.score_edits import Problems
from leadline.web.score_words import Shown


@dataclass(frozen=True)
class Editable:
    """One rule in the form: as it stands in the document, and in words where it can be read."""

    field: str
    place: int
    written: Mapping[str, Any]  # JSON
    shown: Shown | None

    @property
    def kind(self) -> str:
        return next(each for each in ("when", "each", "first_of") if each in self.written)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("see_scoring")
def page(request: HttpRequest, version_id: int) -> HttpResponse:
    """The draft; a POST saves it, also by itself while somebody types."""
    if request.method == "POST":
        if not access.may(request, "edit_scoring"):
            return HttpResponse(status=403)
        return _save(request, version_id)
    return shown(request, find(version_id))


def find(version_id: int) -> ScoreModelVersion:
    """The draft or scheduled version; 404 for any other."""
    rows = ScoreModelVersion.objects.select_related("model", "made_from", "by")
    found = rows.filter(pk=version_id, state__in=drafts.OPEN).first()
    if found is None:
        raise Http404
    return found


def _save(request: HttpRequest, version_id: int) -> HttpResponse:
    draft = find(version_id)
    seen = whole(request.POST.get("seen"))
    if request.POST.get("shape") != score_edits.shape(draft.document):
        return shown(request, draft, conflict=draft, status=409)
    document, problems = score_edits.typed(draft.document, request.POST)
    if problems:
        return shown(request, draft, problems=problems, status=422)
    asked = request.POST.get("do", "")
    document = score_edits.changed(document, asked) if asked else document
    try:
        draft = score_models.save(
            version_id, document, seen=seen, by=access.doer(request), now=clock.now()
        )
    except CriterionError as refusal:
        problems = {score_edits.field_of(refusal): score_words.refused(refusal)}
        return shown(request, draft, problems=problems, status=422)
    except drafts.DraftChanged as changed:
        return shown(request, draft, conflict=changed.version, status=409)
    except drafts.NoDraft:
        raise Http404 from None
    if pages.wants_fragment(request):
        response = shown(request, draft)
        response["HX-Trigger"] = "leadline:draft-saved"
        return response
    return HttpResponseRedirect(reverse("score_draft", args=[version_id]))


@require_POST
@access.screen("edit_scoring")
def publish(request: HttpRequest, version_id: int) -> HttpResponse:
    """Put the draft in force now, or at the instant that was typed."""
    draft = find(version_id)
    now = clock.now()
    when = request.POST.get("due", "")[:60].strip()
    try:
        at = due_dates.read(when, now=now).at if when else None
        score_models.publish(
            version_id, seen=whole(request.POST.get("seen")), over=scoring.over(request),
            by=access.doer(request), now=now, effective_at=at,
        )  # fmt: skip
    except NotADate as refusal:
        return _not_published(request, draft, due_dates.problem(refusal))
    except publishing.NotPublishable:
        return _not_published(request, draft, _("Choose an instant within the year ahead."))
    except publishing.AnotherInForce:
        return _not_published(request, draft, scoring.another())
    except CriterionError as refusal:
        return _not_published(request, draft, score_words.refused(refusal))
    except drafts.DraftChanged as changed:
        return shown(request, changed.version, conflict=changed.version, status=409)
    except drafts.NoDraft:
        raise Http404 from None
    return scoring.done("scheduled" if at else "published")


@require_POST
@access.screen("edit_scoring")
def discard(request: HttpRequest, version_id: int) -> HttpResponse:
    """Throw the draft away."""
    draft = find(version_id)
    try:
        seen = whole(request.POST.get("seen"))
        score_models.discard(version_id, seen=seen, by=access.doer(request), now=clock.now())
    except drafts.DraftChanged as changed:
        return shown(request, draft, conflict=changed.version, status=409)
    except drafts.NoDraft:
        raise Http404 from None
    return scoring.done("discarded")


def _not_published(request: HttpRequest, draft: ScoreModelVersion, problem: str) -> HttpResponse:
    return shown(request, draft, problems={"due": problem}, status=422)


def shown(  # what stands on the page besides the draft itself
    request: HttpRequest,
    draft: ScoreModelVersion,
    *,
    problems: Problems | None = None,
    conflict: ScoreModelVersion | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of the draft, or the part of it that says how it stands."""
    told = score_words.of(draft)
    current = publishing.in_force(draft.model, at=clock.now())
    before = score_words.of(current) if current else None
    may_change = access.may(request, "edit_scoring")
    context = {
        "place": "scoring",
        "draft": draft,
        "told": told,
        "groups": {group: _editable(draft, group, told) for group in GROUPS},
        "days": score_edits.days,
        "shape": score_edits.shape(draft.document),
        "typed": request.POST,
        "problems": problems or {},
        "conflict": conflict,
        "current": current,
        "changes": (
            differences.sentences(before.model, told.model)
            if before and before.model and told.model
            else None
        ),
        "warning": complexity.warning(told.model) if told.model else "",
        "may_edit": may_change and draft.state == drafts.State.DRAFT,
        "may_cancel": may_change,
    }
    is_part = pages.wants_fragment(request) and request.method == "POST"
    template = "score_state.html" if is_part else "score_draft.html"
    return pages.render(request, template, context, status=status)


def _editable(draft: ScoreModelVersion, group: str, told: score_words.ShownModel) -> list[Editable]:
    said = told.groups[group]
    return [
        Editable(f"{group}.{place}", place, rule, said[place] if place < len(said) else None)
        for place, rule in enumerate(draft.document.get(group) or ())
    ]


def whole(written: str | None) -> int:
    """A number of the form; 0, which no revision has, for anything else."""
    is_number = written and written.isascii() and written.isdecimal() and len(written) < 10
    return int(written) if is_number and written else 0
