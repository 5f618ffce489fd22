"""Pushes on this browser: turn on, show names or not, turn off. One's own devices only."""

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadline.delivery import devices
from leadline.delivery.devices import NotADevice, Subscription
from leadline.lib import clock
from leadline.web import access, browsers


@require_POST
@access.screen()
def add(request: HttpRequest) -> HttpResponse:
    """What the browser gave for its pushes; 400 when it is no subscription."""
    given = [request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")]
    try:
        devices.add(
            Subscription(*given),
            user_id=access.reader(request).pk,
            session_key=request.session.session_key or "",
            name=browsers.name(request.headers.get("User-Agent", "")) or _("A browser"),
            now=clock.now(),
        )
    except NotADevice:
        return HttpResponseBadRequest()
    return HttpResponse(status=204)


@require_POST
@access.screen()
def show_names(request: HttpRequest, device_id: int) -> HttpResponse:
    """Whether pushes there say whom they are about."""
    is_on = request.POST.get("names") == "on"
    if not devices.show_names(device_id, user_id=access.reader(request).pk, is_on=is_on):
        raise Http404
    return HttpResponseRedirect(reverse("notice_settings") + "#devices")


@require_POST
@access.screen()
def remove(request: HttpRequest, device_id: int) -> HttpResponse:
    """No more pushes there."""
    if not devices.remove(device_id, user_id=access.reader(request).pk):
        raise Http404
    return HttpResponseRedirect(reverse("notice_settings") + "#devices")
