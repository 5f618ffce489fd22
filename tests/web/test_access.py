"""Who may open what: every address of the screens, for everybody who might try."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from leadline.web.urls import urlpatterns
from leadline.workspace.models import Role, User
from tests.world import World

Enter = Callable[[User], Client]

# Open without signing in: the way in, and how the pages look.
OPEN = {"home", "set_up", "account_login", "account_logout", "appearance", "join", "welcome"}
POSTS = {
    "follow", "device_add", "device_names", "device_remove",
    "notices_read", "undo", "log", "snooze", "pass_on", "move",
    "retry_parked", "appearance", "back_up", "resume_sending", "new_lead_look", "new_lead_twins",
    "trash_lead", "restore_lead", "visited", "add_task", "task_done",
    "invite", "withdraw_invitation", "undo_departure", "let_in",
    "make_owner", "team_new", "team_restore",
    "field_archive", "field_restore", "field_move", "field_forms",
    "checklist_act", "demo_traffic", "demo_view_as", "demo_view_back", "demo_go_back", "welcome",
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
OF_A_LEAD = {
    "lead",
    "lead_timeline",
    "peek",
    "act_form",
    "log",
    "snooze",
    "follow",
    "colleagues",
    "colleagues",
    "add_task",
    "pass_on",
    "move",
    "edit_value",
    "show_value",
}
OF_ONE_THING = {"task", "task_done", "due_understood",
                "demo", "checklist_act", "demo_traffic", "demo_view_as", "demo_view_back",
                "demo_own", "demo_go_back", "message", "undo",
                "device_add", "device_names", "device_remove",
                "notices_read", "new_lead_look", "new_lead_twins", "trash_lead", "restore_lead",
                "invite", "withdraw_invitation", "person",
                "deactivate", "undo_departure", "let_in", "make_owner", "team_new",
                "team", "team_archive", "team_restore", "field", "field_archive",
                "field_restore", "field_move", "field_forms"}  # fmt: skip


OF_A_VIEW = {"add_view", "describe_view", "save_view", "move_view", "remove_view", "restore_view"}
POSTS |= OF_A_VIEW
OF_A_COMPANY = {"visited", "company", "peek_company", "edit_company_value", "show_company_value"}


def _ours() -> Iterator[URLPattern]:
    return (each for each in urlpatterns if isinstance(each, URLPattern))


def _address(name: str, lead_id: UUID | None = None) -> str:
    lead = lead_id or UUID(int=7)
    arguments = {
        "company": [lead], "peek_company": [lead],
        "edit_company_value": [lead, "company.name"], "show_company_value": [lead, "company.name"],
        "act_form": [lead, "call"], "edit_value": [lead, "title"], "show_value": [lead, "title"],
        "task": [UUID(int=7)], "task_done": [UUID(int=7)],
        "message": [UUID(int=7)],
        **{name: [1] for name in OF_A_VIEW if name != "add_view"},
        "device_names": [999], "device_remove": [999],
        "retry_parked": [1], "trash_lead": [lead], "restore_lead": [lead],
        "person": [UUID(int=7)], "deactivate": [UUID(int=7)],
        **{name: ["title"] for name in OF_ONE_THING if name.startswith("field")},
        "let_in": [UUID(int=7)], "make_owner": [UUID(int=7)],
        "team": [999], "team_archive": [999], "team_restore": [999],
        "undo_departure": [1], "withdraw_invitation": [1],
    }  # fmt: skip
    if name in OF_A_LEAD:
        return reverse(name, args=arguments.get(name, [lead]))
    return reverse(name, args=arguments.get(name, []))


def test_every_address_stands_in_one_of_the_tables() -> None:
    known = (
        OPEN
        | set(ROLES)
        | OF_A_COMPANY
        | OF_A_VIEW
        | OF_A_LEAD
        | OF_ONE_THING
        | {"retry_parked", "back_up", "resume_sending"}
    )
    assert {each.name for each in _ours()} == known


@pytest.mark.django_db
def test_nobody_opens_a_screen_without_signing_in(world: World, client: Client) -> None:
    for each in _ours():
        if each.name in OPEN:
            continue
        send = client.post if each.name in POSTS else client.get
        answer = send(_address(str(each.name)))
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
    for name in OF_A_LEAD:
        send = client.post if name in POSTS else client.get
        answer = send(_address(name, lead_id))
        assert answer.status_code == 404, name
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
    addresses = [_address(name, lead_id) for name in sorted(POSTS)]
    addresses += ["/set-up", "/settings/sending", "/settings/profile", "/sign-in/", "/sign-out"]
    addresses += ["/sign-in/password/reset/", "/sign-in/two-factor/totp/activate/"]
    for address in addresses:
        answer = client.post(address, {"next": "/"})
        assert answer.status_code == 403, address
        assert b"send that again" in answer.content


@pytest.mark.django_db
def test_reading_never_changes_anything(world: World, enter: Enter, lead_id: UUID) -> None:
    client = enter(world.ada)
    for name in sorted(POSTS):
        assert client.get(_address(name, lead_id)).status_code == 405, name


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
