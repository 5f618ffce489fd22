"""Hashes of secrets and of identifiers that outlive their owner's data.

API and write keys are random with at least 128 bits, so one SHA-256 is enough and fast;
passwords are not for here (Django hashes those with argon2). Identifiers such as addresses can
be guessed, so they are only ever hashed with the pepper as a key.
"""

import hashlib
import hmac


def digest(secret: str) -> str:
    """SHA-256 of a high-entropy secret, 64 hex digits."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def matches(secret: str, stored: str) -> bool:
    """Whether `stored` is the digest of `secret`; constant time. An empty digest never matches."""
    return bool(stored) and hmac.compare_digest(digest(secret).encode(), stored.encode())


def keyed(value: str, pepper: bytes | str) -> str:
    """HMAC-SHA256 of a canonical value, 64 hex digits: remembers an erased person's opt-out.

    Raises ValueError without a pepper: an unkeyed hash of an address can be reversed by trying.
    """
    key = pepper.encode("utf-8") if isinstance(pepper, str) else pepper
    if not key:
        raise ValueError("the pepper is empty")
    return hmac.new(key, value.encode("utf-8"), hashlib.sha256).hexdigest()
