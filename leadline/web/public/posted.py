"""What a form post says, from any of the three ways in which it may be written."""

from collections.abc import Mapping
from io import BytesIO
from urllib.parse import parse_qsl

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from leadline.capture import forms
from leadline.lib import asgi, json_text

# Large enough to answer a text of 100 kB with the name of its field.
MAX_READ_BYTES = 256 * 1024
MAX_STORED_BYTES = 64 * 1024

FORM = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data"
JSON = b"application/json"


async def read(headers: dict[bytes, bytes], receive: asgi.Receive) -> dict[str, list[str]]:
    """All values by name, in the order in which they came. Refusal when it cannot be read."""
    kind = media_type(headers)
    if kind not in (FORM, MULTIPART, JSON):
        raise asgi.Refusal(415, "Post the form as a browser does, or as JSON.")
    asgi.refuse_declared(headers, limit_bytes=MAX_READ_BYTES)
    body = await asgi.body(receive, limit_bytes=MAX_READ_BYTES)
    encoding = headers.get(b"content-encoding", b"")
    if encoding and encoding.lower() != b"identity":
        body = asgi.inflated(body, encoding=encoding, limit_bytes=MAX_READ_BYTES)
    if kind == JSON:
        return _from_json(body)
    if kind == MULTIPART:
        return _from_multipart(headers[b"content-type"], body)
    return _from_pairs(body)


def media_type(headers: Mapping[bytes, bytes]) -> bytes:
    """The content type without its parameters, in lower case."""
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower()


def _from_pairs(body: bytes) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(
            body.decode("ascii", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=forms.MAX_FIELDS,
        )
    except ValueError:
        raise _too_many() from None
    posted: dict[str, list[str]] = {}
    for name, value in pairs:
        posted.setdefault(name, []).append(value)
    return posted


def _from_multipart(content_type: bytes, body: bytes) -> dict[str, list[str]]:
    """Fields only: no form takes files yet, so file parts are read over and not kept."""
    meta = {"CONTENT_TYPE": content_type.decode("latin-1"), "CONTENT_LENGTH": str(len(body))}
    if body.count(b"\r\n--") > forms.MAX_FIELDS:
        raise _too_many()
    try:
        parser = MultiPartParser(meta, BytesIO(body), [MemoryFileUploadHandler()], "utf-8")
        fields, _files = parser.parse()
    except (MultiPartParserError, SuspiciousOperation):
        raise asgi.Refusal(400, "The multipart body cannot be read.") from None
    return {name: list(values) for name, values in fields.lists()}


def _from_json(body: bytes) -> dict[str, list[str]]:
    try:
        value = json_text.decode(body, max_depth=8, max_string=MAX_READ_BYTES)
    except json_text.NotJson as error:
        raise asgi.Refusal(
            400, str(error), faults=(asgi.Fault(error.pointer, error.detail),)
        ) from None
    if not isinstance(value, dict):
        raise asgi.Refusal(400, "The body must be an object with the fields of the form.")
    if len(value) > forms.MAX_FIELDS:
        raise _too_many()
    return {name: _texts(name, entry) for name, entry in value.items()}


def _texts(name: str, entry: object) -> list[str]:
    """One value, or a list of them, as texts; Refusal for anything nested."""
    entries = entry if isinstance(entry, list) else [entry]
    if not all(one is None or isinstance(one, str | int | float) for one in entries):
        fault = asgi.Fault(f"/{name}", "must be text, a number, true or false, or a list of them")
        raise asgi.Refusal(422, f"{name}: {fault.detail}", faults=(fault,))
    return [_text(one) for one in entries if one is not None]


def _text(one: object) -> str:
    return ("true" if one else "false") if isinstance(one, bool) else str(one)


def _too_many() -> asgi.Refusal:
    return asgi.Refusal(400, f"A form has at most {forms.MAX_FIELDS} fields.")
