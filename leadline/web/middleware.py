"""What every request to the screens passes."""

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from leadline.config import logs
from leadline.workspace import owners

Handler = Callable[[HttpRequest], HttpResponse]
_SAFE_ID = re.compile(r"^[A-Za-z0-9-]{1,64}$")
# Answered also while nobody owns the workspace: the page itself, its style, and what programs ask.
_OPEN_PATHS = ("/set-up", "/static/", "/api/")


class RequestIdMiddleware:
    """Gives each request an id, in the logs and in the answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        identity = given if _SAFE_ID.match(given) else secrets.token_hex(8)
        token = logs.request_id.set(identity)
        try:
            response = self.get_response(request)
        finally:
            logs.request_id.reset(token)
        response["X-Request-Id"] = identity
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
