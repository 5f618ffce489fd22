"""ASGI messages: read a body within bounds, answer, and say what was wrong.

The public endpoints are plain ASGI applications; this is all the framework they have. Errors
are problem documents (RFC 9457).
"""

import asyncio
import re
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from random import getrandbits
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]  # Any: the ASGI specification's own shape
Message = MutableMapping[str, Any]  # Any: the ASGI specification's own shape
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]

JSON: Headers = ((b"content-type", b"application/json"),)
PROBLEM: Headers = (
    (b"content-type", b"application/problem+json"),
    (b"cache-control", b"no-store"),
)
BODY_SECONDS = 30.0
MAX_UNFINISHED_BYTES = 64 * 1024 * 1024
CLOSE: Headers = ((b"connection", b"close"),)
RETRY: Headers = ((b"retry-after", b"2"),)

_REQUEST_ID = re.compile(rb"[A-Za-z0-9-]{1,64}\Z")

_TITLES = {
    400: "The request cannot be read",
    401: "The key is not valid",
    404: "Not found",
    405: "Wrong method",
    408: "The request took too long",
    413: "The request is too large",
    415: "Wrong content type",
    422: "Some fields need attention",
    431: "The headers are too large",
    503: "Not available right now",
}


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with a request: where (JSON pointer) and why."""

    pointer: str
    detail: str


class Refusal(Exception):
    """A request that is answered with a problem document."""

    def __init__(
        self, status: int, detail: str, *, faults: Iterable[Fault] = (), headers: Headers = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = headers


class Gone(Exception):
    """The client went away before its request was complete; nobody is left to answer."""


async def body(receive: Receive, *, limit_bytes: int) -> bytes:
    """The request's body. Refusal 413 before more than the limit is kept, 408 when it dawdles."""
    message = await receive()
    chunk: bytes = message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise Gone
    if not message.get("more_body", False):
        if len(chunk) > limit_bytes:
            raise too_large(limit_bytes)
        return chunk
    try:
        async with asyncio.timeout(BODY_SECONDS):
            with _reading.one() as part:
                return await _rest(chunk, receive, limit_bytes=limit_bytes, part=part)
    except TimeoutError:
        raise Refusal(
            408, f"The body did not arrive within {BODY_SECONDS:.0f} seconds.", headers=CLOSE
        ) from None


class _Part:
    """The bytes that one unfinished body holds."""

    def __init__(self, whole: "_Reading") -> None:
        self.size = 0
        self._whole = whole

    def grow(self, chunk: bytes, *, limit_bytes: int) -> None:
        """Count a chunk in. Refusal 413 for this body, 503 when all together hold too much."""
        self.size += len(chunk)
        self._whole.size += len(chunk)
        if self.size > limit_bytes:
            raise too_large(limit_bytes)
        if self._whole.size > MAX_UNFINISHED_BYTES:
            raise Refusal(503, "Too many large requests at once.", headers=(*CLOSE, *RETRY))


class _Reading:
    """All bodies that are arriving now, so that slow senders together stay within bounds too."""

    def __init__(self) -> None:
        self.size = 0

    @contextmanager
    def one(self) -> Iterator[_Part]:
        part = _Part(self)
        try:
            yield part
        finally:
            self.size -= part.size


_reading = _Reading()


async def _rest(first: bytes, receive: Receive, *, limit_bytes: int, part: _Part) -> bytes:
    part.grow(first, limit_bytes=limit_bytes)
    chunks = [first]
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunks.append(message.get("body", b""))
        part.grow(chunks[-1], limit_bytes=limit_bytes)
        if not message.get("more_body", False):
            return b"".join(chunks)


def inflated(packed: bytes, *, encoding: bytes, limit_bytes: int) -> bytes:
    """The body behind a Content-Encoding, never more than the limit. Refusal otherwise."""
    if encoding.lower() not in (b"gzip", b"x-gzip"):
        raise Refusal(415, "The content encoding must be gzip or absent.")
    reader = zlib.decompressobj(wbits=31)
    try:
        plain = reader.decompress(packed, limit_bytes + 1)
    except zlib.error as error:
        raise Refusal(400, f"The body is not gzip: {error}.") from None
    if len(plain) > limit_bytes:
        raise too_large(limit_bytes)
    if not reader.eof or reader.unused_data:
        raise Refusal(400, "The gzip body is cut off or carries more than one file.")
    return plain


def refuse_declared(headers: dict[bytes, bytes], *, limit_bytes: int) -> None:
    """Refusal 413 from Content-Length alone, before anything is read; 400 when it is no number."""
    declared = headers.get(b"content-length")
    if declared is None:
        return
    if not declared.isdigit():
        raise Refusal(400, "The Content-Length is not a number.", headers=CLOSE)
    if len(declared) > 18 or int(declared) > limit_bytes:
        raise too_large(limit_bytes)


def too_large(limit_bytes: int) -> Refusal:
    """413; the connection is closed, so the rest of the body is not read."""
    return Refusal(413, f"At most {limit_bytes // 1024} KB are accepted here.", headers=CLOSE)


async def respond(send: Send, status: int, content: bytes, *, headers: Headers = ()) -> None:
    """Send one whole answer."""
    length = (b"content-length", str(len(content)).encode())
    await send(
        {"type": "http.response.start", "status": status, "headers": [*headers, length]},
    )
    await send({"type": "http.response.body", "body": content})


async def refuse(send: Send, refusal: Refusal, *, headers: Headers = ()) -> None:
    """Send the refusal as a problem document."""
    await respond(
        send,
        refusal.status,
        problem(refusal),
        headers=[*PROBLEM, *refusal.headers, *headers],
    )


def problem(refusal: Refusal) -> bytes:
    """The document: type, title, status, detail and, for each fault, pointer and detail."""
    return msgspec.json.encode(
        {
            "type": "about:blank",
            "title": _TITLES.get(refusal.status, "The request was refused"),
            "status": refusal.status,
            "detail": refusal.detail,
            "errors": refusal.faults,
        }
    )


def wrong_method(allowed: str) -> Refusal:
    return Refusal(405, f"Only {allowed} works here.", headers=((b"allow", allowed.encode()),))


def request_id(scope: Scope) -> str:
    """The `X-Request-Id` that was sent, if it is one, else a new one.

    By it the caller, a proxy and our logs speak of the same request.
    """
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.match(value):
            return str(value, "ascii")
    return f"{getrandbits(64):016x}"  # a name, not a secret


def named(send: Send, identity: str) -> Send:
    """The same answer with `identity` as its `X-Request-Id`."""

    def naming(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            headers = [*message["headers"], (b"x-request-id", identity.encode("ascii"))]
            message = {**message, "headers": headers}
        return send(message)

    return naming


def without_body(send: Send) -> Send:
    """For HEAD: the same answer, the content left out."""

    async def bare(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return bare


def replay(content: bytes) -> Receive:
    """A `receive` that hands out a body that was read already."""
    waiting = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    return receive
