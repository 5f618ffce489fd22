"""Short secrets that rest in the database and are read again: encrypted with the house's key.

The key is made from the secret key for one purpose, so that what is sealed for one is worthless
for another. Whoever has the database without the secret key reads nothing.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_MARK = "sealed:"


class CannotOpen(ValueError):
    """The text was not sealed with any of the keys, or was altered. Trying again cannot help."""

    permanent = True

    def __init__(self) -> None:
        super().__init__("The secret cannot be opened: it was sealed with another secret key.")


def seal(text: str, *, purpose: str, keys: Sequence[str]) -> str:
    """The text encrypted with the first key; every call gives another result."""
    return _MARK + _cipher(purpose, keys).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str, *, purpose: str, keys: Sequence[str]) -> str:
    """What was sealed with one of the keys. Raises CannotOpen."""
    if not is_sealed(sealed):
        raise CannotOpen
    try:
        return _cipher(purpose, keys).decrypt(sealed.removeprefix(_MARK)).decode()
    except InvalidToken:
        raise CannotOpen from None


def is_sealed(text: str) -> bool:
    return text.startswith(_MARK)


def _cipher(purpose: str, keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key, purpose)) for key in keys])


def _derived(key: str, purpose: str) -> bytes:
    digest = hmac.new(key.encode(), f"leadline.sealed:{purpose}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest.digest())
