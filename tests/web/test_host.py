"""Under which names the screens answer."""

from dataclasses import replace

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:8000", "192.0.2.7", "[::1]:8000"]
)
def test_by_number_and_on_this_machine(world: World, host: str) -> None:
    assert Client(headers={"host": host}).get("/sign-in/").status_code == 200


def test_under_the_configured_name(world: World, settings: LazySettings) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, base_url="https://leads.example.com")
    assert Client(headers={"host": "leads.example.com"}).get("/sign-in/").status_code == 200


def test_every_screen_says_how_a_browser_must_treat_it(
    world: World, settings: LazySettings
) -> None:
    for path in ("/sign-in/", "/no-such-page"):
        said = Client().get(path).headers
        assert said["X-Content-Type-Options"] == "nosniff"
        assert said["X-Frame-Options"] == "DENY"
        assert said["Cross-Origin-Opener-Policy"] == "same-origin"
        assert said["Referrer-Policy"] == "strict-origin"
        assert "Strict-Transport-Security" not in said, "over plain HTTP it would lock people out"
    settings.SECURE_HSTS_SECONDS = 31_536_000
    secure = Client().get("/sign-in/", secure=True).headers
    assert secure["Strict-Transport-Security"].startswith("max-age=31536000")


def test_passwords_are_kept_by_argon2(world: World) -> None:
    world.ada.set_password("correct horse battery")
    assert world.ada.password.startswith("argon2$argon2id$")
    assert world.ada.check_password("correct horse battery")


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "localhost.evil.test:8000"])
def test_not_under_a_name_of_somebody_else(world: World, host: str) -> None:
    answer = Client(headers={"host": host}).get("/sign-in/")
    assert answer.status_code == 421
    assert "LEADLINE_BASE_URL" in answer.content.decode()
    assert "csrf" not in answer.content.decode()
