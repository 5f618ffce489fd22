"""The interface put together: routers, strict bodies, problem documents, OpenAPI."""

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from leadline import __version__
from leadline.api import (
    adjustments,
    backtests,
    bulk,
    callers,
    companies,
    deals,
    fields,
    me,
    problems,
    removing,
    schemas,
    score_models,
    segments,
    tasks,
)
from leadline.api.problems import Refusal
from leadline.cards.sorts import InvalidCursor, UnknownSort
from leadline.cards.time_box import TooSlow
from leadline.criteria.lists import NotForLists
from leadline.lib import json_text

Document = dict[str, Any]  # JSON
_JSON = ("application/json", "application/merge-patch+json")
_RULES = re.compile("/api/v1/(?:backtests|score-models|segments)(?:/|$)")
_DEPTH_OF_RULES = 64
_HTTP_METHODS = ("get", "post", "patch", "put", "delete")


class StrictJson(Parser):
    """Bodies read by `lib.json_text`: no name twice, no NaN, nothing too deep."""

    def parse_body(self, request: HttpRequest) -> Document:
        if request.content_type not in _JSON:
            raise Refusal(415, "Send JSON, with Content-Type: application/json.")
        if not _RULES.match(request.path):
            return json_text.decode(request.body)  # type: ignore[return-value]  # checked by the shape
        try:
            # A rule may be twenty levels deep, each an object and a list.
            return json_text.decode(request.body, max_depth=_DEPTH_OF_RULES)  # type: ignore[return-value]  # the same
        except json_text.NotJson as error:
            # Of a rule whatever cannot be read has its place, also what JSON has no word for.
            raise problems.invalid(error.pointer, error.detail) from None


class Json(BaseRenderer):
    """Answers with instants to the microsecond, which Django's encoder cuts."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: object, *, response_status: int) -> bytes:
        return msgspec.json.encode(data)


class Interface(NinjaAPI):
    """The API of Leadline; its OpenAPI says that problems have a type of their own."""

    def __init__(self, **settings: Any) -> None:  # Any: the library's settings
        super().__init__(**settings)
        self._made: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: Document | None = None
    ) -> OpenAPISchema:
        """Made once for each prefix: it takes half a second, and anybody may ask."""
        prefix = path_prefix or self.get_root_path(path_params or {})
        if prefix not in self._made:
            schema = super().get_openapi_schema(path_prefix=prefix)
            for operations in schema["paths"].values():
                for method, operation in operations.items():
                    if method in _HTTP_METHODS:
                        _mark_problems(operation["responses"])
            self._made[prefix] = schema
        return self._made[prefix]


def _mark_problems(responses: dict[int, Document]) -> None:
    for status, response in responses.items():
        if int(status) >= 400:
            response["content"] = {problems.CONTENT_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"}
            }}  # fmt: skip


def build() -> Interface:
    """The interface with everything mounted. Once per process."""
    api = Interface(
        title="Leadline",
        version=__version__,
        description="Leads, what happened to them, and why. Everything a screen does is here.",
        urls_namespace="api-v1",
        docs_url=None,
        auth=[callers.BearerKey(), callers.Session()],
        parser=StrictJson(),
        renderer=Json(),
    )
    for router in (
        removing.router, bulk.router, companies.router, deals.router, fields.router,
        segments.router, tasks.router, adjustments.router, score_models.router, backtests.router,
        schemas.router, me.router,
    ):  # fmt: skip
        api.add_router("", router)
    for error, translate in _TRANSLATIONS.items():
        api.add_exception_handler(error, _handler(translate))
    return api


def addresses(api: Interface) -> list[URLPattern]:
    """The interface's addresses; whatever they answer with an error is a problem document."""
    patterns: Sequence[URLPattern] = api.urls[0]  # type: ignore[assignment]  # no nested resolvers
    for pattern in patterns:
        pattern.callback = _finished(pattern.callback)
    return list(patterns)


def _finished(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def answer(request: HttpRequest, **parts: object) -> HttpResponse:
        try:
            response = view(request, **parts)
        except Http404:
            response = problems.answer(Refusal(404, "There is nothing at this address."))
        if response.status_code == 405:
            allow = response.headers.get("Allow", "")
            refusal = Refusal(405, f"Use {allow}.", headers={"Allow": allow})
            response = problems.answer(refusal)
        allowance = getattr(request, "allowance", None)
        if allowance is not None:
            for name, value in allowance.headers.items():
                response[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


# What the packages below raise, as problem documents. Anything else is a fault of ours: 500.


def _http(error: HttpError) -> Refusal:
    # The library wraps whatever its parser raises.
    cause = error.__cause__
    if isinstance(cause, Refusal):
        return cause
    if isinstance(cause, json_text.NotJson):
        return Refusal(400, cause.detail, errors=[(cause.pointer, cause.detail)])
    if isinstance(cause, RequestDataTooBig):
        return Refusal(413, "A body may have at most 2 MB.")
    return Refusal(error.status_code, error.message)


def _authentication(error: AuthenticationError) -> Refusal:
    return Refusal(
        401,
        "Send an API key as Authorization: Bearer, or sign in.",
        headers={"WWW-Authenticate": 'Bearer realm="Leadline"'},
    )


def _validation(error: ValidationError) -> Refusal:
    faults = [(_pointer(each["loc"]), str(each["msg"])) for each in error.errors]
    return Refusal(422, "Some fields need attention.", errors=faults)


def _pointer(place: Sequence[object]) -> str:
    """`/traits/plan` of the body, or `?limit` of a parameter."""
    where, *path = place
    if where != "body":
        return f"?{path[-1] if path else ''}"
    # The first part is the name of our own parameter.
    parts = [str(part)[:80].replace("~", "~0").replace("/", "~1") for part in path[1:]]
    return "".join(f"/{part}" for part in parts)


def _at(pointer: str) -> Callable[[Exception], Refusal]:
    return lambda error: problems.invalid(pointer, str(error))


def _unavailable(error: Exception) -> Refusal:
    return Refusal(503, "The database cannot be reached or written.", headers={"Retry-After": "5"})


_TRANSLATIONS: dict[type[Exception], Callable[[Any], Refusal]] = {  # Any: the error of the key
    Refusal: lambda refusal: refusal,
    HttpError: _http,
    AuthenticationError: _authentication,
    ValidationError: _validation,
    RequestDataTooBig: lambda error: Refusal(413, "A body may have at most 2 MB."),
    UnknownSort: _at("?sort"),
    InvalidCursor: _at("?after"),
    NotForLists: _at("?filter"),
    TooSlow: _at("?filter"),
    OperationalError: _unavailable,
    InterfaceError: _unavailable,
    # What PostgreSQL raises for a write while it is read-only.
    InternalError: _unavailable,
}


def _handler(
    translate: Callable[[Any], Refusal],  # Any: the error that it is registered for
) -> Callable[[HttpRequest, Any], HttpResponse]:
    return lambda request, error: problems.answer(translate(error))
