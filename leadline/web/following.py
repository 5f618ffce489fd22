"""Who hears of a lead: those who follow it, and those who are named in a note about it."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from leadline.cards import queries as cards
from leadline.flow import mentions
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


@require_safe
@access.screen("edit_leads")
def colleagues(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Whom one may name after an @: colleagues who may see the lead too."""
    user = access.reader(request)
    if cards.one(user, lead_id) is None:
        raise Http404
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("lead", args=[lead_id]))
    return _offered(request, lead_id)


@require_safe
@access.screen("edit_leads")
def all_colleagues(request: HttpRequest) -> HttpResponse:
    """Whom one may name in a note on many leads: those of them who may see one are told."""
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("leads"))
    return _offered(request, None)


def _offered(request: HttpRequest, lead_id: UUID | None) -> HttpResponse:
    by = access.reader(request).pk
    offered = mentions.offer(lead_id, request.GET.get("q", "")[:80], by=by)
    return pages.render(request, "colleagues.html", {"offered": offered})
