"""A push service on loopback and a browser that opens what it holds: the other side of RFC 8291.

Written from the receiver's view, with its own derivations, so that it is no mirror of ours.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from leadline.lib.web_push import Receiver


@dataclass(frozen=True)
class Reader:
    """A browser with a subscription."""

    key: ec.EllipticCurvePrivateKey
    auth: bytes

    @classmethod
    def new(cls) -> "Reader":
        return cls(ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef")

    @property
    def receiver(self) -> Receiver:
        return Receiver(_text(self._point), _text(self.auth))

    @property
    def _point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def open(self, body: bytes) -> bytes:
        """What was sealed for this browser; raises InvalidTag for anybody else's."""
        salt, sender, sealed = body[:16], body[21 : 21 + body[20]], body[21 + body[20] :]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.key.exchange(ec.ECDH(), theirs)
        info = b"WebPush: info\0" + self._point + sender
        material = _hkdf(self.auth, shared, info, 32)
        key = _hkdf(salt, material, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(salt, material, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, sealed, None)
        assert padded.rstrip(b"\0").endswith(b"\2")
        return padded.rstrip(b"\0")[:-1]


@dataclass
class PushService:
    """What the service was given, and what it answers."""

    status: int = 201
    port: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def read(self, reader: Reader) -> list[dict[str, str]]:
        return [json.loads(reader.open(body)) for body in self.bodies]


@contextmanager
def running(service: PushService) -> Iterator[PushService]:
    """Serve on loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            service.headers.append({name.lower(): text for name, text in self.headers.items()})
            service.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(service.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield service
        server.shutdown()


def _hkdf(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    seed = hmac.new(salt, material, hashlib.sha256).digest()
    return hmac.new(seed, info + b"\1", hashlib.sha256).digest()[:length]


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
