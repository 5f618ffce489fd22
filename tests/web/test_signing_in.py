"""Signing in: passwords, a second factor, and what happens to those who guess."""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from leadline.workspace.models import User
from tests.world import World

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _forget_attempts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ben(world: World) -> User:
    world.ben.set_password(PASSWORD)
    world.ben.save()
    return world.ben


def _enter(client: Client, password: str = PASSWORD) -> str:
    answer = client.post("/sign-in/", {"login": "ben@acme.example", "password": password})
    return str(answer.get("Location", ""))


def _code(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238, 30 s, six digits)."""
    counter = int(time.time() // 30).to_bytes(8, "big")
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


@pytest.mark.django_db
def test_an_app_becomes_the_second_factor_and_is_asked_for(ben: User) -> None:
    client = Client()
    assert _enter(client) == "/today"
    asked = client.get("/sign-in/two-factor/totp/activate/")
    assert asked["Location"].startswith("/sign-in/reauthenticate/")
    client.post("/sign-in/reauthenticate/", {"password": PASSWORD})
    page = client.get("/sign-in/two-factor/totp/activate/").content.decode()
    secret = re.search(r'value="([A-Z2-7]{16,})"', page)
    assert secret is not None
    done = client.post("/sign-in/two-factor/totp/activate/", {"code": _code(secret[1])})
    assert done["Location"] == "/sign-in/two-factor/recovery-codes/"
    codes = client.get(done["Location"]).content.decode()
    assert len(re.findall(r"\b[0-9a-f]{8}\b", codes)) >= 10

    other = Client()
    assert _enter(other) == "/sign-in/two-factor/authenticate/"
    assert other.get("/today").status_code == 302
    wrong = other.post("/sign-in/two-factor/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    recovery = re.findall(r"\b[0-9a-f]{8}\b", codes)[0]
    right = other.post("/sign-in/two-factor/authenticate/", {"code": recovery})
    assert right["Location"] == "/today"
    assert other.get("/today").status_code == 200


@pytest.mark.django_db
def test_signing_in_makes_a_new_session(ben: User) -> None:
    client = Client()
    client.get("/sign-in/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    _enter(client)
    assert client.session.session_key != planted
    cookie = client.cookies["leadline_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.django_db
def test_who_guesses_has_to_wait_and_the_right_password_helps_no_more(ben: User) -> None:
    client = Client()
    answers = [
        client.post("/sign-in/", {"login": "ben@acme.example", "password": f"guess {n}"})
        for n in range(6)
    ]
    assert b"Too many failed" in answers[-1].content
    assert _enter(client) == ""
    assert client.get("/today").status_code == 302


@pytest.mark.django_db
def test_changing_the_password_ends_the_other_sessions(ben: User) -> None:
    here, elsewhere = Client(), Client()
    _enter(here)
    _enter(elsewhere)
    changed = here.post(
        "/sign-in/password/change/",
        {
            "oldpassword": PASSWORD,
            "password1": "another long one 7",
            "password2": "another long one 7",
        },
    )
    assert changed.status_code == 302
    assert elsewhere.get("/today").status_code == 302
    assert here.get("/today").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example/x", "javascript:alert(1)", "/\\evil.example"]
)
def test_after_signing_in_nobody_is_sent_to_another_site(ben: User, wanted: str) -> None:
    answer = Client().post(
        "/sign-in/", {"login": "ben@acme.example", "password": PASSWORD, "next": wanted}
    )
    assert answer["Location"] == "/today"


@pytest.mark.django_db
def test_signing_out_needs_a_post(ben: User) -> None:
    client = Client()
    _enter(client)
    assert client.get("/sign-out").status_code == 200
    assert client.get("/today").status_code == 200
    client.post("/sign-out")
    assert client.get("/today").status_code == 302
