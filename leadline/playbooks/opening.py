"""Opening a workspace: somebody claims it, the rules come in, the snippet gets its key."""

from datetime import datetime

import msgspec
from django.db import transaction

from leadline.playbooks import parts
from leadline.playbooks.models import AppliedPlaybook
from leadline.workspace import audit, keys, owners
from leadline.workspace.models import ApiKey, User, Workspace, WriteKey

DEFAULT_PLAYBOOK = "b2b-saas"


class Keys(msgspec.Struct, frozen=True):
    """Secrets of the keys that were made just now (None: there were some already).

    The browser key is public and always there.
    """

    write_key: str | None
    browser_key: str
    api_key: str | None


def open_workspace(  # noqa: PLR0913  # the fields of one form
    *,
    email: str,
    password: str,
    name: str,
    workspace_name: str,
    time_zone: str,
    base_url: str,
    now: datetime,
    playbook: str = DEFAULT_PLAYBOOK,
    currency: str = "EUR",
    language: str = "en",
    country: str = "",
    origin: str = audit.COMMAND_LINE.origin,
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
            origin=origin,
            now=now,
        )
        Workspace.objects.update(currency=currency, language=language, country=country)
        owner.language = language
        owner.save(update_fields=["language"])
        parts.apply(playbook, now=now)
        give_browser_key(now=now)
    return owner


def give_rules(*, playbook: str | None = None, now: datetime) -> tuple[str, ...]:
    """Apply the playbook; without a name the default one, unless the workspace has rules already.

    Returns what changed, in sentences. Raises folder.PlaybookError.
    """
    if playbook is None and AppliedPlaybook.objects.exists():
        return ()
    return parts.apply(playbook or DEFAULT_PLAYBOOK, now=now).changes


def give_keys(owner: User, *, wants_new: bool = False, now: datetime) -> Keys:
    """Make a server key, a browser key and an API key of the owner, where there is none.

    With `wants_new` all three are made anew; the old ones go on working until they are revoked.
    """
    write_key, api_key = None, None
    with transaction.atomic():
        browser_key = give_browser_key(wants_new=wants_new, now=now)
        servers = WriteKey.objects.filter(revoked_at=None, kind=WriteKey.Kind.SERVER)
        if wants_new or not servers.exists():
            _, write_key = keys.make_write(name="setup", kind=WriteKey.Kind.SERVER, now=now)
        if wants_new or not ApiKey.objects.filter(revoked_at=None).exists():
            _, api_key = keys.make_api(owner, name="setup", scopes=list(keys.SCOPES), now=now)
    return Keys(write_key, browser_key, api_key)


def give_browser_key(*, wants_new: bool = False, now: datetime) -> str:
    """The public key for web pages, made when there is none: all that the set-up page needs.

    Secrets are for those who run `leadline setup` or `leadline apikey make`: a page would have to
    show them, and a browser remembers pages.
    """
    live = WriteKey.objects.filter(revoked_at=None, kind=WriteKey.Kind.BROWSER)
    found = live.order_by("pk").last()
    if wants_new or found is None:
        found, _ = keys.make_write(name="snippet", kind=WriteKey.Kind.BROWSER, now=now)
    return found.public_text
