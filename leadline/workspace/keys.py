"""API keys (`/api/v1`) and write keys (`/v1`): made, found by their secret, revoked.

A secret is shown once, when the key is made; only its hash is kept. It has 192 random bits, so a
plain SHA-256 is enough and a key is found by one look-up of a unique index.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db import OperationalError, connection
from django.db.models import Q

from leadline.lib import ids, secret_hash
from leadline.workspace.models import ApiKey, User, WriteKey

SCOPES = (
    "leads:read", "leads:write", "sensitive:read", "fields:write", "rules:write", "ingest", "admin",
)  # fmt: skip
SEEN_EVERY = timedelta(minutes=1)
_LONGEST_SECRET = 200


class UnknownScope(ValueError):
    """A scope that does not exist, or that the maker of the key does not have."""

    permanent = True


def make_api(
    user: User,
    *,
    name: str,
    scopes: list[str],
    now: datetime,
    granted: list[str] | None = None,
) -> tuple[ApiKey, str]:
    """A new API key that acts as `user`; returns (key, secret). The secret is shown only here.

    `granted` are the scopes of whoever makes the key through another key: a key never makes a
    wider one. Raises UnknownScope.
    """
    allowed = SCOPES if granted is None or "admin" in granted else granted
    refused = sorted(set(scopes) - set(allowed))
    if refused or not scopes:
        raise UnknownScope(f"{', '.join(refused) or 'no scope'}: choose among {', '.join(allowed)}")
    secret = "ll_api_" + ids.token()
    key = ApiKey.objects.create(
        name=name,
        prefix=secret[:12],
        secret_hash=secret_hash.digest(secret),
        scopes=sorted(set(scopes), key=SCOPES.index),
        user=user,
        created_at=now,
    )
    return key, secret


def find_api(secret: str, *, now: datetime) -> ApiKey | None:
    """The live key with this secret and its user, or None (unknown, revoked, user inactive).

    Notes the use at most once a minute, by one conditional UPDATE; not while somebody else is
    writing to SQLite, so that reading never waits for that.
    """
    if not 0 < len(secret) <= _LONGEST_SECRET:
        return None
    digest = secret_hash.digest(secret)
    live = ApiKey.objects.filter(revoked_at=None, user__is_active=True)
    key = live.select_related("user", "user__team").filter(secret_hash=digest).first()
    if key is None or not secret_hash.matches(secret, key.secret_hash):
        return None
    if key.last_used_at is None or key.last_used_at <= now - SEEN_EVERY:
        _note_use(key, now=now)
    return key


def _note_use(key: ApiKey, *, now: datetime) -> None:
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - SEEN_EVERY)
    with _one_try(), suppress(OperationalError):
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


@contextmanager
def _one_try() -> Iterator[None]:
    """A locked SQLite file is an error at once; PostgreSQL locks rows, and those briefly."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (patience_ms,) = cursor.fetchone()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience_ms}")


def make_write(*, name: str, kind: WriteKey.Kind, now: datetime) -> tuple[WriteKey, str]:
    """A new write key; returns (key, secret). A browser key stays readable, it is public."""
    secret = f"ll_{'pub' if kind == WriteKey.Kind.BROWSER else 'srv'}_{ids.token()}"
    key = WriteKey.objects.create(
        name=name,
        kind=kind,
        secret_hash=secret_hash.digest(secret),
        public_text=secret if kind == WriteKey.Kind.BROWSER else "",
        created_at=now,
    )
    return key, secret


def find_write(secret: str) -> WriteKey | None:
    """The live write key with this secret, or None."""
    if not 0 < len(secret) <= _LONGEST_SECRET:
        return None
    digest = secret_hash.digest(secret)
    key = WriteKey.objects.filter(revoked_at=None, secret_hash=digest).first()
    return key if key is not None and secret_hash.matches(secret, key.secret_hash) else None


def revoke(key: ApiKey | WriteKey, *, now: datetime) -> bool:
    """End a key at once; False when it was revoked before (the first instant stays)."""
    rows = type(key)._default_manager.filter(pk=key.pk, revoked_at=None)
    return bool(rows.update(revoked_at=now))
