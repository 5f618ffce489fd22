"""Keys: shown once, hashed, scoped, revoked at once, limited, never in an address."""

from datetime import timedelta

import pytest
from django.test import Client

from leadline.api import limits
from leadline.api.limits import LIMITS
from leadline.lib import clock
from leadline.workspace import keys
from leadline.workspace.models import ApiKey, WriteKey
from tests.api.conftest import Place, speaker


def test_only_a_hash_and_the_beginning_of_a_key_are_kept(place: Place) -> None:
    key, secret = keys.make_api(place.world.ada, name="x", scopes=["admin"], now=place.now)
    kept = ApiKey.objects.values().get(pk=key.pk)
    assert secret not in map(str, kept.values())
    assert secret.startswith(kept["prefix"])
    assert len(secret) - len(kept["prefix"]) >= 24


def test_a_key_never_makes_a_wider_one(place: Place) -> None:
    ada = place.world.ada
    for scopes, granted in [(["root"], None), ([], None), (["admin"], ["leads:read"])]:
        with pytest.raises(keys.UnknownScope):
            keys.make_api(ada, name="x", scopes=scopes, granted=granted, now=place.now)
    made, _ = keys.make_api(
        ada, name="x", scopes=["ingest"], granted=["leads:read", "ingest"], now=place.now
    )
    assert made.scopes == ["ingest"]


def test_a_revoked_key_or_an_inactive_user_is_out_at_once(place: Place) -> None:
    key, secret = keys.make_api(place.world.ben, name="x", scopes=["admin"], now=place.now)
    assert keys.find_api(secret, now=place.now) == key
    assert keys.revoke(key, now=place.now)
    assert not keys.revoke(key, now=place.now + timedelta(days=1))
    assert keys.find_api(secret, now=place.now) is None
    place.world.ben.is_active = False
    place.world.ben.save()
    assert place.ben.get("/me").status_code == 401


def test_the_use_of_a_key_is_noted_once_a_minute(place: Place) -> None:
    key, secret = keys.make_api(place.world.ben, name="x", scopes=["admin"], now=place.now)
    for seconds, noted in [(0, 0), (59, 0), (60, 60), (61, 60)]:
        keys.find_api(secret, now=place.now + timedelta(seconds=seconds))
        key.refresh_from_db()
        assert key.last_used_at == place.now + timedelta(seconds=noted)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic abc", "Bearer " + "x" * 5000,
               "Bearer \x00", "bearer ll_api_nope", "Bearer é"],
)  # fmt: skip
def test_a_key_that_is_none_is_answered_401(place: Place, header: str) -> None:
    found = Client().get("/api/v1/leads", headers={"Authorization": header} if header else {})
    assert found.status_code == 401
    assert found.headers["Content-Type"] == "application/problem+json"
    assert found.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_in_the_address_is_refused_even_when_it_is_right(place: Place) -> None:
    found = Client().get(f"/api/v1/me?api_key={place.ada.secret}")
    assert found.status_code == 401
    assert place.ada.get(f"/me?access_token={place.ada.secret}").status_code == 401


def test_too_many_requests_with_one_key_stop_that_key_only(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BURST", 3)
    monkeypatch.setattr(limits, "PER_SECOND", 0)
    LIMITS.forget()
    found = [place.ada.get("/me") for _ in range(4)]
    assert [each.status_code for each in found] == [200, 200, 200, 429]
    assert [each.headers["RateLimit-Remaining"] for each in found] == ["2", "1", "0", "0"]
    assert found[3].headers["Retry-After"] == "1"
    assert place.ben.get("/me").status_code == 200


def test_a_browser_key_can_be_read_back_and_a_server_key_never(place: Place) -> None:
    browser, public = keys.make_write(name="w", kind=WriteKey.Kind.BROWSER, now=place.now)
    server, secret = keys.make_write(name="s", kind=WriteKey.Kind.SERVER, now=place.now)
    assert browser.public_text == public
    assert server.public_text == ""
    assert keys.find_write(secret) == server
    assert keys.find_write(public) == browser
    keys.revoke(server, now=clock.now())
    assert keys.find_write(secret) is None


def test_a_scope_for_reading_does_not_write(place: Place) -> None:
    narrow = speaker(place.world.ada, ["leads:read"])
    found = narrow.ask("POST", "/leads", {"email": "new@kernel.example"})
    assert found.status_code == 403
    assert "leads:write" in found.document["detail"]
