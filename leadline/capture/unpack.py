"""Inbox rows into submissions: one shape for everything that arrived.

Nothing is looked up and nothing is refused any more; the door has checked it. What a sender
wrote in a way that cannot be read is named in `problems` and stays in `raw`. A row that cannot
be unpacked at all is a fault of ours: NotUnpackable, and the worker parks the row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from leadline.capture import arrival, segment, traits
from leadline.capture.inbox import Row
from leadline.capture.submission import ConsentClaim, Submission
from leadline.lib import clock, text

OUT_OF_RANGE = "time_out_of_range"
SUSPECTED_SPAM = "suspected_spam"
PAST_US = 7 * clock.DAY
FUTURE_US = 10 * clock.MINUTE
# Years 1 to 9999, what a datetime can hold.
_FIRST_US, _LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999
MAX_PROPERTIES = 200
MAX_TEXT = 2_000
MAX_NAME = 100

Json = dict[str, Any]  # a decoded object of a stranger

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_outer = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])

_NAMES = {
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "identify": "Identified",
    "group": "Group Identified",
    "alias": "Alias",
}


class NotUnpackable(ValueError):
    """A row that is not what its route says. Trying again cannot help."""

    permanent = True


class Counted(msgspec.Struct, frozen=True):
    """One anonymous count: somebody who did not agree to be recognised saw a page."""

    received_us: int
    name: str
    host: str
    path: str
    referrer: str


class Times(msgspec.Struct, frozen=True):
    """When an item happened, for which day it is remembered, and what is wrong with the time."""

    occurred_us: int
    seen_day: int
    flag: str = ""


def unpack(rows: Sequence[Row]) -> list[Submission]:
    """The submissions of the rows, in the order of the inbox; counts give none.

    Raises NotUnpackable with the id of the row that is to blame.
    """
    submissions: list[Submission] = []
    for row in rows:
        try:
            submissions += _ROUTES.get(row.route, _single)(row)
        except (msgspec.MsgspecError, UnicodeDecodeError, LookupError, TypeError) as error:
            raise NotUnpackable(f"inbox row {row.id} ({row.route}): {error}") from error
    return submissions


def counted(rows: Sequence[Row]) -> list[Counted]:
    """The anonymous counts among the rows."""
    return [Counted(row.received_us, **_decode(row.body)) for row in rows if row.route == "count"]


def _single(row: Row) -> Iterator[Submission]:
    yield _event(_decode(row.body), row.body, row=row, kind=row.route, index=0, around={})


def _batch(row: Row) -> Iterator[Submission]:
    outer = _outer.decode(row.body)
    around: Json = {name: _decode(raw) for name, raw in outer.items() if name != "batch"}
    rejected = frozenset(_decode(row.meta).get("rejected", ()))
    for index, raw in enumerate(_list.decode(outer["batch"])):
        if index not in rejected:
            body = bytes(raw)
            item = _decode(body)
            yield _event(item, body, row=row, kind=item["type"], index=index, around=around)


def _nothing(row: Row) -> Iterator[Submission]:
    return iter(())


def _event(item: Json, body: bytes, *, row: Row, kind: str, index: int, around: Json) -> Submission:
    context = _mapping(item.get("context")) or _mapping(around.get("context"))
    is_history = row.is_history or (row.is_trusted and item.get("history") is True)
    times = _times(item, around, row=row, is_history=is_history)
    said = _said(item, context, kind=kind)
    page = arrival.page(_mapping(item.get("properties")), context, kind=kind)
    return Submission(
        source=row.source,
        message_id=segment.given_id(item)
        or segment.message_id(body, received_us=row.received_us, index=index),
        kind=kind,
        name=_name(item, kind),
        occurred_us=times.occurred_us,
        received_us=row.received_us,
        is_trusted=row.is_trusted,
        is_history=is_history,
        seen_day=times.seen_day,
        user_id=_identifier(item.get("userId")),
        anonymous_id=_identifier(item.get("anonymousId")),
        previous_id=_identifier(item.get("previousId")),
        group_id=_identifier(item.get("groupId")),
        email=said.email,
        phone=said.phone,
        external_id=arrival.external_id(context),
        traits=said.traits,
        properties=_properties(item, kind, page),
        context=arrival.context(context, page, is_arrival=_name(item, kind) == "Visit Started"),
        actor=arrival.actor(context),
        flag=times.flag,
        raw=_raw(item, body),
        problems=tuple(said.problems),
    )


def _form(row: Row) -> Iterator[Submission]:
    post: Json = _decode(row.body)
    said = traits.of_person(post["values"])
    zone = text.clean(post.get("time_zone") or "", max_length=64)
    if arrival.is_zone(zone):
        said.traits.setdefault("time_zone", zone)
    visitor = _identifier(post.get("anonymous_id"))
    if visitor is None and said.email is None and said.phone is None:
        # Somebody wrote without saying who: kept as a visitor of one visit.
        visitor = post["message_id"]
    page, context = arrival.of_form(post)
    yield Submission(
        source=row.source,
        message_id=post["message_id"],
        kind="form",
        name="Form Submitted",
        occurred_us=row.received_us,
        received_us=row.received_us,
        is_trusted=row.is_trusted,
        is_history=row.is_history,
        seen_day=clock.local_day(row.received_us, 0),
        anonymous_id=visitor,
        email=said.email,
        phone=said.phone,
        traits=said.traits,
        properties={
            "form": post["form"],
            "purpose": post["purpose"],
            "page": page.path if page else "",
        },
        context=context,
        consents=tuple(msgspec.convert(post["consents"], list[ConsentClaim])),
        flag=SUSPECTED_SPAM if post["state"] == SUSPECTED_SPAM else "",
        raw=row.body.decode(),
        problems=tuple(said.problems),
    )


_ROUTES: Mapping[str, Callable[[Row], Iterator[Submission]]] = {
    "batch": _batch,
    "form": _form,
    "count": _nothing,
}


def _times(item: Json, around: Json, *, row: Row, is_history: bool) -> Times:
    """The client's clock set right by how late it was when it sent: Segment's skew rule."""
    original = _instant(item.get("originalTimestamp") or item.get("timestamp"))
    sent = _instant(item.get("sentAt") or around.get("sentAt"))
    if original is None:
        return Times(row.received_us, clock.local_day(row.received_us, 0))
    occurred = original if sent is None else row.received_us - (sent - original)
    seen_day = clock.local_day(original, 0)
    if not _FIRST_US <= occurred <= _LAST_US:
        return Times(row.received_us, seen_day, OUT_OF_RANGE)
    late = row.received_us - occurred
    is_too_old = late > PAST_US and not row.is_trusted and not is_history
    return Times(occurred, seen_day, OUT_OF_RANGE if is_too_old or late < -FUTURE_US else "")


def _instant(value: object) -> int | None:
    if not isinstance(value, str):
        return None
    try:
        return segment.instant_us(value)
    except clock.NotATime:
        return None


def _said(item: Json, context: Json, *, kind: str) -> traits.Said:
    given = _mapping(item.get("traits"))
    if kind == "group":
        return traits.of_company(given)
    said = traits.of_person(given or _mapping(context.get("traits")))
    zone = context.get("timezone")
    if kind == "identify" and arrival.is_zone(zone):
        said.traits.setdefault("time_zone", zone)
    return said


def _name(item: Json, kind: str) -> str:
    name = _NAMES.get(kind)
    return name if name is not None else text.clean(str(item.get("event", ""))).strip()


def _properties(item: Json, kind: str, page: arrival.Seen | None) -> Json:
    given = _mapping(item.get("properties"))
    found: Json = {
        text.clean(name, max_length=MAX_NAME): _bounded(value)
        for name, value in list(given.items())[:MAX_PROPERTIES]
        if name not in _ADDRESSES
    }
    for name in ("name", "category") if kind in ("page", "screen") else ():
        if item.get(name):
            found.setdefault(name, _bounded(item[name]))
    if kind == "alias":
        found["previous_id"] = _identifier(item.get("previousId"))
    return found | (page.properties() if page is not None else {})


# Addresses may carry tokens and names in their query; `arrival` keeps what rules may ask.
_ADDRESSES = frozenset({"url", "path", "referrer", "search"})


def _bounded(value: object) -> object:
    if isinstance(value, str):
        return text.clean(value, max_length=MAX_TEXT)
    if isinstance(value, dict):
        return {text.clean(name, max_length=MAX_NAME): _bounded(v) for name, v in value.items()}
    if isinstance(value, list):
        return [_bounded(entry) for entry in value]
    return value


def _identifier(value: object) -> str | None:
    """An identifier as it is compared: clean, without spaces around; None for nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    found = (
        text.clean(value, max_length=segment.MAX_IDENTIFIER).strip()
        if (isinstance(value, str))
        else ""
    )
    return found or None


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _raw(item: Json, body: bytes) -> str:
    if "writeKey" in item:
        body = _encode({name: value for name, value in item.items() if name != "writeKey"})
    return body.decode()
