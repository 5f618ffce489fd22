"""The first page of all: one owner, whoever presses the button first."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from leadline.lib import clock
from leadline.web.middleware import SetUpMiddleware
from leadline.workspace import owners
from leadline.workspace.models import Role, User, Workspace

PASSWORD = "correct horse battery"
FORM = {"workspace_name": "Acme", "name": "Ada", "email": "ada@acme.example", "password": PASSWORD,
        "time_zone": "Europe/Berlin"}  # fmt: skip
RUNNERS = 20


@pytest.fixture
def token() -> Iterator[str]:
    file = Path(settings.SET_UP_TOKEN_FILE)
    file.write_text("the-token-of-the-console")
    yield "the-token-of-the-console"
    file.unlink(missing_ok=True)


def _local(**more: str) -> Client:
    return Client(REMOTE_ADDR="127.0.0.1", SERVER_NAME="127.0.0.1", headers=more or None)


@pytest.mark.django_db
def test_without_an_owner_every_screen_leads_to_the_set_up_page() -> None:
    answer = Client().get("/leads")
    assert (answer.status_code, answer["Location"]) == (302, "/set-up")


@pytest.mark.django_db
def test_the_first_person_on_this_machine_becomes_the_owner_and_is_signed_in() -> None:
    client = _local()
    assert client.post("/set-up", FORM)["Location"] == "/today"
    owner = User.objects.get()
    assert (owner.email, owner.role, owner.time_zone) == (
        "ada@acme.example", Role.OWNER, "Europe/Berlin",
    )  # fmt: skip
    workspace = Workspace.objects.get()
    assert (workspace.name, workspace.day_offset_minutes) == ("Acme", 60)
    assert client.get("/settings/profile").status_code == 200


@pytest.mark.django_db
def test_the_page_asks_for_what_the_browser_tells_and_takes_it() -> None:
    client = _local(**{"Accept-Language": "de-CH,de;q=0.9"})
    text = client.get("/set-up").content.decode()
    for chosen in ("CHF", "CH", "de", "b2b-saas"):
        assert f'<option value="{chosen}" selected>' in text
    chosen = {"country": "AT", "currency": "EUR", "language": "de", "playbook": "b2b-saas"}
    for wrong in ("country", "currency", "language", "playbook"):
        refused = client.post("/set-up", {**FORM, **chosen, wrong: "xx"})
        assert refused.status_code == 422
        assert 'class="error"' in refused.content.decode()
        assert not Workspace.objects.exists()
    assert client.post("/set-up", {**FORM, **chosen}).status_code == 302
    found = Workspace.objects.get()
    assert (found.country, found.currency, found.language) == ("AT", "EUR", "de")


@pytest.mark.django_db
def test_the_page_is_closed_for_good_afterwards() -> None:
    _local().post("/set-up", FORM)
    again = {**FORM, "email": "eve@acme.example"}
    for client in (_local(), Client(REMOTE_ADDR="203.0.113.9")):
        assert client.get("/set-up").status_code == 403
        assert client.post("/set-up", again).status_code == 403
    assert list(User.objects.values_list("email", flat=True)) == ["ada@acme.example"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "client",
    [
        Client(REMOTE_ADDR="203.0.113.9", SERVER_NAME="127.0.0.1"),
        _local(x_forwarded_for="127.0.0.1"),
        _local(forwarded="for=127.0.0.1"),
        _local(via="1.1 proxy"),
    ],
    ids=["from elsewhere", "proxied", "forwarded", "via"],
)
def test_whoever_is_not_on_this_machine_needs_the_token(client: Client, token: str) -> None:
    assert client.post("/set-up", FORM).status_code == 422
    assert client.post("/set-up", {**FORM, "token": "the-token-of-the-consola"}).status_code == 422
    assert not User.objects.exists()
    assert client.post("/set-up", {**FORM, "token": token}).status_code == 302
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_page_whose_name_resolves_here_gains_nothing(token: str) -> None:
    rebound = Client(REMOTE_ADDR="127.0.0.1", SERVER_NAME="evil.example")
    assert rebound.post("/set-up", {**FORM, "token": token}).status_code == 421
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_token_is_spent_by_its_use(token: str) -> None:
    Client(REMOTE_ADDR="203.0.113.9").post("/set-up", {**FORM, "token": token})
    assert not owners.token_matches(token, file=Path(settings.SET_UP_TOKEN_FILE))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"), ("email", "a@b.co\u200b"), ("password", "short"),
        ("password", "password1234"), ("workspace_name", "   "), ("workspace_name", "\u200b"),
        ("time_zone", "../../etc/passwd"), ("time_zone", "Mars/Olympus"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_taken_is_named(field: str, value: str) -> None:
    answer = _local().post("/set-up", {**FORM, field: value})
    assert answer.status_code == 422
    assert not User.objects.exists()
    assert not Workspace.objects.exists()
    if field != "time_zone":
        assert b'aria-invalid="true"' in answer.content


@pytest.mark.django_db
def test_an_owner_is_remembered_and_the_lack_of_one_never(
    django_assert_num_queries: object,
) -> None:
    middleware = SetUpMiddleware(lambda request: None)  # type: ignore[arg-type,return-value]
    assert middleware._has_owner is False
    client = Client()
    assert client.get("/leads")["Location"] == "/set-up"
    _local().post("/set-up", FORM)
    assert client.get("/leads")["Location"].startswith("/sign-in/")


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_exactly_one_becomes_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = _race(monkeypatch)
    assert outcomes.count("owner") == 1
    assert outcomes.count("AlreadyClaimed") == RUNNERS - 1
    assert User.objects.filter(role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_the_same_race_makes_several_owners(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The twin: it shows that the race above is one."""
    constraint = next(c for c in User._meta.constraints if c.name == "one_owner")
    with connection.schema_editor() as editor:
        editor.remove_constraint(User, constraint)
    try:
        assert _race(monkeypatch).count("owner") > 1
    finally:
        User.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(User, constraint)


def _race(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everybody looks first, sees no owner, and only then writes."""
    everybody_has_looked = threading.Barrier(RUNNERS)
    honest, seen = owners.exists, threading.local()

    def looked() -> bool:
        found = honest()
        if not getattr(seen, "once", False):
            seen.once = True
            everybody_has_looked.wait(timeout=30)
        return found

    monkeypatch.setattr(owners, "exists", looked)

    def claim(number: int) -> str:
        try:
            owners.claim(
                email=f"person{number}@acme.example", password=PASSWORD, workspace_name="Acme",
                now=clock.now(),
            )  # fmt: skip
        except owners.AlreadyClaimed as refusal:
            return type(refusal).__name__
        finally:
            connections.close_all()
        return "owner"

    with ThreadPoolExecutor(RUNNERS) as pool:
        return list(pool.map(claim, range(RUNNERS)))
