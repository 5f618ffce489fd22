"""A push reaches one browser, sealed, at most once; a browser that is gone is forgotten."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from leadline.delivery import devices, holding, outbox, pushing, queries, sending
from leadline.delivery.devices import NotADevice, Subscription
from leadline.delivery.models import Device, Message, Sender
from leadline.delivery.outbox import Draft, DraftRefused
from leadline.delivery.outcomes import Outcome
from leadline.leads.models import Lead
from leadline.workspace.models import User, Workspace
from tests.delivery.push_service import PushService, Reader, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with running(PushService()) as found:
        monkeypatch.setattr(pushing, "ALLOW_PRIVATE", True)
        monkeypatch.setattr(pushing, "EXTRA_PORTS", (found.port,))
        yield found


@pytest.fixture
def reader() -> Reader:
    return Reader.new()


@pytest.fixture
def device(service: PushService, reader: Reader, now: datetime) -> Device:
    """Ben's browser. Its address is plain http, which only the database lets pass."""
    Workspace.objects.create(id=1, name="Acme", created_at=now)
    ben = User.objects.create_user("ben@acme.example", name="Ben")
    Session.objects.create(session_key="s1", session_data="", expire_date=now + timedelta(days=999))
    return Device.objects.create(
        user=ben, session_key="s1", endpoint=f"http://127.0.0.1:{service.port}/send/1",
        p256dh=reader.receiver.p256dh, auth=reader.receiver.auth, name="Chrome", created_at=now,
    )  # fmt: skip


def put(device: Device, now: datetime, *, lead: Lead | None = None) -> Message:
    draft = Draft(
        kind="push", cause="push:1", to_address="", subject="Grace Hopper",
        text="Grace Hopper asked for a demo", device_id=device.pk,
        lead_id=lead.pk if lead else None,
    )  # fmt: skip
    outbox.put([draft, draft], now=now)
    return Message.objects.get()


def send(now: datetime) -> Outcome | None:
    (claimed,) = sending.claim("w1", limit=8)
    return sending.hand_over(claimed, now=now)


def test_the_browser_reads_what_the_service_cannot(
    device: Device, service: PushService, reader: Reader, now: datetime
) -> None:
    lead = Lead.objects.create(created_at=now, known_at=now, updated_at=now)
    row = put(device, now, lead=lead)
    assert send(now) == Outcome("sent")
    assert service.read(reader) == [
        {"title": "Grace Hopper", "body": "Grace Hopper asked for a demo",
         "path": f"/leads/{lead.pk}"}
    ]  # fmt: skip
    assert b"Grace" not in service.bodies[0]
    (headers,) = service.headers
    assert headers["content-encoding"] == "aes128gcm"
    assert (headers["ttl"], headers["topic"]) == ("3600", lead.pk.hex)
    assert headers["authorization"].startswith("vapid t=")
    row.refresh_from_db()
    assert row.state == "sent"
    assert sending.claim("w1", limit=8) == []


@pytest.mark.parametrize(
    ("status", "verdict", "stays"),
    [(201, "sent", True), (404, "failed", False), (410, "failed", False), (403, "failed", True),
     (413, "failed", True), (429, "retry", True), (503, "retry", True), (301, "failed", True)],
)  # fmt: skip
def test_what_the_service_says_decides(
    device: Device, service: PushService, now: datetime, status: int, verdict: str, stays: bool
) -> None:
    service.status = status
    put(device, now)
    outcome = send(now)
    assert outcome is not None
    assert outcome.verdict == verdict
    assert Device.objects.filter(pk=device.pk).exists() == stays
    assert len(service.bodies) == 1
    assert queries.needing_attention() == {}, "the bell says the same"


def test_silence_is_unknown_and_nothing_goes_twice(
    device: Device, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    Device.objects.update(endpoint="http://127.0.0.1:443/nobody")
    row = put(device, now)
    outcome = send(now)
    assert outcome is not None
    assert outcome.verdict == "unknown"
    row.refresh_from_db()
    assert row.state == "unknown"
    assert sending.claim("w1", limit=8) == []


def test_a_service_inside_our_own_network_is_never_reached(
    device: Device, service: PushService, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "ALLOW_PRIVATE", False)
    put(device, now)
    outcome = send(now)
    assert outcome is not None
    assert outcome.verdict == "failed"
    assert "not on the public internet" in outcome.reason
    assert service.bodies == []
    assert Device.objects.exists(), "the name may lead outside again in an hour"


def test_whoever_has_signed_out_or_left_gets_none(
    device: Device, service: PushService, now: datetime
) -> None:
    put(device, now)
    Session.objects.all().delete()
    outcome = send(now)
    assert outcome is not None
    assert outcome.verdict == "failed"
    Session.objects.create(session_key="s1", session_data="", expire_date=now + timedelta(days=999))
    assert [each.pk for each in devices.awake([device.user_id], now=now)] == [device.pk]
    User.objects.update(is_active=False)
    assert devices.awake([device.user_id], now=now) == []
    assert service.bodies == []


def test_a_demo_and_a_restored_copy_push_nothing(
    device: Device, service: PushService, now: datetime
) -> None:
    put(device, now)
    holding.hold(now)
    assert sending.claim("w1", limit=8) == []
    Sender.objects.update(held_at=None)
    Workspace.objects.update(is_demo=True)
    outcome = send(now)
    assert outcome is not None
    assert outcome.verdict == "failed"
    assert service.bodies == []


def test_a_removed_device_ends_what_waits_for_it(device: Device, now: datetime) -> None:
    row = put(device, now)
    stranger = User.objects.create_user("cleo@acme.example")
    assert not devices.remove(device.pk, user_id=stranger.pk)
    assert devices.remove(device.pk, user_id=device.user_id)
    outcome = send(now)
    assert outcome is not None
    assert outcome.verdict == "failed"
    row.refresh_from_db()
    assert row.device_id is None


def test_a_browser_belongs_to_whoever_signed_in_last(reader: Reader, now: datetime) -> None:
    ben, ada = (User.objects.create_user(f"{name}@acme.example") for name in ("ben", "ada"))
    given = Subscription(
        "https://push.example/send/1", reader.receiver.p256dh, reader.receiver.auth
    )
    for person, session in ((ben, "s1"), (ada, "s2"), (ada, "s3")):
        devices.add(given, user_id=person.pk, session_key=session, name="Firefox", now=now)
    (row,) = Device.objects.all()
    assert (row.user_id, row.session_key) == (ada.pk, "s3")


@pytest.mark.parametrize(
    "endpoint", ["http://push.example/1", "https:///1", "javascript:1", "", "https://x" * 200]
)
def test_only_https_addresses_are_taken(endpoint: str, reader: Reader, now: datetime) -> None:
    ben = User.objects.create_user("ben@acme.example")
    given = Subscription(endpoint, reader.receiver.p256dh, reader.receiver.auth)
    with pytest.raises(NotADevice):
        devices.add(given, user_id=ben.pk, session_key="s1", name="", now=now)


def test_a_push_without_a_device_is_refused(now: datetime) -> None:
    with pytest.raises(DraftRefused):
        outbox.put([Draft("push", "c", "", "Hello", "x")], now=now)
