"""Who may open a screen. Every view of ours goes through `screen`; it fails closed."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme

from leadline.web import browsers
from leadline.workspace import audit, origins, permissions
from leadline.workspace.audit import Doer
from leadline.workspace.models import User
from leadline.workspace.permissions import Action

VIEWING_AS = "demo_owner"
"""In the session of the demo's owner behind somebody else's eyes: the id of who they are."""

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]


def screen(action: Action | None = None) -> Callable[[View[Arguments]], View[Arguments]]:
    """Only signed-in, active people whose role may do `action`; answers are never stored."""

    def decorate(view: View[Arguments]) -> View[Arguments]:
        def guarded(
            request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if action is not None and not permissions.may(reader(request), action):
                raise PermissionDenied
            response = view(request, *args, **kwargs)
            patch_cache_control(response, no_store=True, private=True)
            return response

        update_wrapper(guarded, view)
        guarded.needs_sign_in = True  # type: ignore[attr-defined]  # read by a test
        return guarded

    return decorate


def reader(request: HttpRequest) -> User:
    """The person at the screen; only to be called behind `screen`."""
    return cast(User, request.user)


def may(request: HttpRequest, action: Action) -> bool:
    return request.user.is_authenticated and permissions.may(reader(request), action)


def doer(request: HttpRequest) -> Doer:
    """The person at the screen, where they are and with what, for the audit."""
    return audit.by(reader(request), origin=origin(request), through=browser(request))


def browser(request: HttpRequest) -> str:
    """What the person looks through, for example "Firefox, Linux"; "" when unknown."""
    return browsers.name(request.headers.get("User-Agent", ""))


def origin(request: HttpRequest) -> str:
    """The network address that the request comes from."""
    return origins.of(request)


def safe_next(request: HttpRequest, *, fallback: str) -> str:
    """Where to go after an action: a path of this site, else the fallback."""
    wanted = request.POST.get("next", "")
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return fallback


def asked_from(request: HttpRequest) -> SplitResult:
    """The page from which htmx asks; without parts where that is not said, or is no address."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return urlsplit("")


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """A page goes to sign-in and back; a fragment tells htmx to do the same."""
    back = request.get_full_path()
    if request.headers.get("HX-Request"):
        current = asked_from(request)
        back = (current.path or "/") + (f"?{current.query}" if current.query else "")
    elif request.method not in ("GET", "HEAD"):
        back = "/"
    address = f"{settings.LOGIN_URL}?{urlencode({'next': back})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
