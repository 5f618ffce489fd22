"""Web push as the browsers define it: a message that only one browser can read, and who sends it.

Encryption by RFC 8291 on RFC 8188 (`aes128gcm`, one record), identification by RFC 8292 (VAPID).
Plain values in and out; nothing here opens a connection. `cryptography` does the arithmetic.
"""

import base64
import json
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

LONGEST = 3_993
"""Bytes of one message: what fits into one record of 4,096 beside its header (RFC 8291, 4)."""

_RECORD = 4_096
_POINT_BYTES, _SECRET_BYTES = 65, 16
# The order of P-256: private keys are the numbers below it, without 0.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
Key = ec.EllipticCurvePrivateKey


class NotAKey(ValueError):
    """What a browser gave as its keys is not a point of P-256 and 16 bytes."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Receiver:
    """The two keys of a browser's subscription, as it gives them: base64url without padding."""

    p256dh: str
    auth: str


def key_from(secret: str) -> Key:
    """The house's signing key, the same for the same secret: nothing more to keep or to lose.

    48 bytes are reduced to the order of the curve, so that no key is likelier than another
    (FIPS 186-5, A.2.1).
    """
    info = b"leadline web push"
    wide = HKDF(hashes.SHA256(), length=48, salt=None, info=info).derive(secret.encode())
    return ec.derive_private_key(int.from_bytes(wide, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def public_text(key: Key) -> str:
    """What pages give to `pushManager.subscribe`: the public point in base64url."""
    return _text(_point(key))


def check(receiver: Receiver) -> None:
    """Raises NotAKey for keys with which nothing could be encrypted."""
    _public(receiver)


def encrypt(
    content: bytes, *, to: Receiver, own: Key | None = None, salt: bytes | None = None
) -> bytes:
    """The body of the request for `to`; `own` and `salt` are new each time, but for tests.

    Raises NotAKey, and ValueError for more than LONGEST bytes.
    """
    if len(content) > LONGEST:
        raise ValueError(f"{len(content)} bytes; one push holds {LONGEST}")
    theirs, secret = _public(to)
    own = own or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(16)
    info = b"WebPush: info\0" + _encoded(theirs) + _point(own)
    shared = own.exchange(ec.ECDH(), theirs)
    material = HKDF(hashes.SHA256(), length=32, salt=secret, info=info).derive(shared)
    seed = HKDF.extract(hashes.SHA256(), salt, material)
    content_key = _expand(seed, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _expand(seed, b"Content-Encoding: nonce\0", 12)
    # 2 ends the last record; there is only this one.
    sealed = AESGCM(content_key).encrypt(nonce, content + b"\2", None)
    return salt + _RECORD.to_bytes(4, "big") + bytes([_POINT_BYTES]) + _point(own) + sealed


def authorization(endpoint: str, *, key: Key, contact: str, until_s: int) -> str:
    """The Authorization header for one push service: who we are, until when (seconds, 1970).

    `contact` is a mailto: or https: address for the operator of the service.
    """
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": until_s, "sub": contact}
    header = {"typ": "JWT", "alg": "ES256"}
    signed = ".".join(_text(json.dumps(each).encode()) for each in (header, claims))
    der = key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    r, s = utils.decode_dss_signature(der)
    token = f"{signed}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return f"vapid t={token}, k={public_text(key)}"


def decoded(text: str) -> bytes:
    """The bytes of base64url text, with or without padding. Raises NotAKey."""
    try:
        return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError as error:
        raise NotAKey("this is not base64url") from error


def _public(receiver: Receiver) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    point, secret = decoded(receiver.p256dh), decoded(receiver.auth)
    if len(point) != _POINT_BYTES or len(secret) != _SECRET_BYTES:
        raise NotAKey(f"{len(point)} and {len(secret)} bytes; 65 and 16 are needed")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point), secret
    except ValueError as error:
        raise NotAKey("the point is not on the curve") from error


def _expand(seed: bytes, info: bytes, length: int) -> bytes:
    return HKDFExpand(hashes.SHA256(), length=length, info=info).derive(seed)


def _point(key: Key) -> bytes:
    return _encoded(key.public_key())


def _encoded(key: ec.EllipticCurvePublicKey) -> bytes:
    form = serialization.PublicFormat.UncompressedPoint
    return key.public_bytes(serialization.Encoding.X962, form)


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
