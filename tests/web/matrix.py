"""Every address of the URLconf, tried by everybody: who is let in, and who is not.

The table in `matrix.txt` is generated from real requests and checked in. One line per address and
method; one letter per caller:

    y  let in (whatever the answer then is)      n  refused: the role or scope does not allow it
    0  nothing there, or nothing to be seen      >  has to sign in
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from leadline.api.limits import LIMITS
from leadline.lib import clock
from leadline.workspace import keys
from leadline.workspace.models import Role, User
from tests.world import World

FILE = Path(__file__).with_name("matrix.txt")
RANDOM = UUID(int=7)
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
_PART = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_GROUP = re.compile(r"\(\?P<(\w+)>[^)]*\)")
# allauth's own pages know no roles: somebody who is signed in, or nobody.
_OF_ALLAUTH = re.compile(r"^sign-in/.")
_SHIFTING = re.compile(r'nonce="[^"]*"|value="[^"]{64}"|"X-CSRFToken": "[^"]*"|\d+ ms|since=\d+')


@dataclass(frozen=True)
class Route:
    """A pattern of the URLconf, with the prefix in front of it."""

    path: str
    name: str

    @property
    def parts(self) -> dict[str, str]:
        """Name → kind of each part that varies."""
        return {found["name"]: found["kind"] or "str" for found in _PART.finditer(self.path)}

    def address(self, ids: Mapping[str, object]) -> str:
        """The path with its parts filled in; what `ids` does not name gets a value of nobody's."""
        plain = _GROUP.sub(lambda found: str(ids.get(found[1], "x")), self.path)
        plain = _PART.sub(lambda found: _value(found["name"], found["kind"] or "str", ids), plain)
        return "/" + plain.replace("^", "").replace("$", "").replace(r"[\s\S]*\Z", "nothing")


@dataclass(frozen=True)
class Caller:
    """Somebody with a session, a key, or neither."""

    name: str
    cookies: Mapping[str, str]
    headers: Mapping[str, str]

    def ask(self, method: str, address: str) -> HttpResponse:
        """The answer; whatever it changed is rolled back."""
        client = Client(REMOTE_ADDR="203.0.113.9")
        for name, value in self.cookies.items():
            client.cookies[name] = value
        is_api = address.startswith("/api/")
        with transaction.atomic():
            answer = client.generic(
                method, address, "{}" if is_api and method != "GET" else "",
                content_type="application/json" if is_api else "application/x-www-form-urlencoded",
                headers=dict(self.headers),
            )  # fmt: skip
            transaction.set_rollback(True)
        if isinstance(answer, StreamingHttpResponse):
            # Reading it to its end closes the file.
            return HttpResponse(answer.getvalue(), status=answer.status_code)
        assert isinstance(answer, HttpResponse)
        return answer


def routes() -> list[Route]:
    """Every pattern once, in the order of the URLconf."""
    found: dict[str, Route] = {}
    for route in _walk(get_resolver(), ""):
        found.setdefault(route.path, route)
    return list(found.values())


def callers(world: World) -> list[Caller]:
    """Nobody; each role on Ben's team; another team; who has left; whose session is too old or was
    ended; a key of each scope, and one that was revoked."""
    found = [Caller("anonymous", {}, {}), _session("owner", world.ada)]
    for role in (Role.ADMIN, Role.MARKETER, Role.MANAGER, Role.REP, Role.READ_ONLY):
        person = User.objects.create_user(f"{role}@matrix.example", role=role, team=world.sales)
        found.append(_session(role, person))
    found.append(_session("other_team", world.cleo))
    gone = User.objects.create_user("gone@matrix.example", role=Role.ADMIN)
    found.append(_session("deactivated", gone))
    User.objects.filter(pk=gone.pk).update(is_active=False)
    found += [_expired("expired"), _ended("ended")]
    found += [key(scope, world.ada, scope) for scope in keys.SCOPES]
    return [*found, _revoked("revoked", world.ada)]


def _expired(name: str) -> Caller:
    """An admin who was away for longer than a session lasts."""
    person = User.objects.create_user(f"{name}@matrix.example", role=Role.ADMIN)
    known = set(Session.objects.values_list("session_key", flat=True))
    caller = _session(name, person)
    mine = Session.objects.exclude(session_key__in=known)
    assert mine.update(expire_date=clock.now() - timedelta(seconds=1)) == 1
    return caller


def _ended(name: str) -> Caller:
    """An admin whose sessions were all ended, elsewhere or by somebody else."""
    person = User.objects.create_user(f"{name}@matrix.example", role=Role.ADMIN)
    caller = _session(name, person)
    User.objects.filter(pk=person.pk).update(sign_in_version=1)
    return caller


def _revoked(name: str, user: User) -> Caller:
    """A key that could do everything, until it was revoked."""
    row, secret = keys.make_api(user, name=name, scopes=list(keys.SCOPES), now=clock.now())
    keys.revoke(row, now=clock.now())
    return Caller(f"key:{name}", {}, {"Authorization": f"Bearer {secret}"})


def key(name: str, user: User, scope: str) -> Caller:
    """A key with one scope that acts as the user."""
    _row, secret = keys.make_api(user, name=name, scopes=[scope], now=clock.now())
    return Caller(f"key:{name}", {}, {"Authorization": f"Bearer {secret}"})


def methods(route: Route, owner: Caller, ids: Mapping[str, object]) -> list[str]:
    """What the address answers to at all."""
    address = route.address(ids)
    tried = _METHODS if address.startswith("/api/") else _METHODS[:2]
    return [method for method in tried if owner.ask(method, address).status_code != 405]


def lines(world: World, ids: Mapping[str, Mapping[str, object]]) -> list[str]:
    """The table as it is now. `ids`: name of the route ("" for all) → ids to ask for."""
    everybody = callers(world)
    known = routes()
    width = max(len(route.path) for route in known) + 1
    table = [f"{'':<{width + 8}}{' '.join(each.name for each in everybody)}"]
    for route in known:
        mine = {**ids.get("", {}), **ids.get(route.name, {})}
        asked = everybody[:2] if _OF_ALLAUTH.match(route.path) else everybody
        for method in methods(route, everybody[1], mine):
            LIMITS.forget()
            letters = [letter(each.ask(method, route.address(mine))) for each in asked]
            table.append(f"/{route.path:<{width}}{method:<7}{''.join(letters)}")
    return table


def written() -> dict[tuple[str, str], dict[str, str]]:
    """The table as it is checked in: (path of the route, method) → caller → letter."""
    names, *rows = FILE.read_text().splitlines()
    callers_named = names.split()
    found = {}
    for row in rows:
        path, method, letters = row.split()
        # allauth's own pages are asked for by the first two callers only.
        found[path[1:], method] = dict(zip(callers_named, letters, strict=False))
    return found


def comparable(answer: HttpResponse, address: str) -> tuple[int, str]:
    """Status and text without what differs between any two answers."""
    text = _SHIFTING.sub("", answer.content.decode("utf-8", "replace"))
    return answer.status_code, text.replace(address, "ADDRESS")


def _walk(resolver: URLResolver, prefix: str) -> Iterator[Route]:
    for each in resolver.url_patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield Route(path, each.name or "")
        else:
            yield from _walk(each, path)


def _value(name: str, kind: str, ids: Mapping[str, object]) -> str:
    defaults = {"uuid": RANDOM, "uuidstr": RANDOM, "int": 999}
    return str(ids.get(name, defaults.get(kind, "x")))


def _session(name: str, user: User) -> Caller:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return Caller(name, {n: morsel.value for n, morsel in client.cookies.items()}, {})


def letter(answer: HttpResponse) -> str:
    is_away = answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
    if is_away or answer.status_code == 401:
        return ">"
    return {403: "n", 404: "0"}.get(answer.status_code, "y")
