"""Devices for pushes: one's own only; the app can be installed."""

import json
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from leadline.delivery import devices
from leadline.delivery.models import Device
from leadline.lib import clock
from leadline.workspace.models import User, Workspace
from tests.delivery.push_service import Reader
from tests.world import World

Enter = Callable[[User], Client]

pytestmark = pytest.mark.django_db

PLACE = "/settings/notifications/devices"
CHROME = {"User-Agent": "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile"}


def given(endpoint: str = "https://push.example/send/1") -> dict[str, str]:
    receiver = Reader.new().receiver
    return {"endpoint": endpoint, "p256dh": receiver.p256dh, "auth": receiver.auth}


def test_a_browser_is_named_belongs_to_the_session_and_is_shown(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    assert client.post(PLACE, given(), headers=CHROME).status_code == 204
    device = Device.objects.get()
    assert (device.user_id, device.name) == (world.ben.pk, "Chrome, Android")
    assert device.session_key == client.session.session_key
    page = client.get("/settings/notifications").content.decode()
    assert "Chrome, Android" in page
    assert f'data-push="{devices.public_key()}"' in page
    assert device.endpoint not in page


def test_a_device_can_leave_names_out_and_be_removed(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    client.post(PLACE, given())
    device = Device.objects.get()
    for posted, shown in (({}, False), ({"names": "on"}, True)):
        assert client.post(f"{PLACE}/{device.pk}/names", posted).status_code == 302
        device.refresh_from_db()
        assert device.shows_names is shown
    assert client.post(f"{PLACE}/{device.pk}/remove").status_code == 302
    assert not Device.objects.exists()


@pytest.mark.parametrize("act", ["names", "remove"])
def test_another_persons_device_answers_like_none(world: World, enter: Enter, act: str) -> None:
    enter(world.ben).post(PLACE, given())
    device = Device.objects.get()
    cleo = enter(world.cleo)
    answers = [cleo.post(f"{PLACE}/{number}/{act}") for number in (device.pk, device.pk + 9)]
    assert [each.status_code for each in answers] == [404, 404]
    device.refresh_from_db()
    assert device.shows_names


@pytest.mark.parametrize("changed", [{"endpoint": "http://push.example/1"}, {"auth": "no"}])
def test_what_is_no_subscription_is_refused(
    world: World, enter: Enter, changed: dict[str, str]
) -> None:
    assert enter(world.ben).post(PLACE, {**given(), **changed}).status_code == 400
    assert not Device.objects.exists()


def test_signing_out_puts_the_device_to_sleep(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    client.post(PLACE, given())
    assert len(devices.awake([world.ben.pk], now=clock.now())) == 1
    client.post("/sign-out")
    assert devices.awake([world.ben.pk], now=clock.now()) == []


def test_a_demo_offers_no_push(world: World, enter: Enter) -> None:
    Workspace.objects.update(is_demo=True)
    page = enter(world.ben).get("/settings/notifications").content.decode()
    assert "data-push=" not in page
    assert "The demo sends nothing outside" in page


def test_the_app_can_be_installed() -> None:
    client = Client()
    manifest = client.get("/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    described = json.loads(b"".join(manifest))  # type: ignore[arg-type]  # a streaming answer
    assert (described["display"], described["scope"]) == ("standalone", "/")
    for icon in described["icons"]:
        answer = client.get(icon["src"])
        assert b"".join(answer).startswith(b"\x89PNG")  # type: ignore[arg-type]
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    worker = client.get("/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert b"push" in b"".join(worker)  # type: ignore[arg-type]  # a streaming answer
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["worker-src"]
