"""Behind the Demo chip: only in a demo, only for its owner, never further than the role lent."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from leadline.playbooks.demo import traffic
from leadline.web import demo_own, set_up_guesses
from leadline.workspace import entrances
from leadline.workspace.models import AuditEntry, Role, User, Workspace
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]


@pytest.fixture
def demo(world: World) -> World:
    Workspace.objects.update(is_demo=True, notes={"demo": {"companies": 85}})
    return world


def test_the_owner_sees_what_a_rep_sees_and_comes_back_with_one_click(
    demo: World, enter: Enter
) -> None:
    client = enter(demo.ada)
    assert client.post("/demo/view-as", {"role": "rep"})["Location"] == "/today"

    seen = client.get("/today").content.decode()
    assert "You see the demo as" in seen
    assert demo.ben.name in seen
    assert client.get("/settings/keys").status_code == 403
    assert client.post("/demo/view-as", {"role": "rep"}).status_code == 403
    assert client.get("/demo/own").status_code == 403

    assert client.post("/demo/view-back")["Location"] == "/today"
    assert client.get("/settings/keys").status_code == 200
    assert "You see the demo as" not in client.get("/today").content.decode()


_CLOSED_TO_SOME = ("/capture", "/settings/outbox", "/settings/sending", "/settings/keys", "/leads")


@pytest.mark.parametrize(
    ("role", "statuses"),
    [(Role.REP, [403, 403, 403, 403, 200]), (Role.MANAGER, [200, 200, 403, 403, 200]),
     (Role.MARKETER, [200, 200, 403, 403, 200])],
)  # fmt: skip
def test_each_role_that_is_lent_is_lent_whole_and_given_back(
    demo: World, enter: Enter, role: str, statuses: list[int]
) -> None:
    lent = User.objects.create_user(f"a.{role}@acme.example", name=f"A {role}", role=role)
    client = enter(demo.ada)
    assert f'name="role" value="{role}"' in client.get("/demo").content.decode()
    assert client.post("/demo/view-as", {"role": role})["Location"] == "/today"
    assert client.session["_auth_user_id"] == str(lent.pk)
    assert [client.get(path).status_code for path in _CLOSED_TO_SOME] == statuses
    assert client.post("/demo/view-as", {"role": role}).status_code == 403
    assert f"A {role}" in client.get("/today").content.decode()
    assert client.post("/demo/view-back")["Location"] == "/today"
    assert client.session["_auth_user_id"] == str(demo.ada.pk)
    assert f"A {role}" in AuditEntry.objects.get(act="demo.viewed_as").details


@pytest.mark.parametrize("role", ["owner", "admin", "read_only", "", "nonsense"])
def test_only_the_three_roles_are_lent(demo: World, enter: Enter, role: str) -> None:
    User.objects.create_user("root@acme.example", role=Role.ADMIN)
    User.objects.create_user("reader@acme.example", role=Role.READ_ONLY)
    client = enter(demo.ada)
    assert client.post("/demo/view-as", {"role": role}).status_code == 404
    assert client.session["_auth_user_id"] == str(demo.ada.pk)


def test_who_has_left_lends_nobody_their_eyes(demo: World, enter: Enter) -> None:
    gone = User.objects.create_user("m@acme.example", role=Role.MANAGER)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert enter(demo.ada).post("/demo/view-as", {"role": "manager"}).status_code == 404


def test_nobody_else_looks_through_other_eyes_or_comes_back_as_the_owner(
    demo: World, enter: Enter
) -> None:
    for person in (demo.ben, demo.cleo):
        client = enter(person)
        assert client.post("/demo/view-as", {"role": "manager"}).status_code == 403
        assert client.post("/demo/view-back").status_code == 404
        assert client.post("/demo/traffic", {"act": "pause"}).status_code == 403
        assert client.get("/demo/own").status_code == 403
        assert client.post("/demo/go-back").status_code == 403


def test_outside_a_demo_none_of_it_exists(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    for address in ("/demo/view-as", "/demo/view-back", "/demo/traffic", "/demo/go-back"):
        assert client.post(address, {"role": "rep"}).status_code == 404, address
    assert client.get("/demo").status_code == client.get("/demo/own").status_code == 404
    assert "chip-demo" not in client.get("/today").content.decode()


def test_coming_back_works_no_more_once_the_demo_is_none(demo: World, enter: Enter) -> None:
    client = enter(demo.ada)
    client.post("/demo/view-as", {"role": "rep"})
    Workspace.objects.update(is_demo=False)
    assert client.post("/demo/view-back").status_code == 404


def test_the_made_up_people_are_paused_and_go_on(demo: World, enter: Enter) -> None:
    client = enter(demo.ada)
    client.post("/demo/traffic", {"act": "pause"})
    paused = traffic.state()
    assert paused is not None
    assert paused.is_paused
    assert "Let people come again" in client.get("/demo").content.decode()
    client.post("/demo/traffic", {"act": "go_on"})
    again = traffic.state()
    assert again is not None
    assert not again.is_paused


def test_a_demo_without_a_supervisor_says_why_it_cannot_make_room(
    demo: World, enter: Enter
) -> None:
    client = enter(demo.ada)
    page = client.get("/demo/own").content.decode()
    assert 'role="status"' in page
    assert "Create my workspace" not in page
    form = {"workspace_name": "Acme", "email": "ada@acme.example", "password": "correct horse",
            "time_zone": "Europe/Berlin", "currency": "EUR", "language": "en",
            "playbook": "b2b-saas"}  # fmt: skip
    assert client.post("/demo/own", form).status_code == 422


def test_the_button_says_that_a_workspace_is_being_made(
    demo: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_own, "why_not", str)
    page = enter(demo.ada).get("/demo/own").content.decode()
    assert 'data-busy="Making your workspace…">Create my workspace</button>' in page


@pytest.mark.parametrize(
    ("said", "currency"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "EUR"), ("en-US,en", "USD"), ("en-GB", "GBP"),
        ("de-CH", "CHF"), ("zh-Hant-HK", "HKD"), ("pl", "PLN"), ("fr-FR", "EUR"), ("", "EUR"),
        ("*", "EUR"),
    ],
)  # fmt: skip
def test_the_currency_is_guessed_from_the_browser(rf: object, said: str, currency: str) -> None:
    request = rf.get("/", headers={"Accept-Language": said})  # type: ignore[attr-defined]
    assert set_up_guesses.currency(request) == currency
    assert set_up_guesses.language(request) in {"en", "de", "fr"}


def test_the_entrance_lets_the_owner_in_once_and_in_time(world: World) -> None:
    secret = entrances.give(now=world.now)
    assert secret not in str(Workspace.objects.get().notes)
    assert entrances.take("wrong", now=world.now) is None
    assert entrances.take(secret, now=world.now + timedelta(minutes=16)) is None
    assert entrances.take(secret, now=world.now) == world.ada
    assert entrances.take(secret, now=world.now) is None


def test_without_the_right_entrance_nobody_comes_in(world: World) -> None:
    client = Client()
    assert client.post("/welcome", {"entrance": ""})["Location"].startswith("/sign-in")
    assert client.get("/today").status_code == 302
