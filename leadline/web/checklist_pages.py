"""The checklist in Today and its one-click checks."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadline.capture.models import Page
from leadline.cards import queries
from leadline.delivery import senders
from leadline.delivery.outbox import DraftRefused
from leadline.lib import clock
from leadline.web import access, checklist, pages
from leadline.web.undo import Toast
from leadline.workspace.models import Role, WriteKey

_OPEN, _FOLDED = "open", "folded"


@require_safe
@access.screen()
def part(request: HttpRequest) -> HttpResponse:
    """The list as a fragment; nothing when it is finished, dismissed or not the reader's."""
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("today"))
    return pages.render(request, "checklist.html", context_of(request))


def context_of(request: HttpRequest, *, does_work_wait: bool | None = None) -> dict[str, object]:
    """What the fragment shows; `checklist` None for everybody but the owner.

    The steps fold to one line once somebody waits in Today, unless `?steps=` says how one wants
    them. `does_work_wait`, by more than tasks, is asked for where the caller does not know it.
    """
    if access.reader(request).role != Role.OWNER:
        return {"checklist": None}
    found = checklist.current()
    if found is None:
        return {"checklist": None}
    keys = WriteKey.objects.filter(kind=WriteKey.Kind.BROWSER, revoked_at=None).order_by("id")
    page = Page.objects.filter(is_published=True).order_by("slug").values_list("slug", flat=True)
    steps = request.GET.get("steps", "")
    if steps not in (_OPEN, _FOLDED):
        steps = ""
        if does_work_wait is None:
            does_work_wait = bool(queries.today(access.reader(request), now=clock.now()))
    return {
        "checklist": found,
        "steps": steps,
        "is_folded": steps == _FOLDED or (not steps and does_work_wait),
        "browser_key": keys.values_list("public_text", flat=True).first() or "",
        "base_url": settings.ENVIRONMENT.base_url,
        "page_slug": page.filter(slug="demo").first() or page.first() or "",
    }


@require_POST
@access.screen()
def act(request: HttpRequest) -> HttpResponse:
    """Skip a step, put the list away or back, or do what one click can do; the owner only."""
    user = access.reader(request)
    if user.role != Role.OWNER:
        raise PermissionDenied
    verb = request.POST.get("act") or request.GET.get("act", "")  # Undo has an address alone
    if verb == "skip":
        checklist.skip(request.POST.get("step", ""))
    elif verb == "dismiss":
        checklist.dismiss()
        return _away(request)
    elif verb == "bring_back":
        checklist.bring_back()
        return _to(request, reverse("today"))
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


def put_away() -> Toast:
    """Says that the list is away, and takes it back."""
    return Toast(_("The list is put away."), address=f"{reverse('checklist_act')}?act=bring_back")


def _away(request: HttpRequest) -> HttpResponse:
    if pages.wants_fragment(request):
        return pages.render(request, "toasts.html", {"toasts": [put_away()]})
    return HttpResponseRedirect(f"{reverse('today')}?away=1")


def _to(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
