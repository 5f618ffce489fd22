"""Settings → Notifications: which things one is told, and how."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from leadline.delivery import devices
from leadline.routing import notice_choices, notice_kinds
from leadline.routing.notice_kinds import Channel, Kind
from leadline.web import access, pages
from leadline.workspace import settings


@dataclass(frozen=True)
class Switch:
    """One cell of the table; `name` is what a ticked box sends."""

    name: str
    label: str
    is_on: bool


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen()
def page(request: HttpRequest) -> HttpResponse:
    """One's own switches, a row for each kind and a column for each channel."""
    user = access.reader(request)
    if request.method == "POST":
        ticked = {(kind, channel) for kind, _, channel in
                  (name.partition(":") for name in request.POST.getlist("on"))}  # fmt: skip
        notice_choices.choose_all(user.pk, on=ticked)
        return HttpResponseRedirect(reverse("notice_settings") + "?saved=1")
    chosen = notice_choices.of([user.pk])
    context = {
        "place": "settings",
        "section": "notifications",
        "channels": list(Channel),
        "rows": [(kind, _switches(kind, chosen[user.pk, kind.key])) for kind in notice_kinds.KINDS],
        "is_saved": "saved" in request.GET,
        "devices": devices.of(user.pk),
        "push_key": devices.public_key(),
        "is_demo": settings.current().is_demo,
    }
    return pages.render(request, "notice_settings.html", context)


def _switches(kind: Kind, on: frozenset[Channel]) -> list[Switch]:
    return [
        Switch(f"{kind.key}:{channel.value}", f"{kind.label}: {channel.label}", channel in on)
        for channel in Channel
    ]
