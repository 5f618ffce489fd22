"""The Segment HTTP API: what a request may look like, checked before it is stored.

Source of the format: Segment's public specification (routes, fields, limits). Beyond it, JSON
is read strictly (`lib.json_text`) and each item of a batch gets its own answer, also one that is
no JSON, as long as it is clear where it ends. Top-level names that the specification does not
know are tolerated and kept.

Nothing is looked up and nothing is translated here; `unpack` does that later.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

import msgspec

from leadline.lib import clock, json_pieces, json_text, text

MAX_EVENT_BYTES = 32 * 1024
# So much of an event that is too large is read that its longest member can be named.
MAX_NAMED_BYTES = 4 * MAX_EVENT_BYTES
MAX_BATCH_BYTES = 500 * 1024
MAX_BATCH_EVENTS = 2_500
MAX_MESSAGE_ID = 100
MAX_IDENTIFIER = 255
MAX_NAME = 120

KINDS = frozenset({"identify", "track", "page", "screen", "group", "alias"})

_outer = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])
encode = msgspec.json.Encoder().encode


class Rejected(ValueError):
    """An event or request that is not accepted. `pointer` names the place (RFC 6901)."""

    permanent = True

    def __init__(self, pointer: str, detail: str, *, is_too_large: bool = False) -> None:
        super().__init__(f"{pointer}: {detail}" if pointer else detail)
        self.pointer = pointer
        self.detail = detail
        self.is_too_large = is_too_large


class Result(msgspec.Struct, frozen=True, rename="camel"):
    """What happened to one item of a batch."""

    message_id: str
    status: str
    error: str | None = None


class Request(msgspec.Struct, frozen=True):
    """A checked request: the body as it will be stored, without the write key."""

    body: bytes
    write_key: str | None
    is_history: bool
    # One per item of a batch; None for a single event.
    results: tuple[Result, ...] | None = None
    rejected: tuple[int, ...] = ()

    @property
    def accepted_count(self) -> int:
        return 1 if self.results is None else len(self.results) - len(self.rejected)


def read(body: bytes, *, route: str, received_us: int) -> Request:
    """Check a body for `route` (a kind or "batch"). Raises Rejected when nothing can be kept."""
    return _batch(body, received_us=received_us) if route == "batch" else _single(body, route)


def message_id(item: bytes, *, received_us: int, index: int) -> str:
    """The id of an item that came without one: always the same for the same inbox row."""
    digest = hashlib.blake2b(item, digest_size=16, salt=b"leadline-item")
    digest.update(b"%d %d" % (received_us, index))
    return "auto-" + digest.hexdigest()


def instant_us(text: str) -> int:
    """An ISO 8601 time in microseconds since 1970 UTC. Raises clock.NotATime."""
    if text[4:5] == "-" == text[7:8] and text[10:11] == "T" and text.isascii():
        try:
            # 15 times as fast as the strict reader, which decides whenever this one refuses.
            instant = datetime.fromisoformat(text)
            if instant.tzinfo is not None:
                return clock.micros(instant)
        except ValueError:
            pass
    return clock.micros(clock.parse_iso(text))


def _single(body: bytes, kind: str) -> Request:
    item = _object(body)
    check(item, kind=kind)
    key = _write_key(item)
    if key is not None:
        del item["writeKey"]
        body = encode(item)
    return Request(body, key, item.get("history") is True)


def _batch(body: bytes, *, received_us: int) -> Request:
    if len(body) > MAX_BATCH_BYTES:
        raise Rejected("", _at_most(MAX_BATCH_BYTES), is_too_large=True)
    outer = _members(body)
    around = {name: _value(raw, name) for name, raw in outer.items() if name != "batch"}
    for name in ("sentAt", "history", "messageId"):
        if name in around:
            _SHAPES[name](name, around[name])
    key = _write_key(around)
    items = _items(outer.get("batch"))
    results, rejected = _answers(items, received_us=received_us)
    if rejected:
        # What was refused may be no JSON: whoever reads the stored body would stumble over it.
        outer["batch"] = msgspec.Raw(encode(_without(items, rejected)))
    if key is not None:
        del outer["writeKey"]
    if rejected or key is not None:
        body = encode(outer)
    return Request(body, key, around.get("history") is True, results, rejected)


def _answers(
    items: list[msgspec.Raw], *, received_us: int
) -> tuple[tuple[Result, ...], tuple[int, ...]]:
    results: list[Result] = []
    rejected: list[int] = []
    for index, raw in enumerate(items):
        item = bytes(raw)
        named = ""
        try:
            value = _object(item)
            named = given_id(value)
            check(value, kind=_kind(value))
            results.append(
                Result(named or message_id(item, received_us=received_us, index=index), "accepted")
            )
        except Rejected as error:
            rejected.append(index)
            text = f"/batch/{index}{error.pointer}: {error.detail}"
            results.append(Result(named, "rejected", text))
    return tuple(results), tuple(rejected)


def _without(items: list[msgspec.Raw], rejected: tuple[int, ...]) -> list[msgspec.Raw | None]:
    """The items with null in place of the rejected ones, so that each keeps its index."""
    refused = frozenset(rejected)
    return [None if index in refused else item for index, item in enumerate(items)]


def given_id(item: dict[str, object]) -> str:
    """The item's own message id, or "" when it has none that can be used."""
    given = item.get("messageId")
    return given if type(given) is str and len(given) <= MAX_MESSAGE_ID else ""


def too_large(body: bytes, limit_bytes: int) -> Rejected:
    """The refusal of an event that is too large; it names the longest member, if there is one."""
    pointer = json_pieces.longest(body)
    detail = f"is the longest part of an event; it {_at_most(limit_bytes)} in all"
    return Rejected(pointer, detail if pointer else _at_most(limit_bytes), is_too_large=True)


def _object(body: bytes) -> dict[str, object]:
    if len(body) > MAX_EVENT_BYTES:
        raise too_large(body, MAX_EVENT_BYTES)
    try:
        value = json_text.decode(body)
    except json_text.NotJson as error:
        raise Rejected(error.pointer, error.detail) from None
    if type(value) is not dict:
        raise Rejected("", "must be an object")
    return value


def _members(body: bytes) -> dict[str, msgspec.Raw]:
    """The top-level members of a batch, undecoded, each name once."""
    try:
        outer = _outer.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        outer = None
    # A member that was dropped because its name came twice takes quotation marks with it.
    if outer is None or body.count(b'"') != sum(
        2 + name.count('"') + bytes(raw).count(b'"') for name, raw in outer.items()
    ):
        return _members_apart(body)
    return outer


def _members_apart(body: bytes) -> dict[str, msgspec.Raw]:
    """The members of a body that cannot be read as a whole, if it is clear where each ends."""
    try:
        return {name: msgspec.Raw(raw) for name, raw in json_pieces.members(body).items()}
    except json_pieces.NotTakenApart:
        pass
    try:
        json_text.decode(body, max_keys=MAX_BATCH_BYTES)
    except json_text.NotJson as error:
        raise Rejected(error.pointer, error.detail) from None
    raise Rejected("", "must be an object with a list named batch")


def _value(raw: msgspec.Raw, name: str) -> object:
    try:
        return json_text.decode(bytes(raw))
    except json_text.NotJson as error:
        raise Rejected(f"/{name}{error.pointer}", error.detail) from None


def _items(raw: msgspec.Raw | None) -> list[msgspec.Raw]:
    if raw is None:
        raise Rejected("/batch", "must be a list of events")
    try:
        items = _list.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        items = _items_apart(raw)
    if len(items) > MAX_BATCH_EVENTS:
        raise Rejected("/batch", f"must have at most {MAX_BATCH_EVENTS} events")
    return items


def _items_apart(raw: msgspec.Raw) -> list[msgspec.Raw]:
    """The items of a list of which one cannot be read, if it is clear where each ends."""
    try:
        return [msgspec.Raw(each) for each in json_pieces.elements(bytes(raw))]
    except json_pieces.NotTakenApart:
        _value(raw, "batch")
        raise Rejected("/batch", "must be a list of events") from None


def _write_key(item: dict[str, object]) -> str | None:
    key = item.get("writeKey")
    if key is None or type(key) is str:
        return key
    raise Rejected("/writeKey", "must be text")


def _kind(item: dict[str, object]) -> str:
    kind = item.get("type")
    if type(kind) is str and kind in KINDS:
        return kind
    raise Rejected("/type", "must be one of " + ", ".join(sorted(KINDS)))


def check(item: dict[str, object], *, kind: str) -> None:
    """Raise Rejected when a known field has the wrong type or a needed one is missing."""
    shapes = _SHAPES
    for name, value in item.items():
        shape = shapes.get(name)
        if shape is not None and value is not None:
            shape(name, value)
    needed = _NEEDED.get(kind)
    if needed is not None and not item.get(needed):
        raise Rejected(f"/{needed}", f"{kind} needs it")
    if not (_names(item.get("userId")) or _names(item.get("anonymousId"))):
        raise Rejected("/userId", "no_user_anon_id: give userId or anonymousId")


def _names(value: object) -> bool:
    """Whether something is left of an identifier when it is read: marks and spaces name nobody."""
    if type(value) is not str:
        return bool(value)
    if value.isascii() and value.isprintable():
        return value != "" and not value.isspace()
    return bool(text.clean(value).strip())


def _at_most(size: int) -> str:
    return f"must have at most {size // 1024} KB"


def _text(limit: int) -> Callable[[str, object], None]:
    def shape(name: str, value: object) -> None:
        if type(value) is not str or len(value) > limit:
            raise Rejected(f"/{name}", f"must be text of at most {limit} characters")

    return shape


def _identifier(name: str, value: object) -> None:
    # Numbers are what several server libraries send for a user id.
    if type(value) is str and len(value) <= MAX_IDENTIFIER:
        return
    if type(value) is not int:
        raise Rejected(f"/{name}", f"must be text of at most {MAX_IDENTIFIER} characters")


def _mapping(name: str, value: object) -> None:
    if type(value) is not dict:
        raise Rejected(f"/{name}", "must be an object")


def _time(name: str, value: object) -> None:
    try:
        instant_us(value)  # type: ignore[arg-type]  # anything but text is refused below
    except (clock.NotATime, TypeError):
        raise Rejected(f"/{name}", "must be a time such as 2026-03-14T09:30:00Z") from None


def _truth(name: str, value: object) -> None:
    if type(value) is not bool:
        raise Rejected(f"/{name}", "must be true or false")


_SHAPES: dict[str, Callable[[str, object], None]] = {
    "messageId": _text(MAX_MESSAGE_ID),
    "userId": _identifier,
    "anonymousId": _identifier,
    "previousId": _identifier,
    "groupId": _identifier,
    "event": _text(MAX_NAME),
    "name": _text(MAX_NAME),
    "category": _text(MAX_NAME),
    "type": _text(20),
    "traits": _mapping,
    "properties": _mapping,
    "context": _mapping,
    "integrations": _mapping,
    "timestamp": _time,
    "originalTimestamp": _time,
    "sentAt": _time,
    "history": _truth,
}
_NEEDED = {"track": "event", "group": "groupId", "alias": "previousId"}
