"""The checklist in Today and its one-click checks, and the page of working hours."""

import zoneinfo
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.capture.models import Page
from leadline.delivery import senders
from leadline.delivery.outbox import DraftRefused
from leadline.lib import clock
from leadline.routing import calendars, hours
from leadline.routing.models import Calendar
from leadline.web import access, checklist, pages
from leadline.workspace import audit
from leadline.workspace import settings as workspace_settings
from leadline.workspace.audit import Change, Value
from leadline.workspace.models import Role, WriteKey

DAYS: Sequence[tuple[str, str | Promise]] = (
    ("mon", _("Monday")), ("tue", _("Tuesday")), ("wed", _("Wednesday")), ("thu", _("Thursday")),
    ("fri", _("Friday")), ("sat", _("Saturday")), ("sun", _("Sunday")),
)  # fmt: skip
_MOST_SPANS = 2


@require_safe
@access.screen()
def part(request: HttpRequest) -> HttpResponse:
    """The list as a fragment; nothing when it is finished, dismissed or not the reader's."""
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("today"))
    return pages.render(request, "checklist.html", context_of(request))


def context_of(request: HttpRequest) -> dict[str, object]:
    """What the fragment shows; `checklist` None for everybody but the owner."""
    if access.reader(request).role != Role.OWNER:
        return {"checklist": None}
    found = checklist.current()
    if found is None:
        return {"checklist": None}
    keys = WriteKey.objects.filter(kind=WriteKey.Kind.BROWSER, revoked_at=None).order_by("id")
    page = Page.objects.filter(is_published=True).order_by("slug").values_list("slug", flat=True)
    return {
        "checklist": found,
        "browser_key": keys.values_list("public_text", flat=True).first() or "",
        "base_url": settings.ENVIRONMENT.base_url,
        "page_slug": page.filter(slug="demo").first() or page.first() or "",
    }


@require_POST
@access.screen()
def act(request: HttpRequest) -> HttpResponse:
    """Skip a step, dismiss the list, or do what one click can do; the owner only."""
    user = access.reader(request)
    if user.role != Role.OWNER:
        raise PermissionDenied
    verb = request.POST.get("act", "")
    if verb == "skip":
        checklist.skip(request.POST.get("step", ""))
    elif verb == "dismiss":
        checklist.dismiss()
    elif verb == "test_lead":
        checklist.send_test_lead(user, now=clock.now())
    elif verb == "test_mail":
        try:
            senders.send_test(user.email, now=clock.now())
        except DraftRefused:
            # What is missing is said, and mended, where the sender is set.
            return _to(request, reverse("sending"))
    elif verb == "mail_arrived":
        checklist.note_mail()
    else:
        raise Http404
    if pages.wants_fragment(request):
        return pages.render(request, "checklist.html", context_of(request))
    return HttpResponseRedirect(reverse("today"))


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_settings")
def working_hours(request: HttpRequest) -> HttpResponse:
    """When somebody answers: the default calendar's zone, spans per day and days off."""
    calendar = Calendar.objects.order_by("-is_default", "id").first()
    if calendar is None:
        calendar = Calendar(name="Business hours", time_zone="UTC", hours={}, holidays=[])
    problem = ""
    if request.method == "POST":
        problem = _save(request, calendar)
        if not problem:
            return HttpResponseRedirect(f"{reverse('hours')}?saved=1")
    context = {
        "place": "settings",
        "section": "hours",
        "calendar": calendar,
        "days": [(key, said, _padded(calendar.hours.get(key, []))) for key, said in DAYS],
        "posted": request.POST,
        "problem": problem,
        "is_saved": "saved" in request.GET,
        "zones": sorted(zoneinfo.available_timezones()),
    }
    return pages.render(request, "working_hours.html", context, status=422 if problem else 200)


def _save(request: HttpRequest, calendar: Calendar) -> str:
    """What is wrong, in a sentence; "" when it is saved."""
    post = request.POST
    week: dict[str, list[list[str]]] = {}
    for key, _said in DAYS:
        pairs = [
            [post.get(f"{key}-{n}-from", "").strip(), post.get(f"{key}-{n}-to", "").strip()]
            for n in range(_MOST_SPANS)
        ]
        if spans := [pair for pair in pairs if any(pair)]:
            week[key] = spans
    before = _facts(calendar)
    try:
        with transaction.atomic():
            saved = calendars.save(
                calendar.name,
                time_zone=post.get("time_zone", ""),
                week=week,
                holidays=post.get("holidays", "").split(),
                is_default=True,
            )
            workspace_settings.rules_changed()
            checklist.note_hours()
            _note(request, saved, before)
    except hours.NotHours as refusal:
        return str(refusal)
    return ""


def _note(request: HttpRequest, saved: Calendar, before: dict[str, Value]) -> None:
    """Into the audit, unless everything stayed as it was."""
    differing = audit.differing(before, _facts(saved))
    if differing[1]:
        change = Change("hours.changed", "calendar", saved.pk, saved.name, *differing)
        audit.record(change, by=access.doer(request), now=clock.now())


def _facts(calendar: Calendar) -> dict[str, Value]:
    """Zone, spans and days off as the audit shows them."""
    spans = [
        f"{day} {', '.join('–'.join(span) for span in calendar.hours[day])}"
        for day, _said in DAYS
        if calendar.hours.get(day)
    ]
    return {
        "time_zone": calendar.time_zone, "hours": "; ".join(spans),
        "holidays": ", ".join(map(str, calendar.holidays)),
    }  # fmt: skip


def _padded(spans: Sequence[Sequence[str]]) -> list[Any]:  # pairs of JSON texts
    return [*spans, *([("", "")] * _MOST_SPANS)][:_MOST_SPANS]


def _to(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
