"""Signing in: passwords, a second factor, and what happens to those who guess."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from leadline.delivery.models import Message
from leadline.lib import sealed_text
from leadline.workspace.models import AuditEntry, User
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


@pytest.mark.django_db(transaction=True)
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
    assert _acts() == [
        ("signed_in", "password"), ("factor.added", "app"),
        ("sign_in.failed", "code"), ("signed_in", "password, recovery_codes"),
    ]  # fmt: skip
    # Neither the app's seed nor the codes' can be read in the database.
    rows = {row.type: row.data for row in Authenticator.objects.filter(user=ben)}
    assert sealed_text.is_sealed(rows["totp"]["secret"])
    assert sealed_text.is_sealed(rows["recovery_codes"]["seed"])
    assert secret[1] not in json.dumps(rows)


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


@pytest.mark.django_db
def test_secrets_from_before_are_sealed_once(ben: User) -> None:
    migration = import_module("leadline.web.migrations.0001_seal_second_factors")
    old = Authenticator.objects.create(user=ben, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    kept = {"seed": "ab" * 40, "used_mask": 3}
    codes = Authenticator.objects.create(user=ben, type="recovery_codes", data=kept)
    for _again in range(2):
        migration.seal(apps, None)
    for row in (old, codes):
        row.refresh_from_db()
    assert sealed_text.is_sealed(old.data["secret"])
    assert old.wrap().validate_code(_code("JBSWY3DPEHPK3PXP"))
    assert codes.data["used_mask"] == 3
    assert len(codes.wrap().generate_codes()) == 10
    migration.unseal(apps, None)
    codes.refresh_from_db()
    assert codes.data == kept


@pytest.mark.django_db
def test_a_factor_sealed_with_a_lost_key_lets_nobody_in_and_says_so(ben: User) -> None:
    sealed = sealed_text.seal("JBSWY3DP", purpose="second factor", keys=["another key " * 4])
    Authenticator.objects.create(user=ben, type="totp", data={"secret": sealed})
    client = Client()
    assert _enter(client) == "/sign-in/two-factor/authenticate/"
    answer = client.post("/sign-in/two-factor/authenticate/", {"code": "123456"})
    assert "cannot be checked any more" in answer.content.decode()
    assert client.get("/today").status_code == 302


@pytest.mark.django_db
def test_who_signs_in_and_who_fails_leaves_a_line(ben: User) -> None:
    client = Client(headers={"user-agent": "Mozilla/5.0 (Macintosh; Mac OS X) Version/26 Safari/1"})
    client.post("/sign-in/", {"login": "my secret password", "password": "x"})
    client.post("/sign-in/", {"login": "nobody@acme.example", "password": "x"})
    _enter(client, "wrong")
    _enter(client)
    assert _acts() == [
        ("sign_in.failed", "password"), ("sign_in.failed", "password"), ("signed_in", "password"),
    ]  # fmt: skip
    unknown, known, right = AuditEntry.objects.order_by("number")
    assert (unknown.actor_id, unknown.object_id) == (None, "")
    assert (known.actor_id, known.object_id) == (None, str(ben.pk))
    assert right.actor_id == ben.pk
    assert json.loads(right.details)["through"] == "Safari, macOS"
    assert "nobody@" not in unknown.details


@pytest.mark.django_db
def test_of_a_flood_of_guesses_the_audit_keeps_what_was_tried_and_one_line_more(ben: User) -> None:
    client = Client()
    for n in range(30):
        client.post("/sign-in/", {"login": "ben@acme.example", "password": f"guess {n}"})
    assert [act for act, _how in _acts()] == ["sign_in.failed"] * 5 + ["sign_in.throttled"]


@pytest.mark.django_db
def test_behind_a_proxy_one_who_guesses_stops_nobody_else(
    ben: User, settings: LazySettings
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, trusted_proxy_count=1)
    guessing = Client(headers={"X-Forwarded-For": "192.0.2.66"})
    for n in range(40):
        guessing.post("/sign-in/", {"login": f"n{n}@acme.example", "password": "x"})
    assert _enter(guessing) == ""
    assert _enter(Client(headers={"X-Forwarded-For": "198.51.100.7"})) == "/today"


@pytest.mark.django_db
def test_changing_and_resetting_the_password_leave_a_line_each(ben: User) -> None:
    client = Client()
    _enter(client)
    twice = {"password1": "another long one 7", "password2": "another long one 7"}
    client.post("/sign-in/password/change/", {"oldpassword": PASSWORD, **twice})
    Client().post("/sign-in/password/reset/", {"email": "ben@acme.example"})
    link = re.search(r"http://\S+(/sign-in/password/reset/key/\S+)", Message.objects.get().text)
    assert link is not None
    other = Client()
    form = other.get(link[1])["Location"]
    other.post(form, twice)
    assert _acts()[-2:] == [
        ("password.changed", "by the old one"),
        ("password.changed", "by a link"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("closed", ["email/", "signup/", "login/", "logout/", "confirm-email/x/",
                                    "password/set/", "login/code/confirm/", "2fa/"])  # fmt: skip
def test_pages_of_the_library_that_we_do_not_use_are_closed(ben: User, closed: str) -> None:
    client = Client()
    _enter(client)
    assert client.get(f"/sign-in/{closed}").status_code == 404
    added = {"email": "new@acme.example", "action_add": ""}
    assert client.post(f"/sign-in/{closed}", added).status_code == 404
    ben.refresh_from_db()
    assert ben.email == "ben@acme.example"
    assert client.get("/today").status_code == 200


def _acts() -> list[tuple[str, str]]:
    """The entries of the audit: act, and how."""
    rows = AuditEntry.objects.order_by("number")
    return [(row.act, json.loads(row.details)["after"].get("how", "")) for row in rows]
