"""Errors as problem documents (RFC 9457): one shape for everything that goes wrong."""

from collections.abc import Iterable, Mapping

import msgspec
from django.http import HttpResponse
from pydantic import BaseModel, Field

CONTENT_TYPE = "application/problem+json"

_TITLES = {
    400: "The request cannot be read",
    401: "The key is not valid",
    403: "Not allowed",
    404: "Not found",
    405: "Wrong method",
    409: "Conflict",
    412: "Changed in the meantime",
    413: "The request is too large",
    415: "Wrong content type",
    422: "Some fields need attention",
    429: "Too many requests",
    503: "Not available right now",
}


class Fault(BaseModel):
    """One thing that was wrong."""

    pointer: str = Field(description="JSON pointer into the body, or `?name` for a parameter")
    detail: str


class Problem(BaseModel):
    """A problem document. `status` repeats the status of the answer."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault] = []


class Refusal(Exception):
    """A request that is answered with a problem document."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers or {}


def invalid(pointer: str, detail: str) -> Refusal:
    """A field or parameter that cannot be accepted: 422 with its place."""
    return Refusal(422, detail, errors=[(pointer, detail)])


def not_found() -> Refusal:
    """The same for what does not exist and for what the asker may not see."""
    return Refusal(404, "There is no such lead, or you may not see it.")


def answer(refusal: Refusal) -> HttpResponse:
    """The problem document of a refusal."""
    body = {
        "type": "about:blank",
        "title": _TITLES.get(refusal.status, "The request failed"),
        "status": refusal.status,
        "detail": refusal.detail,
        "errors": [{"pointer": pointer, "detail": detail} for pointer, detail in refusal.errors],
    }
    return HttpResponse(
        msgspec.json.encode(body),
        status=refusal.status,
        content_type=CONTENT_TYPE,
        headers={"Cache-Control": "no-store", **refusal.headers},
    )
