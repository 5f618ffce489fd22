"""The page behind an invitation: a name, a password, and one is in.

Open to who has the link and to nobody else: a token that was used, withdrawn, is too old or never
was gets one and the same answer. Looking at the page does not use the link up.
"""

import zoneinfo

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from leadline.flow import colleagues
from leadline.lib import clock
from leadline.web import access, pages
from leadline.workspace import invitations
from leadline.workspace.invitations import Person
from leadline.workspace.models import Invitation
from leadline.workspace.people import NotAcceptable

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """The form, or the way in."""
    now = clock.now()
    invitation = invitations.find(token, now=now)
    if invitation is None:
        return _over(request)
    if request.method != "POST":
        return _form(request, invitation, problems={})
    try:
        user = colleagues.join(token, _person(request), origin=access.origin(request), now=now)
    except invitations.NotValid:
        return _over(request)
    except NotAcceptable as refusal:
        return _form(request, invitation, problems=refusal.problems)
    login(request, user, backend=_BACKEND)
    return HttpResponseRedirect(reverse("today"))


def _person(request: HttpRequest) -> Person:
    zone = request.POST.get("time_zone", "")
    return Person(
        name=request.POST.get("name", ""),
        password=request.POST.get("password", ""),
        email=request.POST.get("email", ""),
        time_zone=zone if zone in zoneinfo.available_timezones() else "UTC",
        language=get_language() or "en",  # in which they have just read the page
    )


def _form(
    request: HttpRequest, invitation: Invitation, *, problems: dict[str, str]
) -> HttpResponse:
    values = {name: request.POST.get(name, "") for name in ("name", "email", "time_zone")}
    context = {"invitation": invitation, "problems": problems, "values": values}
    # The site's policy (`strict-origin`) keeps the path, and so the link, from other sites;
    # `no-referrer` would make browsers send the form with `Origin: null`, which is refused.
    return pages.render(request, "join.html", context, status=422 if problems else 200)


def _over(request: HttpRequest) -> HttpResponse:
    return pages.render(request, "join_over.html", status=404)
