"""Who is asking: an API key (Bearer), or the session of somebody who is signed in."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from leadline.api.limits import LIMITS
from leadline.api.problems import Refusal, invalid
from leadline.lib import clock
from leadline.workspace import audit, fields, keys, origins, permissions
from leadline.workspace.audit import Doer
from leadline.workspace.models import User
from leadline.workspace.permissions import Action

_IN_ADDRESS = ("api_key", "apikey", "access_token", "key", "token")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Leadline"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """A user, and the scopes of the key used; a session has all that the role has."""

    user: User
    scopes: frozenset[str]
    # The deduplication space of what this caller sends.
    source: str
    # What the key is called; "" for a session.
    key_name: str = ""


class BearerKey(AuthBase):
    """An API key in the `Authorization` header; it acts as its user."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Caller | None:
        if any(name in request.GET for name in _IN_ADDRESS):
            detail = "A key in the address ends up in logs; send it as Authorization: Bearer."
            raise Refusal(401, detail, headers=_CHALLENGE)
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _, secret = header.partition(" ")
        key = None
        if scheme.lower() == "bearer" and secret.isascii():
            key = keys.find_api(secret.strip(), now=clock.now())
        if key is None:
            raise Refusal(401, "This key is not valid or was revoked.", headers=_CHALLENGE)
        allowance = LIMITS.take(f"key:{key.pk}")
        cast(Any, request).allowance = allowance  # Any: a place for our own attribute
        if not allowance.is_allowed:
            raise Refusal(429, "Too many requests with this key.", headers=allowance.headers)
        return Caller(key.user, frozenset(key.scopes), f"api:{key.pk}", key.name)


class Session(AuthBase):
    """The session cookie of the screens; changes need the CSRF token as well."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "leadline_session"

    def __call__(self, request: HttpRequest) -> Caller | None:
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            return None
        if check_csrf(request) is not None:
            raise Refusal(403, "The CSRF token is missing or wrong.")
        return Caller(user, frozenset(keys.SCOPES), f"api:user:{user.pk.hex}")


def of(request: HttpRequest, *, scope: str, action: Action, known: Collection[str] = ()) -> Caller:
    """The caller of a request that needs `scope` of the key and `action` of the role.

    Raises Refusal 422 for a parameter that is not `known`, and 403 that names what is missing.
    """
    for name in request.GET:
        if name not in known:
            raise invalid(f"?{name[:40]}", "There is no such parameter.")
    caller = cast(Any, request).auth  # Any: set by django-ninja from the classes above
    assert isinstance(caller, Caller)
    if scope not in caller.scopes and "admin" not in caller.scopes:
        raise Refusal(403, f"This key lacks the scope {scope}.")
    if not permissions.may(caller.user, action):
        raise Refusal(403, f"The role {caller.user.get_role_display()} does not allow this.")
    return caller


def hidden_from(caller: Caller) -> frozenset[str]:
    """The fields whose values the caller may not see: role and key must both allow it."""
    if {"sensitive:read", "admin"} & caller.scopes:
        return fields.hidden_from(caller.user)
    return fields.sensitive()


def doer(caller: Caller, request: HttpRequest) -> Doer:
    """The caller and where the request comes from, for the audit."""
    return audit.by(caller.user, origin=origins.of(request), through=caller.key_name)
