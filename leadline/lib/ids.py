"""Ids and random tokens, drawn from the operating system's randomness, and ids as stored."""

import secrets
import uuid
from functools import lru_cache

from uuid_utils import compat


def uuid7() -> uuid.UUID:
    """A new UUIDv7 as the standard library's class: sorts by creation, so inserts stay local."""
    return compat.uuid7()


def token(nbytes: int = 24) -> str:
    """An unguessable URL-safe text of `nbytes` random bytes (24 give 32 characters)."""
    return secrets.token_urlsafe(nbytes)


def as_uuid(stored: uuid.UUID | str) -> uuid.UUID:
    """An id as raw SQL gives it: SQLite keeps 32 hex digits, PostgreSQL gives a UUID."""
    return stored if isinstance(stored, uuid.UUID) else _parsed(stored)


@lru_cache(maxsize=8_192)
def _parsed(digits: str) -> uuid.UUID:
    # A pass meets the id of each of its leads about ten times.
    return uuid.UUID(hex=digits)
