"""Handing one push to the service of a browser's maker: at most once, and gone after an hour."""

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_noop as _noop

from leadline.delivery import devices, senders
from leadline.delivery.leases import Claimed
from leadline.delivery.models import Device
from leadline.delivery.outcomes import Outcome
from leadline.lib import clock, http_client, web_push
from leadline.workspace.models import Workspace

KEPT_SECONDS = 3_600
"""How long the service keeps a push for a browser that is away: then it is no news any more."""

MOST_TRIES = 4
TOTAL_SECONDS = 10.0
ALLOW_PRIVATE = False
EXTRA_PORTS: tuple[int, ...] = ()
"""Only tests reach push services inside our own network."""

# Letters; with the subject's 300 far less than one push holds.
_LONGEST = 500
# The browser has ended its subscription. What else is refused may be our own mistake.
_GONE = frozenset({404, 410})


def objection(message: Claimed, *, now: datetime) -> Outcome | None:
    """Why this push must not leave; None when it may.

    The device may have been removed or signed out since, or this is a demo.
    """
    if Workspace.objects.filter(is_demo=True).exists():
        return Outcome("failed", _noop("The demo sends nothing outside."))
    device = _device(message)
    if device is None or not _is_awake(device, now=now):
        return Outcome("failed", _noop("Nobody is signed in on this device any more."))
    if message.attempts > MOST_TRIES:
        return Outcome("failed", _noop("The push service could not take it in time."))
    return None


def transmit(message: Claimed, *, now: datetime) -> Outcome:
    """Seal the push for its browser and hand it over; a browser that is gone is forgotten."""
    device = _device(message)
    if device is None:
        return Outcome("failed", _noop("Nobody is signed in on this device any more."))
    try:
        body = web_push.encrypt(_content(message), to=web_push.Receiver(device.p256dh, device.auth))
        answer = http_client.send(
            "POST", device.endpoint, headers=_headers(device, message, now=now), body=body,
            allow_private=ALLOW_PRIVATE, total_seconds=TOTAL_SECONDS,
            extra_ports=EXTRA_PORTS,
        )  # fmt: skip
    except http_client.NotAllowed as refusal:
        return Outcome("failed", str(refusal))
    except http_client.NoAnswer as silence:
        # It may have arrived; the bell says the same, so nothing is sent twice on a guess.
        return Outcome("unknown", str(silence))
    if answer.status in _GONE:
        device.delete()
    return _outcome(answer.status)


def _outcome(status: int) -> Outcome:
    said = f"The push service answered {status}."
    if 200 <= status <= 299:
        return Outcome("sent")
    if status == 429 or status >= 500:
        return Outcome("retry", said)
    return Outcome("failed", said)


def _headers(device: Device, message: Claimed, *, now: datetime) -> dict[str, str]:
    until_s = clock.micros(now + timedelta(hours=12)) // clock.SECOND
    headers = {
        "Authorization": web_push.authorization(
            device.endpoint, key=web_push.key_from(settings.SECRET_KEY), contact=_contact(),
            until_s=until_s,
        ),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_SECONDS),
        "Urgency": "high",
    }  # fmt: skip
    if message.lead_id is not None:
        # A newer one about the same lead replaces one that has not been fetched.
        headers["Topic"] = message.lead_id.hex
    return headers


def _contact() -> str:
    """Whom the operator of the push service may write to."""
    address = senders.current().from_address
    return f"mailto:{address}" if address else str(settings.ENVIRONMENT.base_url)


def _content(message: Claimed) -> bytes:
    """What the service worker shows: title, words, and where a click leads."""
    path = f"/leads/{message.lead_id}" if message.lead_id else "/today"
    said = {"title": message.subject, "body": message.text[:_LONGEST], "path": path}
    return json.dumps(said, ensure_ascii=False).encode()


def _device(message: Claimed) -> Device | None:
    if message.device_id is None:
        return None
    return Device.objects.filter(pk=message.device_id).first()


def _is_awake(device: Device, *, now: datetime) -> bool:
    return any(each.pk == device.pk for each in devices.awake([device.user_id], now=now))
