"""“Return to nurture?”: the answer to what the lifecycle proposes about a lead that cooled off."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop
from django.views.decorators.http import require_POST

from leadline.flow import reactions, rulebook
from leadline.lib import clock
from leadline.lifecycle import standings
from leadline.web import access, acts, undo
from leadline.web.undo import Toast


@require_POST
@access.screen("edit_leads")
def answer(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Return the lead (`answer=return`) or keep its stage, for at least 30 days; with Undo."""
    card, user, now = acts.editable(request, lead_id), access.reader(request), clock.now()
    nurture = rulebook.current(now).lifecycle.nurture
    was = standings.place_of(lead_id)
    if nurture is not None and request.POST.get("answer") == "return":
        stage, because = nurture.key, _noop("Returned to nurture by %(who)s")
        said = _("%(who)s goes back to nurture")
    else:
        stage, because = was.stage, _noop("Kept by %(who)s")
        said = _("%(who)s stays where it is")
    change = reactions.set_stage(
        lead_id, stage, by=user.pk, reason=because % {"who": user}, now=now
    )
    token = undo.stage_token(user, change, was, now=now) if change else ""
    return undo.answer(request, Toast(said % {"who": acts.name(card)}, token))
