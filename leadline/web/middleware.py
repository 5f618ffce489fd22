"""What every request to the screens passes."""

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from leadline.web import languages
from leadline.workspace import owners, readers

Handler = Callable[[HttpRequest], HttpResponse]
# Answered also while nobody owns the workspace: the page itself, its style, and what programs ask.
_OPEN_PATHS = ("/set-up", "/static/", "/api/")


class HostMiddleware:
    """Serves the screens under the configured name, as localhost and by number; else answers 421.

    A page elsewhere may let its own name resolve to this machine and then read what it is sent.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        configured = urlsplit(settings.ENVIRONMENT.base_url).hostname
        # Django's test client adds its name to ALLOWED_HOSTS.
        self._names = {"localhost", configured, *settings.ALLOWED_HOSTS}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = urlsplit(f"//{request.get_host()}").hostname or ""
        if name in self._names or _is_number(name):
            return self.get_response(request)
        said = _("Leadline does not answer to this name. Set LEADLINE_BASE_URL to its address.")
        return HttpResponse(said, status=421, content_type="text/plain; charset=utf-8")


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class LanguageMiddleware:
    """Speaks to whoever asks in their language, zone and formats, until the answer is made."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reader = languages.reader_of(request)
        with readers.speaking_to(reader):
            response = self.get_response(request)
        response["Content-Language"] = reader.language
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


class SetUpMiddleware:
    """Until there is an owner, every screen leads to the set-up page.

    That there is one is remembered for the life of the process; that there is none never is.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self._has_owner = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._has_owner and not request.path.startswith(_OPEN_PATHS):
            self._has_owner = owners.exists()
            if not self._has_owner:
                return HttpResponseRedirect("/set-up")
        return self.get_response(request)
