"""What every request to the screens passes."""

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from leadline.config import logs

Handler = Callable[[HttpRequest], HttpResponse]
_SAFE_ID = re.compile(r"^[A-Za-z0-9-]{1,64}$")


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
    """Until there is an owner, every screen leads to the set-up page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
