"""Leads → Lists: lists and segments, what lists are called, and the end of both."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leadline.cards import list_sizes
from leadline.flow import static_lists as flow
from leadline.flow.rule_places import Use
from leadline.lib import clock
from leadline.segments import lists
from leadline.segments.lists import NotAList
from leadline.segments.models import Segment
from leadline.web import access, labels, pages, segments

_SAID = ("renamed", "deleted", "segment")


@require_safe
@access.screen("see_leads")
def page(request: HttpRequest) -> HttpResponse:
    """Every list and segment by name, with how many of its leads the reader may see."""
    sizes = list_sizes.seen_by(access.reader(request))
    said = request.GET.get("done", "")
    context = {
        "place": "leads",
        "lists": [(each, sizes.get(each.pk, 0)) for each in lists.static()],
        "segments": segments.all_for(access.reader(request), now=clock.now()),
        "may_edit_segments": access.may(request, "edit_segments"),
        "done": said if said in _SAID else "",
    }
    return pages.render(request, "static_lists.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_leads")
def static_list(request: HttpRequest, list_id: int) -> HttpResponse:
    """One list: another name, and the way to its end."""
    segment, problem, user = _find(list_id), "", access.reader(request)
    if segment.kind != Segment.Kind.STATIC:
        return HttpResponseRedirect(reverse("segment", args=[list_id]))
    if request.method == "POST":
        written = request.POST.get("name", "")[:1_000]
        try:
            flow.rename(list_id, written, by=access.doer(request), now=clock.now())
            return _done("renamed")
        except NotAList as refusal:
            problem = str(refusal)
    context = {
        "place": "leads",
        "segment": segment,
        "count": list_sizes.seen_of(segment.key, user),
        "name": request.POST.get("name", segment.name),
        "problem": problem,
        "may_delete": flow.may_delete(segment, user),
    }
    return pages.render(request, "static_list.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_leads")
def delete(request: HttpRequest, list_id: int) -> HttpResponse:
    """Asks with the count, because it cannot be taken back; says where the list is used.

    404 for a list with leads that the reader may not see: its end is not offered to them.
    """
    segment, user = _find(list_id), access.reader(request)
    if not flow.may_delete(segment, user):
        raise Http404
    if request.method != "POST":
        return _delete_page(request, segment, flow.uses(segment, user))
    try:
        flow.delete(list_id, reader=user, by=access.doer(request), now=clock.now())
    except flow.StillUsed as used:
        return _delete_page(request, segment, used.uses, status=409)
    except (flow.NotAllowed, NotAList):
        raise Http404 from None
    return _done("deleted" if segment.kind == Segment.Kind.STATIC else "segment")


def _delete_page(
    request: HttpRequest, segment: Segment, uses: Sequence[Use], *, status: int = 200
) -> HttpResponse:
    context = {
        "place": "leads",
        "segment": segment,
        "count": list_sizes.of(segment.key),
        "uses": [
            _("%(where)s: %(name)s")
            % {"where": labels.of(labels.FIELD_USES, use.where), "name": use.name}
            for use in uses
        ],
    }
    return pages.render(request, "static_list_ends.html", context, status=status)


def _find(list_id: int) -> Segment:
    found = lists.find(list_id)
    if found is None:
        raise Http404
    return found


def _done(what: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('static_lists')}?done={what}")
