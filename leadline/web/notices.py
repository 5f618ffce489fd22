"""The bell: what the reader should know, and that they have read it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from leadline.lib import clock
from leadline.routing import notifications
from leadline.web import access, pages


@require_safe
@access.screen()
def bell(request: HttpRequest) -> HttpResponse:
    """The fragment behind the bell; the live stream makes the page fetch it."""
    return pages.render(request, "notices_bell.html")


@require_POST
@access.screen()
def read(request: HttpRequest) -> HttpResponse:
    """Mark everything as read; with a lead, what was told about that one."""
    user, now = access.reader(request), clock.now()
    lead_id = _uuid(request.POST.get("lead", ""))
    if "lead" not in request.POST:
        notifications.read(user.pk, now=now)
    elif lead_id is not None:
        notifications.read_about(user.pk, lead_id, now=now)
    if pages.wants_fragment(request):
        return pages.render(request, "notices_bell.html")
    return HttpResponseRedirect(access.safe_next(request, fallback="/"))


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
