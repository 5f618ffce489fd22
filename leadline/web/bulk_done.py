"""What was just done to many leads: the toast on the page that one comes back to."""

from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from leadline.flow import bulk_actions
from leadline.flow.models import BulkAction
from leadline.lib import clock
from leadline.web import access, bulk_words
from leadline.web.undo import Toast


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


def _done(action: BulkAction) -> str:
    [(_row, what, _which)] = bulk_words.told([action])
    parts = [_("%(what)s: %(n)s done") % {"what": what, "n": f"{action.done_count:,}"}]
    if action.same_count:
        parts.append(_("%(n)s were so already") % {"n": f"{action.same_count:,}"})
    if action.left_out_count:
        parts.append(_("%(n)s left out, you may not change them") % {"n": action.left_out_count})
    not_found = action.lead_count - action.done_count - action.same_count - action.left_out_count
    if not_found > 0:
        parts.append(_("%(n)s not found") % {"n": not_found})
    return " · ".join(parts)
