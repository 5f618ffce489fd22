"""Every way to see something of the screens, in order: `(what was asked, the answer)`.

Each address that takes a GET, as a page and as a part of one; then what other people, other states
and refusals show. What these change is not undone: give it a workspace of its own.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from uuid import uuid4

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from leadline.delivery.models import Message
from leadline.flow import colleagues
from leadline.flow.models import BulkAction
from leadline.lib import clock
from leadline.web import acts
from leadline.workspace import audit
from leadline.workspace.invitations import Seat
from leadline.workspace.models import Role, User, Workspace
from tests.web import matrix, sample
from tests.world import World

HTMX = {"HX-Request": "true"}
NOW_AND_THEN = ("/today", "/leads", "/tasks", "/companies", "/scoring", "/capture",
                "/settings/profile", "/settings/notifications", "/settings/roles")  # fmt: skip
Ids = Mapping[str, Mapping[str, object]]
Look = tuple[str, HttpResponse]


def all_of(world: World, ids: Ids, enter: Callable[[User], Client]) -> Iterator[Look]:
    """Everything; the last look leaves a workspace that nobody owns."""
    ada = enter(world.ada)
    yield from _addresses(ada, ids)
    yield from _of_filters(ada)
    yield from _as_others(world, enter)
    yield from _many_at_once(ada, ids)
    yield from _refusals(ada, ids)
    yield from _acts(ada, ids)
    yield from _with_tokens(world, ada)
    yield from _second_factor(world)
    yield from _without_a_session()
    yield from _demo(ada)
    yield from _first_day()


def _got(client: Client, address: str, *, said: str = "") -> Iterator[Look]:
    yield f"{said}{address}", _html(client.get(address))
    yield f"{said}part of {address}", _html(client.get(address, headers=HTMX))


def _sent(client: Client, address: str, **fields: object) -> Iterator[Look]:
    yield f"POST {address}", _html(client.post(address, fields, headers=HTMX))
    cache.clear()


def _html(answer: object) -> HttpResponse:
    """The answer; a file is read to its end, which closes it."""
    assert isinstance(answer, HttpResponse) or hasattr(answer, "getvalue")
    if isinstance(answer, HttpResponse):
        return answer
    return HttpResponse(answer.getvalue(), content_type="application/octet-stream")


def _addresses(ada: Client, ids: Ids) -> Iterator[Look]:
    for route in matrix.routes():
        if (route.path, "GET") in matrix.written() and not route.path.startswith("api/"):
            yield from _got(ada, route.address({**ids[""], **ids.get(route.name, {})}))
    lead = f"/leads/{ids['']['lead_id']}"
    for verb in acts.VERBS:
        yield from _got(ada, f"{lead}/act/{verb}")
    for name in ("email", "phone", "name", "title_seniority", "company.name", "budget"):
        yield from _got(ada, f"{lead}/edit/{name}")
        yield from _got(ada, f"{lead}/value/{name}")


def _of_filters(ada: Client) -> Iterator[Look]:
    for query in (
        "?q=nobodyatall",
        "?stage=sql&score=50&temperature=hot",
        "?by=source",
        "?nonsense=1",
    ):
        yield from _got(ada, f"/leads{query}")
    for by in ("industry", "budget", "list", "sources", "title"):
        yield from _got(ada, f"/leads/filter-field?by={by}")
        yield from _got(ada, f"/leads/bulk/value?field={by}")
    for address in ("/search?q=an", "/search?q=nobodyatall", "/palette?q=an", "/palette?q=task",
                    "/tasks/due?due=sometime", "/tasks/due?due=3/4", "/tasks/due?value=fri+3pm",
                    "/tasks/due?due=yesterday", "/leads?sort=name&q=an"):  # fmt: skip
        yield from _got(ada, address)


def _as_others(world: World, enter: Callable[[User], Client]) -> Iterator[Look]:
    reader = User.objects.create_user(
        "rita@acme.example", name="⟦Rita⟧", role=Role.READ_ONLY, language=world.ada.language
    )
    for person in (world.ben, world.cleo, reader):
        client = enter(person)
        for address in (*NOW_AND_THEN, "/settings/keys"):
            yield from _got(client, address, said=f"{person}'s ")


def _many_at_once(ada: Client, ids: Ids) -> Iterator[Look]:
    lead = str(ids[""]["lead_id"])
    whole = {"list_of": "leads", "filter": '{"temperature": "hot"}', "q": "", "seen": "2",
             "sort": "-score"}  # fmt: skip
    for kind in BulkAction.Kind.values:
        yield from _got(ada, f"/leads/bulk/form/{kind}")
        yield f"few {kind}", ada.post("/leads/bulk", {"lead": lead, "act": kind})
        yield f"all {kind}", ada.post("/leads/bulk", {**whole, "act": kind})
    said = {"act": "stage", "stage": "opportunity"}
    yield "preview", ada.post("/leads/bulk", {**whole, **said})
    yield "done", ada.post("/leads/bulk", {"lead": lead, **said, "next": "/leads"})
    yield "toast", ada.get("/leads")
    yield from _got(ada, "/history")
    for each in BulkAction.objects.all():
        yield from _got(ada, f"/history/{each.pk}")
        yield from _sent(ada, f"/history/{each.pk}/undo")
        yield from _got(ada, f"/history/{each.pk}")


def _refusals(ada: Client, ids: Ids) -> Iterator[Look]:
    lead = f"/leads/{ids['']['lead_id']}"
    for name in ("email", "phone", "budget", "title"):
        for written in ("", "nonsense x@"):
            yield from _sent(ada, f"{lead}/edit/{name}", value=written, seen='"old"')
    for address in ("tasks", "log", "snooze", "owner", "stage", "files"):
        yield from _sent(ada, f"{lead}/{address}")
    for address in ("/settings/general", "/settings/profile", "/settings/profile/address",
                    "/settings/people/invite", "/settings/teams/new", "/settings/fields/new",
                    "/settings/currencies", "/settings/sending", "/settings/notifications",
                    "/leads/new", "/leads/new/look", "/leads/new/twins", "/leads/views", "/undo",
                    "/leads/bulk", "/sign-in/password/change/"):  # fmt: skip
        yield from _sent(ada, address)
    hours = {"time_zone": "UTC", "holidays": "soon", "mon-0-from": "9", "tue-1-from": "x"}
    yield from _sent(ada, "/settings/hours", **hours)
    yield from _sent(ada, "/settings/currencies", act="add", day="", currency="EUR", rate="x")
    yield from _sent(ada, "/settings/sending", act="approve", subject="a", text="Hi {first_name}")


def _acts(ada: Client, ids: Ids) -> Iterator[Look]:
    """What a toast or a part of the page says after something was done, and after Undo."""
    lead, key = f"/leads/{ids['']['lead_id']}", str(uuid4())
    text = "Grace Hopper\nAdmiral\nNavy Ltd\ngrace@navy.example\n+49 89 1234567"
    yield from _sent(ada, "/leads/new/look", text=text)
    yield from _sent(ada, f"{lead}/edit/title", value="CTO", seen=json.dumps("VP Operations"))
    for address, fields in (
        ("tasks", {"text": "Call", "due": "tomorrow 3pm", "key": key}),
        ("log", {"kind": "call", "outcome": "connected", "text": "Well", "key": str(uuid4())}),
        ("stage", {"stage": "sql"}), ("follow", {"follow": "on"}), ("follow", {"follow": "off"}),
        ("snooze", {"until": "tomorrow"}), ("owner", {"owner": str(User.objects.all()[1].pk)}),
        ("trash", {}), ("restore", {}),
    ):  # fmt: skip
        answer = ada.post(f"{lead}/{address}", fields, headers=HTMX)
        yield f"POST {lead}/{address}", answer
        token = re.search(r'name="token" value="([^"]+)"', answer.content.decode())
        if token:
            yield from _sent(ada, "/undo", token=token[1])
        yield from _got(ada, lead)
    yield from _got(ada, "/notices")
    yield from _got(ada, "/settings/audit")
    yield from _got(ada, "/settings/trash")


def _with_tokens(world: World, ada: Client) -> Iterator[Look]:
    by = audit.by(world.ada, origin="")
    _row, link = colleagues.invite(Seat("rep"), email="", base_url="", by=by, now=clock.now())
    stranger = _stranger()
    yield from _got(stranger, link)
    yield from _sent(stranger, link, name="", email="x", password="1")
    before, settings.ENVIRONMENT = (
        settings.ENVIRONMENT, replace(settings.ENVIRONMENT, email={"EMAIL_HOST": "mail.example"}),
    )  # fmt: skip
    given = {"email": "ada.new@acme.example", "password": sample.PASSWORD}
    yield from _sent(ada, "/settings/profile/address", **given)
    yield from _got(ada, "/settings/profile/address")
    settings.ENVIRONMENT = before
    for letter in Message.objects.filter(to_address="ada.new@acme.example"):
        for path in re.findall(r"/address/\S+", letter.text):
            yield from _got(ada, path)
            yield from _got(stranger, path)
    for message in Message.objects.all()[:4]:
        yield from _got(ada, f"/settings/outbox/{message.pk}")


def _second_factor(world: World) -> Iterator[Look]:
    """allauth's pages, signed in by password and then by a second factor."""
    client = _stranger()
    who = {"login": world.ada.email, "password": sample.PASSWORD}
    client.post("/sign-in/", who)
    yield from _got(client, "/sign-in/reauthenticate/")
    client.post("/sign-in/reauthenticate/", {"password": sample.PASSWORD})
    own = "/sign-in/two-factor"
    pages = (f"{own}/", f"{own}/totp/activate/", f"{own}/recovery-codes/generate/",
             f"{own}/webauthn/", f"{own}/webauthn/add/")  # fmt: skip
    for page in pages:
        yield from _got(client, page)
    key = Authenticator.objects.create(
        user=world.ada, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": {}}
    )
    for page in (f"{own}/webauthn/keys/{key.pk}/edit/", f"{own}/webauthn/keys/{key.pk}/remove/"):
        yield from _got(client, page)
    key.delete()  # it is none that a login could be tried with
    TOTP.activate(world.ada, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(world.ada)
    for page in (*pages, f"{own}/totp/deactivate/", f"{own}/recovery-codes/",
                 f"{own}/reauthenticate/", "/sign-out"):  # fmt: skip
        yield from _got(client, page)
    cache.clear()
    half = _stranger()
    half.post("/sign-in/", who)
    yield from _got(half, f"{own}/authenticate/")
    yield from _sent(half, f"{own}/authenticate/", code="1")


def _without_a_session() -> Iterator[Look]:
    stranger = _stranger()
    for address in ("/sign-in/", "/sign-in/password/reset/", "/sign-in/password/reset/done/",
                    "/sign-in/password/reset/key/x-y/", "/sign-in/password/reset/key/done/",
                    "/sign-in/inactive/", "/join/nonsense", "/address/nonsense", "/set-up",
                    "/no-such-page"):  # fmt: skip
        yield from _got(stranger, address, said="a stranger's ")
    yield from _sent(stranger, "/sign-in/", login="ada@acme.example", password="wrong")
    yield from _sent(stranger, "/sign-in/", login="", password="")
    yield from _sent(stranger, "/sign-in/password/reset/", email="nobody")


def _demo(ada: Client) -> Iterator[Look]:
    Workspace.objects.update(is_demo=True, notes={"demo": {"companies": 85}})
    for address in ("/demo", "/demo/own", "/today", "/leads", "/settings/sending"):
        yield from _got(ada, address, said="the demo's ")
    yield from _sent(ada, "/demo/own", workspace_name="", email="x", password="1")
    yield from _sent(ada, "/demo/traffic", act="pause")
    ada.post("/demo/view-as", {"role": "rep"})
    yield from _got(ada, "/today", said="viewing as: ")
    ada.post("/demo/view-back")


def _first_day() -> Iterator[Look]:
    User.objects.filter(role=Role.OWNER).delete()
    here = Client(REMOTE_ADDR="127.0.0.1", headers={"host": "localhost"})
    for client in (here, _stranger()):
        yield from _got(client, "/set-up", said="the first ")
        yield from _sent(client, "/set-up", workspace_name="", email="x", password="1")


def _stranger() -> Client:
    return Client(REMOTE_ADDR="203.0.113.9")
