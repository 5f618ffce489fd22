"""Ids and random tokens. Both functions draw from the operating system's randomness."""

import secrets
import uuid

from uuid_utils import compat


def uuid7() -> uuid.UUID:
    """A new UUIDv7 as the standard library's class: sorts by creation, so inserts stay local."""
    return compat.uuid7()


def token(nbytes: int = 24) -> str:
    """An unguessable URL-safe text of `nbytes` random bytes (24 give 32 characters)."""
    return secrets.token_urlsafe(nbytes)
