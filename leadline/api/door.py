"""`/v1/…`: the Segment HTTP API in front of the inbox.

Plain ASGI, no framework, no database on the event loop. A request is answered with 2xx after
its row is on stable storage, and not before. Everything else is a problem document.
"""

import binascii
import time
from base64 import b64decode
from collections.abc import Callable

import msgspec

from leadline.capture import counter, definitions, inbox, segment
from leadline.lib import asgi

ROUTES = {
    f"/v1/{name}": route
    for route, names in {
        "identify": ("identify", "i"),
        "track": ("track", "t"),
        "page": ("page", "p"),
        "screen": ("screen", "s"),
        "group": ("group", "g"),
        "alias": ("alias", "a"),
        "batch": ("batch", "b", "import"),
        "count": ("count",),
    }.items()
    for name in names
}

# Any site may send with its own key; nothing is readable and no cookie is ever looked at.
CORS: asgi.Headers = ((b"access-control-allow-origin", b"*"),)
_PREFLIGHT: asgi.Headers = (
    *CORS,
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding"),
    (b"access-control-max-age", b"86400"),
)
_CHALLENGE: asgi.Headers = ((b"www-authenticate", b"Bearer"),)
_ANSWER_HEADERS: asgi.Headers = (*asgi.JSON, *CORS)

_SUCCESS = b'{"success":true}'
_SUCCESS_START: asgi.Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [*_ANSWER_HEADERS, (b"content-length", str(len(_SUCCESS)).encode())],
}
_SUCCESS_BODY: asgi.Message = {"type": "http.response.body", "body": _SUCCESS}

# sendBeacon sends text/plain, because anything else asks for a preflight it cannot make.
_JSON_TYPES = frozenset({b"", b"application/json", b"text/plain"})
_MAX_REMEMBERED = 10_000

_encode = msgspec.json.Encoder().encode


class Door:
    """The ASGI application of `/v1`. `known()` gives the definitions as of now."""

    def __init__(
        self, writer: inbox.Writer, *, known: Callable[[], definitions.Definitions]
    ) -> None:
        self._writer = writer
        self._known = known
        self._remembered: dict[bytes, definitions.Key] = {}
        self._remembered_of: definitions.Definitions | None = None
        # Read by /metrics; written on the event loop only.
        self.accepted_count = 0
        self.rejected_count = 0
        self.refused_count = 0

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        try:
            if scope["method"] != "POST":
                await _other_method(scope["method"], send)
                return
            results = await self._accept(scope, receive)
        except asgi.Refusal as refusal:
            self.refused_count += 1
            await asgi.refuse(send, refusal, headers=CORS)
        except asgi.Gone:
            return
        else:
            if results is None:
                await send(_SUCCESS_START)
                await send(_SUCCESS_BODY)
            else:
                content = _encode({"success": True, "results": results})
                await asgi.respond(send, 200, content, headers=_ANSWER_HEADERS)

    async def _accept(
        self, scope: asgi.Scope, receive: asgi.Receive
    ) -> tuple[segment.Result, ...] | None:
        """Store the request; the results of a batch, None for a single event."""
        route = ROUTES.get(scope["path"])
        if route is None:
            raise asgi.Refusal(404, "There is no such route; see /v1/track and /v1/batch.")
        headers = dict(scope["headers"])
        key = self._key_of_header(headers.get(b"authorization", b""))
        is_batch = route == "batch"
        limit_bytes = segment.MAX_BATCH_BYTES
        if not is_batch:
            # A length that was declared may be read on, to name the member that is too long.
            is_declared = b"content-length" in headers
            limit_bytes = segment.MAX_NAMED_BYTES if is_declared else segment.MAX_EVENT_BYTES
        body = await _body(headers, receive, limit_bytes=limit_bytes)
        received_us = time.time_ns() // 1_000
        request = _checked(body, route=route, received_us=received_us)
        key = key or self._key_of_body(request.write_key)
        if request.accepted_count:
            await self._store(request, route=route, key=key, received_us=received_us)
        self.accepted_count += request.accepted_count
        self.rejected_count += len(request.rejected)
        return request.results

    async def _store(
        self, request: segment.Request, *, route: str, key: definitions.Key, received_us: int
    ) -> None:
        meta = "{}"
        if request.rejected:
            meta = _encode({"rejected": request.rejected}).decode()
        draft = inbox.Draft(
            received_us,
            key.source,
            route,
            int(key.is_trusted),
            int(request.is_history and key.is_trusted),
            meta,
            request.body,
        )
        try:
            await self._writer.append(draft)
        except inbox.InboxUnavailable:
            raise _unavailable() from None

    def _key_of_header(self, header: bytes) -> definitions.Key | None:
        """The key of an Authorization header, None without one. Refusal 401 for a wrong one."""
        known = self._definitions()
        if known is not self._remembered_of or len(self._remembered) > _MAX_REMEMBERED:
            self._remembered, self._remembered_of = {}, known
        key = self._remembered.get(header)
        if key is not None:
            return key
        secret = _secret(header)
        if not secret:
            return None
        key = known.key(secret)
        if key is None:
            raise _wrong_key()
        self._remembered[header] = key
        return key

    def _key_of_body(self, secret: str | None) -> definitions.Key:
        key = self._definitions().key(secret) if secret else None
        if key is None:
            raise _wrong_key()
        return key

    def _definitions(self) -> definitions.Definitions:
        try:
            return self._known()
        except definitions.DefinitionsUnavailable:
            raise _unavailable() from None


async def _other_method(method: str, send: asgi.Send) -> None:
    if method != "OPTIONS":
        raise asgi.wrong_method("POST, OPTIONS")
    await asgi.respond(send, 204, b"", headers=_PREFLIGHT)


async def _body(headers: dict[bytes, bytes], receive: asgi.Receive, *, limit_bytes: int) -> bytes:
    kind = headers.get(b"content-type", b"")
    if kind != b"application/json" and _media_type(kind) not in _JSON_TYPES:
        raise asgi.Refusal(415, "Send JSON with Content-Type: application/json.")
    asgi.refuse_declared(headers, limit_bytes=limit_bytes)
    body = await asgi.body(receive, limit_bytes=limit_bytes)
    encoding = headers.get(b"content-encoding", b"")
    if encoding and encoding.lower() != b"identity":
        return asgi.inflated(body, encoding=encoding, limit_bytes=limit_bytes)
    return body


def _media_type(header: bytes) -> bytes:
    return header.partition(b";")[0].strip().lower()


def _checked(body: bytes, *, route: str, received_us: int) -> segment.Request:
    try:
        if route == "count":
            return counter.read(body)
        return segment.read(body, route=route, received_us=received_us)
    except segment.Rejected as error:
        status = 413 if error.is_too_large else 400
        fault = asgi.Fault(error.pointer, error.detail)
        raise asgi.Refusal(status, str(error), faults=(fault,)) from None


def _secret(header: bytes) -> str:
    """The key in "Basic base64(key:)" or "Bearer key"; "" when there is none to be read."""
    scheme, _, value = header.partition(b" ")
    scheme, value = scheme.lower(), value.strip()
    try:
        if scheme == b"basic":
            return b64decode(value, validate=True).partition(b":")[0].decode()
        if scheme == b"bearer":
            return value.decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _wrong_key() from None
    if header:
        raise _wrong_key()
    return ""


def _wrong_key() -> asgi.Refusal:
    return asgi.Refusal(
        401,
        "The write key is missing, wrong or revoked. Send it as Basic user name, as Bearer token"
        " or as writeKey in the body.",
        faults=(asgi.Fault("/writeKey", "is not a valid write key"),),
        headers=_CHALLENGE,
    )


def _unavailable() -> asgi.Refusal:
    return asgi.Refusal(
        503,
        "Nothing can be stored right now; what was accepted before is safe. Send it again.",
        headers=asgi.RETRY,
    )
