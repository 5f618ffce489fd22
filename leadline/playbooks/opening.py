"""Opening a workspace: somebody claims it, the rules come in, the snippet gets its key."""

from datetime import datetime

from django.db import transaction

from leadline.playbooks import parts
from leadline.workspace import keys, owners
from leadline.workspace.models import User, WriteKey

DEFAULT_PLAYBOOK = "b2b-saas"


def open_workspace(  # the fields of one form
    *,
    email: str,
    password: str,
    name: str,
    workspace_name: str,
    time_zone: str,
    base_url: str,
    now: datetime,
    playbook: str = DEFAULT_PLAYBOOK,
) -> User:
    """Create the owner, apply the playbook, make a browser key; all or nothing.

    Raises owners.NotAcceptable, owners.AlreadyClaimed, folder.PlaybookError.
    """
    with transaction.atomic():
        owner = owners.claim(
            email=email,
            password=password,
            name=name,
            workspace_name=workspace_name,
            time_zone=time_zone,
            base_url=base_url,
            now=now,
        )
        parts.apply(playbook, now=now)
        if not WriteKey.objects.filter(kind=WriteKey.Kind.BROWSER, revoked_at=None).exists():
            keys.make_write(name="snippet", kind=WriteKey.Kind.BROWSER, now=now)
    return owner
