"""What was just done to many leads: the toast on the page that one comes back to."""

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadline.flow import bulk_actions
from leadline.flow.models import BulkAction
from leadline.lib import clock
from leadline.web import access, bulk_words
from leadline.web.undo import Toast
from leadline.workspace import spoken


def toasts(request: HttpRequest) -> list[Toast]:
    """What was just done, on the page that one came back to, with the way back."""
    try:
        action_id = UUID(request.GET.get("done", ""))
    except ValueError:
        return []
    user = access.reader(request)
    action = BulkAction.objects.filter(pk=action_id, by=user).select_related("by").first()
    if action is None:
        return []
    address = reverse("undo_bulk", args=[action.pk])
    may_undo = bulk_actions.may_undo(action, user, now=clock.now())
    return [Toast(_done(action), address=address if may_undo else "")]


def list_of(request: HttpRequest, undone: BulkAction) -> str:
    """The list in which Undo was pressed, as it was filtered, where a toast says what came of it.

    "" when it was pressed elsewhere, or a job is still at it.
    """
    current = access.asked_from(request)
    if current.path != reverse("leads") or undone.state != BulkAction.State.UNDONE:
        return ""
    said = parse_qsl(current.query, keep_blank_values=True)
    kept = [(name, each) for name, each in said if name != "done"]
    return f"{current.path}?{urlencode([*kept, ('done', undone.pk)])}"


def _done(action: BulkAction) -> str:
    [(_row, what, _which)] = bulk_words.told([action])
    if action.state == BulkAction.State.UNDONE:
        return _undone(action, what)
    parts = [_("%(what)s: %(n)s done") % {"what": what, "n": f"{action.done_count:,}"}]
    if action.same_count:
        parts.append(_("%(n)s were so already") % {"n": f"{action.same_count:,}"})
    if action.left_out_count:
        parts.append(_("%(n)s left out, you may not change them") % {"n": action.left_out_count})
    not_found = action.lead_count - action.done_count - action.same_count - action.left_out_count
    if not_found > 0:
        parts.append(_("%(n)s not found") % {"n": not_found})
    return " · ".join(parts)


def _undone(action: BulkAction, what: str) -> str:
    returned, kept = action.returned_count, action.kept_count
    parts = [_("Undone: %(what)s") % {"what": what}]
    if returned:
        said = ngettext("%(n)s returned", "%(n)s returned", returned)
        parts.append(said % {"n": spoken.number(returned)})
    if kept:
        said = ngettext("%(n)s changed since", "%(n)s changed since", kept)
        parts.append(said % {"n": spoken.number(kept)})
    return " · ".join(parts)
