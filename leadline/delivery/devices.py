"""The browsers in which people want pushes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction

from leadline.delivery.models import Device
from leadline.lib import web_address

MOST = 20
"""Devices of one person; the oldest make room."""


class NotADevice(ValueError):
    """What a page gave is no subscription that we could send to. Trying again cannot help."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Subscription:
    """What the browser gives: where to send, and the keys to seal with."""

    endpoint: str
    p256dh: str
    auth: str


def public_key() -> str:
    """The house's key for `pushManager.subscribe`; follows from the secret key."""
    from leadline.lib import web_push

    return web_push.public_text(web_push.key_from(settings.SECRET_KEY))


def add(
    subscription: Subscription, *, user_id: UUID, session_key: str, name: str, now: datetime
) -> Device:
    """Send this browser pushes for the person from now on; a second time changes its session.

    A browser in which somebody else has signed in is theirs from then on. Raises NotADevice for
    an address that is not https or keys that are none. Whether the address is a public one is
    checked when it is connected to, each time.
    """
    _check(subscription)
    with transaction.atomic():
        device, _ = Device.objects.update_or_create(
            endpoint=subscription.endpoint,
            defaults={"user_id": user_id, "session_key": session_key, "auth": subscription.auth,
                      "p256dh": subscription.p256dh, "name": name[:80]},
            create_defaults={"endpoint": subscription.endpoint, "user_id": user_id,
                             "session_key": session_key, "auth": subscription.auth,
                             "p256dh": subscription.p256dh, "name": name[:80],
                             "created_at": now},
        )  # fmt: skip
        mine = Device.objects.filter(user_id=user_id).order_by("-id")
        Device.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[MOST:])).delete()
    return device


def of(user_id: UUID) -> list[Device]:
    """The person's devices, the newest first."""
    return list(Device.objects.filter(user_id=user_id).order_by("-id"))


def awake(user_ids: Collection[UUID], *, now: datetime) -> list[Device]:
    """The devices of these people in which they are signed in still. One query."""
    open_sessions = Session.objects.filter(expire_date__gt=now).values("session_key")
    mine = Device.objects.filter(user_id__in=list(user_ids), user__is_active=True)
    return list(mine.filter(session_key__in=open_sessions).select_related("user").order_by("pk"))


def show_names(device_id: int, *, user_id: UUID, is_on: bool) -> bool:
    """Whether pushes on this device say whom they are about; False for another's device."""
    mine = Device.objects.filter(pk=device_id, user_id=user_id)
    return mine.update(shows_names=is_on) == 1


def remove(device_id: int, *, user_id: UUID) -> bool:
    """No more pushes there; False for another's device. Safe to run twice."""
    return Device.objects.filter(pk=device_id, user_id=user_id).delete()[0] > 0


def _check(subscription: Subscription) -> None:
    from leadline.lib import web_push

    parts = web_address.parts(subscription.endpoint)
    if parts is None or parts.scheme != "https" or len(subscription.endpoint) > 1000:
        raise NotADevice("a push goes to an https address")
    try:
        web_push.check(web_push.Receiver(subscription.p256dh, subscription.auth))
    except web_push.NotAKey as problem:
        raise NotADevice(str(problem)) from problem
