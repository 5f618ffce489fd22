"""Who may open what: every address of the screens, for everybody who might try."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leadline.workspace.models import Role, User
from tests.web import matrix
from tests.world import World

Enter = Callable[[User], Client]

# Open without signing in: the way in, how the pages look, and what belongs to an app.
OPEN = {
    "home", "set_up", "account_login", "account_logout", "appearance", "join", "welcome",
    "worker", "manifest",
}  # fmt: skip

EVERYBODY = {"owner", "admin", "marketer", "manager", "rep", "read_only"}
# Which roles get a page; everybody else gets 403.
ROLES = {
    "today": EVERYBODY, "tasks": EVERYBODY,
    "search": EVERYBODY, "palette": EVERYBODY, "notices": EVERYBODY,
    "new_lead": EVERYBODY - {"read_only"},
    "leads": EVERYBODY, "leads_count": EVERYBODY, "companies": EVERYBODY,
    "leads_filter_field": EVERYBODY, "scoring": EVERYBODY, "settings": EVERYBODY,
    "profile": EVERYBODY, "notice_settings": EVERYBODY, "checklist": EVERYBODY,
    "hours": {"owner", "admin"}, "general": {"owner", "admin"}, "roles": EVERYBODY,
    "people": {"owner", "admin"}, "teams": {"owner", "admin"}, "audit": {"owner", "admin"},
    "capture": EVERYBODY - {"rep"},
    "outbox": {"owner", "admin", "marketer", "manager"},
    "parked": {"owner", "admin"}, "keys": {"owner", "admin"}, "sending": {"owner", "admin"},
    "trash": {"owner", "admin"},
    "system": {"owner", "admin"}, "fields": {"owner", "admin"}, "field_new": {"owner", "admin"},
}  # fmt: skip

ROUTES = [
    route for route in matrix.routes()
    if not route.path.startswith(("api/", "sign-in/")) and route.name
]  # fmt: skip


def _address(name: str, lead_id: UUID | None = None) -> str:
    """The address of a screen, with ids of nobody's but for the lead's."""
    found = next(each for each in ROUTES if each.name == name)
    return found.address({"lead_id": lead_id or UUID(int=7), "name": "title", "verb": "call"})


def _ask(client: Client, address: str) -> HttpResponse:
    """GET, or POST where there is nothing to read."""
    answer = client.get(address)
    return client.post(address) if answer.status_code == 405 else answer


@pytest.mark.django_db
def test_nobody_opens_a_screen_without_signing_in(world: World, client: Client) -> None:
    closed = [each for each in ROUTES if each.name not in OPEN]
    assert len(closed) > 100
    for each in closed:
        answer = _ask(client, _address(each.name))
        assert answer.status_code == 302, each.name
        assert answer["Location"].startswith("/sign-in/?next="), each.name


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_a_role_opens_exactly_its_screens(world: World, enter: Enter, role: str) -> None:
    person = world.ada
    if role != Role.OWNER:
        person = User.objects.create_user(f"{role}@acme.example", role=role)
    client = enter(person)
    for name, roles in ROLES.items():
        status = client.get(_address(name), follow=True).status_code
        assert status == (200 if role in roles else 403), (role, name)


@pytest.mark.django_db
def test_somebody_of_another_team_finds_nothing(world: World, enter: Enter, lead_id: UUID) -> None:
    client = enter(world.cleo)
    unknown = client.get(_address("lead", UUID(int=9)))
    of_a_lead = [each.name for each in ROUTES if "lead_id" in each.parts]
    assert len(of_a_lead) > 15
    for name in of_a_lead:
        answer = _ask(client, _address(name, lead_id))
        # Who may not delete at all learns that before anything of the lead.
        assert answer.status_code == (403 if "trash" in name or "restore" in name else 404), name
        assert b"Grace" not in answer.content
    same = client.get(_address("lead", lead_id))
    assert _without_nonce(same) == _without_nonce(unknown)
    for address in ("/leads", "/today", "/search?q=Grace", "/palette?q=Grace"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert b"halvorsen" not in answer.content.lower(), address


@pytest.mark.django_db
def test_ben_sees_his_lead_and_may_work_on_it(world: World, enter: Enter, lead_id: UUID) -> None:
    answer = enter(world.ben).get(_address("lead", lead_id))
    assert answer.status_code == 200
    assert b"Grace Lindqvist" in answer.content
    assert reverse("log", args=[lead_id]).encode() in answer.content


@pytest.mark.django_db
def test_who_only_reads_is_offered_no_act_and_refused_when_trying(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    reader = User.objects.create_user("rita@acme.example", role=Role.READ_ONLY)
    client = enter(reader)
    page = client.get(_address("lead", lead_id))
    assert page.status_code == 200
    assert reverse("log", args=[lead_id]).encode() not in page.content
    assert client.post(_address("log", lead_id), {"kind": "note", "text": "x"}).status_code == 403


@pytest.mark.django_db
def test_a_deactivated_person_is_sent_away(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    assert client.get("/today").status_code == 200
    User.objects.filter(pk=world.ben.pk).update(is_active=False)
    assert client.get("/today").status_code == 302


@pytest.mark.django_db
def test_every_unsafe_address_wants_a_token(world: World, enter: Enter, lead_id: UUID) -> None:
    client = enter(world.ada)
    client.handler.enforce_csrf_checks = True
    addresses = [_address(each.name, lead_id) for each in ROUTES if each.name != "home"]
    addresses += ["/sign-in/", "/sign-out"]
    addresses += ["/sign-in/password/reset/", "/sign-in/two-factor/totp/activate/"]
    for address in addresses:
        answer = client.post(address, {"next": "/"})
        assert answer.status_code == 403, address
        assert b"send that again" in answer.content


@pytest.mark.django_db
def test_reading_never_changes_anything(world: World, enter: Enter, lead_id: UUID) -> None:
    client = enter(world.ada)
    for each in ROUTES:
        with CaptureQueriesContext(connection) as asked:
            client.get(_address(each.name, lead_id))
        written = [
            one["sql"] for one in asked.captured_queries
            if one["sql"].startswith(("INSERT", "UPDATE", "DELETE", "WITH"))
            and "django_session" not in one["sql"]
        ]  # fmt: skip
        assert written == [], each.name


@pytest.mark.django_db
def test_pages_are_kept_by_nobody_and_carry_a_strict_policy(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    for address in ("/today", "/leads", f"/leads/{lead_id}", "/scoring", "/settings/profile"):
        answer = client.get(address)
        policy = answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"], address
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy
        assert "base-uri 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_after_an_act_nobody_is_sent_to_another_site(
    world: World, enter: Enter, wanted: str
) -> None:
    answer = enter(world.ben).post("/notices/read", {"next": wanted})
    assert answer.status_code == 302
    assert answer["Location"] == "/"


def _without_nonce(answer: object) -> bytes:
    return bytes(answer.content)  # type: ignore[attr-defined]
