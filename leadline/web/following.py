"""Following a lead: hearing of it without answering for it."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from leadline.cards import queries as cards
from leadline.lib import clock
from leadline.routing import follows
from leadline.web import access, pages


@require_POST
@access.screen("see_leads")
def follow(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """On or off, for whoever may see the lead; the button as it is now, or back to the page."""
    user = access.reader(request)
    card = cards.one(user, lead_id)
    if card is None:
        raise Http404
    is_on = request.POST.get("follow") == "on"
    if is_on:
        follows.follow(lead_id, user_id=user.pk, now=clock.now())
    else:
        follows.unfollow(lead_id, user_id=user.pk)
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("lead", args=[lead_id]))
    return pages.render(request, "lead_follow.html", {"card": card, "is_following": is_on})
