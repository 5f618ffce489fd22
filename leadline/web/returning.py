"""“Return to nurture?”: the answer to what the lifecycle proposes about a lead that cooled off."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadline.flow import returning
from leadline.lib import clock
from leadline.web import access, acts, undo
from leadline.web.undo import Toast


@require_POST
@access.screen("edit_leads")
def answer(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Return the lead (`answer=return`) or keep its stage, for at least 30 days; with Undo."""
    card, user, now = acts.editable(request, lead_id), access.reader(request), clock.now()
    goes = request.POST.get("answer") == "return"
    answered = returning.answer(lead_id, goes=goes, by=user, now=now)
    if answered is None:
        return undo.answer(request, undo.changed_since())
    said = _("%(who)s goes back to nurture") if goes else _("%(who)s stays where it is")
    token = undo.stage_token(user, *answered, now=now)
    return undo.answer(request, Toast(said % {"who": acts.name(card)}, token))
