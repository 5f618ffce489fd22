"""The set-up page: the first person claims the workspace, once."""

import ipaddress
from pathlib import Path

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from leadline.lib import clock
from leadline.playbooks import opening
from leadline.web import access, new_workspace, pages
from leadline.workspace import owners

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_PROXY_HEADERS = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Shows the form, or takes it; closed for good once there is an owner."""
    if owners.exists():
        return _closed(request)
    is_local = is_from_here(request)
    if request.method == "POST":
        return _claim(request, is_local=is_local)
    return _form(request, is_local=is_local, problems={})


def _claim(request: HttpRequest, *, is_local: bool) -> HttpResponse:
    token = request.POST.get("token", "")
    if not is_local and not owners.token_matches(token, file=_token_file()):
        problem = {"token": _("This is not the token that the console shows.")}
        return _form(request, is_local=is_local, problems=problem)
    if problems := new_workspace.problems(request):
        return _form(request, is_local=is_local, problems=problems)
    try:
        owner = opening.open_workspace(
            password=request.POST.get("password", ""),
            **new_workspace.said(request),
            base_url=settings.ENVIRONMENT.base_url,
            origin=access.origin(request),
            now=clock.now(),
        )
    except owners.NotAcceptable as refusal:
        return _form(request, is_local=is_local, problems=refusal.problems)
    except owners.AlreadyClaimed:
        return _closed(request)
    _token_file().unlink(missing_ok=True)
    login(request, owner, backend=_BACKEND)
    return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)


def is_from_here(request: HttpRequest) -> bool:
    """Whether the browser runs on this machine: loopback, no proxy in between, our own host name.

    The host is checked so that a page elsewhere whose name resolves to 127.0.0.1 gains nothing.
    """
    if any(header in request.headers for header in _PROXY_HEADERS):
        return False
    host = request.get_host().rsplit(":", 1)[0].strip("[]")
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and (
        host == "localhost" or _is_loopback(host)
    )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _form(request: HttpRequest, *, is_local: bool, problems: dict[str, str]) -> HttpResponse:
    context = {**new_workspace.context(request, problems=problems), "is_local": is_local}
    return pages.render(request, "set_up.html", context, status=422 if problems else 200)


def _closed(request: HttpRequest) -> HttpResponse:
    return pages.render(request, "set_up_closed.html", status=403)


def _token_file() -> Path:
    return Path(settings.SET_UP_TOKEN_FILE)
