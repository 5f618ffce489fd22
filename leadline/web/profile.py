"""One's own name, zone, language, formats and looks."""

import zoneinfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leadline.lib import clock, text
from leadline.web import access, addresses, pages, reading_choices
from leadline.workspace import audit, people
from leadline.workspace.audit import Change, Value
from leadline.workspace.models import User

_YEAR_SECONDS = 365 * 86_400


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen()
def page(request: HttpRequest) -> HttpResponse:
    """Name, zone and how one reads; the way to password and second factor."""
    problems: dict[str, str] = {}
    if request.method == "POST":
        problems = _save(request)
        if not problems:
            return HttpResponseRedirect(reverse("profile") + "?saved=1")
    context = {
        "place": "settings",
        "section": "profile",
        "problems": problems,
        "zones": sorted(zoneinfo.available_timezones()),
        "choices": reading_choices.offered(access.reader(request), now=clock.now()),
        "is_saved": "saved" in request.GET,
        "is_moved": "address" in request.GET,
        "may_change_address": addresses.may_change_own(request),
        "who_decide": [] if addresses.may_change_own(request) else people.who_decide(),
    }
    return pages.render(request, "profile.html", context, status=422 if problems else 200)


def _save(request: HttpRequest) -> dict[str, str]:
    user = access.reader(request)
    zone = request.POST.get("time_zone", "")
    if zone not in zoneinfo.available_timezones():
        return {"time_zone": _("Choose a time zone from the list, for example Europe/Berlin.")}
    reading = reading_choices.read(request.POST)
    if reading is None:
        return {"reading": _("Choose each from its list.")}
    before = _facts(user)
    user.name = text.clean(request.POST.get("name", "").strip(), max_length=120)
    user.time_zone = zone
    for column, value in reading.items():
        setattr(user, column, value)
    with transaction.atomic():
        user.save(update_fields=["name", "time_zone", *reading])
        both = audit.differing(before, _facts(user))
        if both[1]:
            change = Change("profile.changed", "person", user.pk, str(user), *both)
            audit.record(change, by=access.doer(request), now=clock.now())
    return {}


def _facts(user: User) -> dict[str, Value]:
    """What others see of it: how somebody reads is nobody's business."""
    return {"name": user.name, "time_zone": user.time_zone}


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system; a cookie, so that it also holds before sign-in."""
    theme = request.POST.get("theme", "")
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
    else:
        response = HttpResponseRedirect(access.safe_next(request, fallback="/"))
    if theme in pages.THEMES:
        response.set_cookie("theme", theme, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True,
                            secure=request.is_secure())  # fmt: skip
    return response
