"""History: what was done to many leads, by whom, how far it is, and the way back for a day."""

from datetime import datetime
from typing import cast
from uuid import UUID

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadline.cards import queries as cards
from leadline.flow import bulk_actions, bulk_export, bulk_history
from leadline.flow.models import BulkAction, BulkChange
from leadline.lib import clock
from leadline.web import access, bulk_done, bulk_words, pages, undo
from leadline.web.bulk_words import Told
from leadline.web.undo import Toast
from leadline.workspace.models import User

_ROWS = 30
_MOST_NAMED = 200
State = BulkAction.State


@require_safe
@access.screen("edit_leads")
def page(request: HttpRequest) -> HttpResponse:
    """The newest first; owners, admins and managers see everybody's, others their own."""
    user, now = access.reader(request), clock.now()
    found = bulk_history.newest(user, before=_uuid(request.GET.get("before", "")), limit=_ROWS + 1)
    context = {
        "place": "history",
        "lines": _told(found[:_ROWS], user, now=now),
        "next_page": found[_ROWS - 1].pk if len(found) > _ROWS else None,
    }
    return pages.render(request, "history.html", context, now=now)


@require_safe
@access.screen("edit_leads")
def action(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """One action: how far it is, who was left out, what was changed since."""
    user, now = access.reader(request), clock.now()
    row = _one(user, action_id)
    [told] = _told([row], user, now=now)
    context = {
        "place": "history",
        "told": told,
        "is_running": row.state in (State.GATHERING, State.WORKING, State.UNDOING),
        "is_stuck": bulk_history.is_stuck(row),
        "has_file": bulk_export.is_there(row, user, now=now),
        "groups": _groups(row, user),
    }
    block = "progress" if pages.wants_fragment(request) else None
    return pages.render(request, "history_action.html", context, block=block, now=now)


@require_POST
@access.screen("edit_leads")
def take_back(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """Give back what nobody changed since; whoever presses Undo in the list stays in it."""
    user = access.reader(request)
    row = _one(user, action_id)
    undone = bulk_actions.undo(row.pk, by=access.doer(request), now=clock.now())
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("bulk_action", args=[row.pk]))
    if undone is None:
        return undo.answer(request, Toast(_("Too late to undo."), is_bad=True))
    back = bulk_done.list_of(request, undone) or reverse("bulk_action", args=[row.pk])
    return HttpResponse(status=204, headers={"HX-Redirect": back})


@require_POST
@access.screen("edit_leads")
def cancel(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """Stop before the next portion."""
    row = _mine(access.reader(request), action_id)
    bulk_actions.cancel(row.pk, now=clock.now())
    return HttpResponseRedirect(reverse("bulk_action", args=[row.pk]))


@require_POST
@access.screen("edit_leads")
def go_on(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """A job that was given up after faults is tried again; it goes on where it stopped."""
    row = _mine(access.reader(request), action_id)
    bulk_actions.go_on(row.pk, now=clock.now())
    return HttpResponseRedirect(reverse("bulk_action", args=[row.pk]))


@require_POST
@access.screen("export_leads")
def file(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """The exported file, once, for who asked for it."""
    user = access.reader(request)
    opened = bulk_export.fetch(
        action_id, user, origin=access.origin(request), now=clock.now()
    )  # fmt: skip
    if opened is None:
        raise Http404
    kind = "text/csv; charset=utf-8"
    # Streamed, and otherwise an answer like any other.
    return cast(
        HttpResponse,
        FileResponse(opened, as_attachment=True, filename="leads.csv", content_type=kind),
    )


def _told(found: list[BulkAction], user: User, *, now: datetime) -> list[Told]:
    return [
        Told(row, what, which, bulk_actions.may_undo(row, user, now=now))
        for row, what, which in bulk_words.told(found)
    ]


def _groups(row: BulkAction, user: User) -> list[tuple[str, list[cards.CardRow], int]]:
    """Leads by what became of them, where it needs a look: heading, those visible, how many."""
    wanted = (
        (BulkChange.State.KEPT, _("Changed since, so left as they are"), row.kept_count),
        (BulkChange.State.LEFT_OUT, _("Left out"), row.left_out_count),
    )
    groups = []
    for state, heading, count in wanted:
        if count:
            lead_ids = bulk_history.leads(row, state, limit=_MOST_NAMED)
            groups.append((heading, cards.many(user, lead_ids), count))
    return groups


def _one(user: User, action_id: UUID) -> BulkAction:
    row = bulk_history.one(user, action_id)
    if row is None:
        raise Http404
    return row


def _mine(user: User, action_id: UUID) -> BulkAction:
    """One's own action, or anybody's for who runs the workspace."""
    row = _one(user, action_id)
    if not bulk_history.may_steer(row, user):
        raise Http404
    return row


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None
