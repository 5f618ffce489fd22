"""The one signer for values that leave the house and come back: links, cookies, form tokens.

A token is `base64url(JSON).base64url(HMAC-SHA256)`. Its purpose is signed but not carried, so
a token made for one purpose is worthless for another. The payload is readable by whoever holds
the token: put ids in, never secrets or personal data.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from leadline.lib import clock

MAX_TOKEN = 4_096


class InvalidToken(ValueError):
    """A token that is not ours, not for this purpose, altered or expired. Never says which to
    strangers: show one neutral page. `reason` is for our log."""

    permanent = True

    def __init__(self, reason: str) -> None:
        super().__init__("The link is not valid.")
        self.reason = reason


def sign(
    payload: Mapping[str, object], *, purpose: str, key: bytes | str, expires_at: datetime | None
) -> str:
    """A URL-safe token that carries `payload` until `expires_at` (None: for ever).

    The payload must be plain JSON values. The same input gives the same token.
    """
    until = clock.micros(expires_at) if expires_at else None
    body = _encode(msgspec.json.encode({"p": payload, "x": until}, order="deterministic"))
    return f"{body}.{_encode(_mac(body, purpose=purpose, key=key))}"


def read(
    token: str, *, purpose: str, keys: Sequence[bytes | str], now: datetime
) -> dict[str, object]:
    """The payload of a token signed for `purpose` with one of `keys` and not expired at `now`.

    Keys rotate by putting the new one first and keeping the old one for a while. Raises
    InvalidToken, also when there are no keys. Comparison takes the same time for every input.
    """
    if not isinstance(token, str) or len(token) > MAX_TOKEN or not token.isascii():
        raise InvalidToken("malformed")
    body, dot, signature = token.partition(".")
    given = _decode(signature) if dot else b""
    matches = [hmac.compare_digest(given, _mac(body, purpose=purpose, key=key)) for key in keys]
    if not any(matches):
        raise InvalidToken("signature")
    claims = msgspec.json.decode(_decode(body))
    if claims["x"] is not None and clock.micros(now) >= claims["x"]:
        raise InvalidToken("expired")
    payload: dict[str, object] = claims["p"]
    return payload


def _mac(body: str, *, purpose: str, key: bytes | str) -> bytes:
    secret = key.encode() if isinstance(key, str) else key
    if not secret:
        raise ValueError("the signing key is empty")
    # The length in front keeps (purpose, body) from being read as another pair.
    message = f"{len(purpose)}:{purpose}:{body}".encode()
    return hmac.new(secret, message, hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidToken("malformed") from None
    # Base64 ignores spare bits at the end; only the one spelling that we write is ours.
    if _encode(raw) != text:
        raise InvalidToken("malformed")
    return raw
