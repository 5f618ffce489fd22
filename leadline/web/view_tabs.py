"""Views as tabs: kept, changed, shared, moved, removed and brought back."""

from collections.abc import Mapping
from types import MappingProxyType

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from leadline.cards import views
from leadline.cards.models import SavedView
from leadline.lib import clock, text
from leadline.web import access, leads
from leadline.workspace import audit
from leadline.workspace.audit import Act, Change, Value

_STEPS = {"left": -1, "right": 1}


@require_POST
@access.screen("see_leads")
def add(request: HttpRequest) -> HttpResponse:
    """Keep filter, sort and columns under a name, as a tab of one's own."""
    wanted = leads.wanted_by(request)
    name = _name(request)
    if not name:
        return HttpResponseRedirect(reverse("leads") + wanted.chosen.address())
    view = views.add(
        access.reader(request), name,
        filter=wanted.document, sort=wanted.sort, columns=wanted.columns.written,
    )  # fmt: skip
    return _to(view)


@require_POST
@access.screen("see_leads")
def save(request: HttpRequest, view_id: int) -> HttpResponse:
    """Make the view what is being looked at."""
    view = _changeable(request, view_id)
    wanted = leads.wanted_by(request)
    if wanted.view != view:
        raise Http404
    before = _facts(view)
    with transaction.atomic():
        parts = views.save(
            view, filter=wanted.document, sort=wanted.sort, columns=wanted.columns.written
        )
        _note(request, "view.shared", view, before, {"parts": ", ".join(parts)} if parts else {})
    return _to(view)


@require_POST
@access.screen("see_leads")
def describe(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename the view and say who has it."""
    view = _changeable(request, view_id)
    reach, before = request.POST.get("reach", view.reach), _facts(view)
    try:
        with transaction.atomic():
            views.describe(
                view, name=_name(request) or view.name, reach=reach, by=access.reader(request)
            )
            _note(request, "view.shared", view, before)
    except views.NotAView:
        raise PermissionDenied from None
    return _to(view)


@require_POST
@access.screen("see_leads")
def move(request: HttpRequest, view_id: int) -> HttpResponse:
    """Move the tab to the left or right, for oneself."""
    view = _mine(request, view_id)
    step = _STEPS.get(request.POST.get("to", ""))
    if step is None or view.removed_at is not None:
        raise Http404
    views.move(access.reader(request), view, by=step)
    return _to(view)


@require_POST
@access.screen("see_leads")
def remove(request: HttpRequest, view_id: int) -> HttpResponse:
    """Remove the view for all who have it; the list then offers to bring it back."""
    view = _changeable(request, view_id)
    with transaction.atomic():
        views.remove(view, now=clock.now())
        _note(request, "view.removed", view, _facts(view))
    return HttpResponseRedirect(f"{reverse('leads')}?removed={view.pk}")


@require_POST
@access.screen("see_leads")
def restore(request: HttpRequest, view_id: int) -> HttpResponse:
    """Bring a removed view back."""
    view = _changeable(request, view_id)
    with transaction.atomic():
        if views.restore(view):
            _note(request, "view.restored", view, _facts(view))
    return _to(view)


def _note(
    request: HttpRequest,
    act: Act,
    view: SavedView,
    before: dict[str, Value],
    more: Mapping[str, Value] = MappingProxyType({}),
) -> None:
    """Into the audit, when others have the view or had it; one's own is one's own business."""
    view.refresh_from_db()
    after = {**_facts(view), **more}
    if {before["reach"], after["reach"]} == {SavedView.Reach.PRIVATE}:
        return
    both = audit.differing(before, after)
    if act != "view.shared" or both[1]:
        change = Change(act, "view", view.pk, view.name, *both)
        audit.record(change, by=access.doer(request), now=clock.now())


def _facts(view: SavedView) -> dict[str, Value]:
    return {"name": view.name, "reach": view.reach}


def _mine(request: HttpRequest, view_id: int) -> SavedView:
    view = views.one(access.reader(request), view_id)
    if view is None:
        raise Http404
    return view


def _changeable(request: HttpRequest, view_id: int) -> SavedView:
    """The view; 404 also for one that others share, or the playbook: theirs is not offered."""
    view = _mine(request, view_id)
    if not views.may_change(access.reader(request), view):
        raise Http404
    return view


def _name(request: HttpRequest) -> str:
    return text.clean(request.POST.get("name", "").strip(), max_length=80)


def _to(view: SavedView) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('leads')}?view={view.pk}")
