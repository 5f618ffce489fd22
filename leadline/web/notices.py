"""The bell: what the reader should know, and that they have read it."""

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
    """Mark everything as read."""
    notifications.read(access.reader(request).pk, now=clock.now())
    if pages.wants_fragment(request):
        return pages.render(request, "notices_bell.html")
    return HttpResponseRedirect(access.safe_next(request, fallback="/"))
