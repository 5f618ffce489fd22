"""The owner: claims the workspace once, on the set-up page or by `leadline setup`.

There is exactly one owner, also when two people press the button at the same moment: the database
holds a unique constraint, and whoever comes second is told so.
"""

import hmac
from datetime import datetime
from pathlib import Path

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from leadline.lib import email_address, text
from leadline.workspace import audit, day_offset, reasons
from leadline.workspace.audit import Change
from leadline.workspace.models import Role, User, Workspace


class AlreadyClaimed(Exception):
    """The workspace has an owner. Trying again cannot help; sign in instead."""

    permanent = True

    def __init__(self) -> None:
        super().__init__("This workspace already has an owner.")


class NotAcceptable(ValueError):
    """A value of the claim cannot be taken; `problems` says for each field what is wrong."""

    permanent = True

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {said}" for field, said in problems.items()))
        self.problems = problems


def exists() -> bool:
    """Whether somebody owns the workspace. One query on the unique index of owners."""
    return User.objects.filter(role=Role.OWNER).exists()


def claim(  # one form, its fields
    *,
    email: str,
    password: str,
    name: str = "",
    workspace_name: str,
    time_zone: str = "UTC",
    now: datetime,
    base_url: str | None = None,
    origin: str = audit.COMMAND_LINE.origin,
) -> User:
    """Create the owner and the workspace row; returns the owner.

    One transaction. Raises NotAcceptable (with every problem at once), or AlreadyClaimed when
    there is an owner or somebody else was faster; then nothing is written.
    """
    address = _checked(email, password, workspace_name, time_zone, now)
    if exists():
        raise AlreadyClaimed
    try:
        with transaction.atomic():
            owner = User.objects.create_user(
                address,
                password,
                name=text.clean(name.strip(), max_length=120),
                role=Role.OWNER,
                time_zone=time_zone,
                created_at=now,
            )
            Workspace.objects.get_or_create(
                id=1,
                defaults={
                    "name": text.clean(workspace_name.strip(), max_length=120),
                    "time_zone": time_zone,
                    "day_offset_minutes": day_offset.standard(time_zone, at=now),
                    "created_at": now,
                    **({"base_url": base_url} if base_url else {}),
                },
            )
            opened = Change("workspace.opened", "person", owner.pk, str(owner))
            audit.record(opened, by=audit.by(owner, origin=origin), now=now)
    except IntegrityError as error:
        if exists():
            raise AlreadyClaimed from error
        problem = {"email": _("Somebody already signs in with this address.")}
        raise NotAcceptable(problem) from error
    return owner


def token_matches(given: str, *, file: Path) -> bool:
    """Whether `given` is the token in the file; constant time, False when there is no file."""
    try:
        known = file.read_text().strip()
    except FileNotFoundError:
        return False
    return bool(known) and hmac.compare_digest(given.strip().encode(), known.encode())


def problems(
    *, email: str, password: str, workspace_name: str, time_zone: str, now: datetime
) -> dict[str, str]:
    """What of a claim cannot be taken, by field; {} when all of it can. Asks no database."""
    try:
        _checked(email, password, workspace_name, time_zone, now)
    except NotAcceptable as refusal:
        return refusal.problems
    return {}


def _checked(email: str, password: str, workspace_name: str, time_zone: str, now: datetime) -> str:
    problems: dict[str, str] = {}
    address = ""
    try:
        address = email_address.canonical(email)
    except email_address.NotAnAddress as error:
        problems["email"] = reasons.not_an_address(error)
    try:
        password_validation.validate_password(password, User(email=address))
    except ValidationError as error:
        problems["password"] = " ".join(error.messages)
    if not text.clean(workspace_name).strip():
        problems["workspace_name"] = _("Give the workspace a name, for example your company's.")
    try:
        day_offset.standard(time_zone, at=now)
    except day_offset.NotATimeZone as error:
        problems["time_zone"] = reasons.sentence(error)
    if problems:
        raise NotAcceptable(problems)
    return address
