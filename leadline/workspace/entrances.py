"""A one-time entrance for the owner of a workspace that has just been opened from elsewhere."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from leadline.lib import clock, ids, secret_hash
from leadline.workspace.models import Role, User, Workspace

LASTS = timedelta(minutes=15)


def give(*, now: datetime) -> str:
    """A secret that lets its bearer in as the owner, once, within 15 minutes; the last one counts.

    Only its hash is kept.
    """
    secret = ids.token()
    _note({"digest": secret_hash.digest(secret), "until_us": clock.micros(now + LASTS)})
    return secret


def take(secret: str, *, now: datetime) -> User | None:
    """The owner, when the secret is right and in time; then it is used up. Else None."""
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().filter(id=1).first()
        kept = workspace.notes.get("entrance") if workspace else None
        if not kept or kept["until_us"] < clock.micros(now):
            return None
        if not secret_hash.matches(secret, kept["digest"]):
            return None
        _note(None)
        return User.objects.filter(role=Role.OWNER, is_active=True).first()


def _note(entrance: dict[str, Any] | None) -> None:
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get()
        notes: dict[str, Any] = workspace.notes  # JSON
        notes.pop("entrance", None)
        if entrance:
            notes["entrance"] = entrance
        workspace.notes = notes
        workspace.save(update_fields=["notes"])
