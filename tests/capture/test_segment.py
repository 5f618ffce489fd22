"""What the Segment API accepts, and how it says what is wrong."""

import json

import pytest

from leadline.capture import segment

AT = 1_773_135_000_000_000  # 2026-03-10T09:30:00Z


def refused(body: bytes, route: str = "track") -> segment.Rejected:
    with pytest.raises(segment.Rejected) as caught:
        segment.read(body, route=route, received_us=AT)
    return caught.value


def event(**fields: object) -> bytes:
    return json.dumps({"event": "Signed Up", "userId": "u1", **fields}).encode()


@pytest.mark.parametrize(
    ("route", "item"),
    [
        ("track", {"event": "Signed Up", "userId": "u1"}),
        ("track", {"event": "Signed Up", "anonymousId": "a1", "unknown": [1, {"x": None}]}),
        ("track", {"event": "Signed Up", "userId": 42}),
        ("identify", {"userId": "u1", "traits": {"email": "a@b.com"}}),
        ("identify", {"anonymousId": "a1", "traits": None}),
        ("page", {"anonymousId": "a1", "name": "Home", "properties": {"url": "https://x.com/"}}),
        ("screen", {"anonymousId": "a1"}),
        ("group", {"userId": "u1", "groupId": "g1", "traits": {"employees": 50}}),
        ("alias", {"userId": "u2", "previousId": "u1"}),
    ],
)
def test_each_route_accepts_what_the_specification_allows(
    route: str, item: dict[str, object]
) -> None:
    body = json.dumps(item).encode()
    request = segment.read(body, route=route, received_us=AT)
    assert request.body == body
    assert request.accepted_count == 1


@pytest.mark.parametrize(
    ("body", "pointer", "detail"),
    [
        (event(userId=None), "/userId", "no_user_anon_id"),
        (event(userId=""), "/userId", "no_user_anon_id"),
        (event(event=None), "/event", "needs it"),
        (event(event=["x"]), "/event", "must be text"),
        (event(event="x" * 121), "/event", "at most 120"),
        (event(messageId="m" * 101), "/messageId", "at most 100"),
        (event(messageId=7), "/messageId", "must be text"),
        (event(userId=True), "/userId", "must be text"),
        (event(userId={"$ne": 1}), "/userId", "must be text"),
        (event(userId="u" * 256), "/userId", "at most 255"),
        (event(properties=[]), "/properties", "must be an object"),
        (event(context="x"), "/context", "must be an object"),
        (event(timestamp="yesterday"), "/timestamp", "must be a time"),
        (event(timestamp="2026-02-30T00:00:00Z"), "/timestamp", "must be a time"),
        (event(sentAt=1_773_135_000), "/sentAt", "must be a time"),
        (event(history="yes"), "/history", "true or false"),
        (event(writeKey=5), "/writeKey", "must be text"),
        (b"[]", "", "must be an object"),
        (b"", "", ""),
        (b'{"event":"x","userId":"u1",}', "", ""),
        (b'{"event":"x","userId":"u1","properties":{"a":NaN}}', "/properties/a", ""),
        (b'{"event":"x","userId":"u1","userId":"u2"}', "/userId", ""),
        (b'{"event":"x","userId":9223372036854775808}', "/userId", ""),
        (b'{"event":"x","userId":"\\ud800"}', "/userId", ""),
        (b'{"event":"x","userId":"\\u0000"}', "/userId", ""),
        (b'{"event":"x","userId":"u\x00"}', "/userId", ""),
        (b'{"event":"x","userId":"\xff"}', "", "UTF-8"),
        (b'{"event":"x","userId":"u1","p":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "", ""),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(body: bytes, pointer: str, detail: str) -> None:
    error = refused(body)
    assert error.pointer.startswith(pointer)
    assert detail in error.detail


def test_deep_nesting_is_refused_without_recursion() -> None:
    body = b'{"event":"x","userId":"u1","p":' + b"[" * 15_000 + b"]" * 15_000 + b"}"
    assert "deep" in refused(body).detail or "nest" in refused(body).detail


def test_an_event_may_have_32_kilobytes_and_not_more() -> None:
    room = segment.MAX_EVENT_BYTES - len(event(pad=""))
    assert segment.read(event(pad="x" * room), route="track", received_us=AT).accepted_count == 1
    large = refused(event(pad="x" * (room + 1), properties={"a": "x" * 30}))
    assert (large.is_too_large, large.pointer) == (True, "/pad")


def test_group_and_alias_say_what_they_need() -> None:
    assert refused(b'{"userId":"u1"}', "group").pointer == "/groupId"
    assert refused(b'{"userId":"u1"}', "alias").pointer == "/previousId"


def test_the_write_key_is_read_and_not_stored() -> None:
    request = segment.read(event(writeKey="secret"), route="track", received_us=AT)
    assert request.write_key == "secret"
    assert b"secret" not in request.body
    assert json.loads(request.body)["event"] == "Signed Up"


def batch(*items: object, **around: object) -> bytes:
    return json.dumps({"batch": list(items), **around}).encode()


def test_one_bad_item_never_spoils_the_rest() -> None:
    body = batch(
        {"type": "track", "event": "A", "userId": "u1", "messageId": "m1"},
        {"type": "track", "userId": "u1", "messageId": "m2"},
        {"type": "nonsense", "userId": "u1"},
        7,
        {"type": "identify", "anonymousId": "a1"},
    )
    request = segment.read(body, route="batch", received_us=AT)
    assert request.results is not None
    assert [result.status for result in request.results] == [
        "accepted",
        "rejected",
        "rejected",
        "rejected",
        "accepted",
    ]
    assert request.rejected == (1, 2, 3)
    assert request.results[0].message_id == "m1"
    assert "/batch/1/event" in str(request.results[1].error)
    assert "/batch/2/type" in str(request.results[2].error)
    assert request.results[4].message_id.startswith("auto-")


def test_strict_json_is_held_for_each_item_of_a_batch() -> None:
    good = b'{"type":"track","event":"A","userId":"u1"}'
    bad = [
        b'{"type":"track","event":"A","userId":"u1","userId":"u2"}',
        b'{"type":"track","event":"A","userId":"u1","n":123456789012345678901}',
        b'{"type":"track","event":"A","userId":"\\u0000"}',
        b'{"type":"track","event":"A","userId":"u1","p":' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"type":"track","event":"' + b"x" * 33_000 + b'","userId":"u1"}',
    ]
    body = b'{"batch":[' + b",".join([good, *bad, good]) + b"]}"
    request = segment.read(body, route="batch", received_us=AT)
    assert request.rejected == (1, 2, 3, 4, 5)


def test_an_item_that_is_no_json_is_refused_alone_and_not_stored() -> None:
    good = b'{"type":"track","event":"A","userId":"u1"}'
    body = b'{"batch":[' + good + b', {"x":NaN} ,{"x":"\xff"},' + good + b'],"writeKey":"k"}'
    request = segment.read(body, route="batch", received_us=AT)
    assert request.results is not None
    assert [result.error for result in request.results] == [
        None,
        "/batch/1/x: the JSON is malformed after byte 5",
        "/batch/2: the body is not UTF-8 (byte 6)",
        None,
    ]
    assert request.body == b'{"batch":[' + good + b",null,null," + good + b"]}"
    assert request.write_key == "k"
    ids = [request.results[index].message_id for index in (0, 3)]
    assert ids == [segment.message_id(good, received_us=AT, index=index) for index in (0, 3)]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"batch":[1,{"x":NaN},]}', "/batch/1/x"),
        (b'{"batch":[{"x":NaN}],"batch":[]}', "/batch/0/x"),
        (b'{"batch":[{"x":"\\ud800"}],"context":{"a":NaN}}', "/context/a"),
        (b'{"batch":{"x":NaN}}', "/batch"),
        (b'{"batch":[{"x":NaN}]} x', "/batch/0/x"),
        (b'{"sentAt":"2026-03-10T09:30:00Z"}', "/batch"),
        (b'{"batch":{}}', "/batch"),
        (b'{"batch":[],"batch":[]}', "/batch"),
        (b'{"batch":[],"sentAt":"soon"}', "/sentAt"),
        (b'{"batch":[],"context":{"a":1,"a":2}}', "/context/a"),
        (b'{"batch":[', ""),
        (b"[]", ""),
        (b'{"batch":[' + b"[" * 100_000, ""),
    ],
)
def test_a_batch_that_cannot_be_read_is_refused_whole(body: bytes, pointer: str) -> None:
    assert refused(body, "batch").pointer.startswith(pointer)


def test_the_limits_of_a_batch_are_500_kilobytes_and_2500_events() -> None:
    many = batch(*[{"type": "page", "userId": "u"}] * 2_501)
    assert refused(many, "batch").pointer == "/batch"
    fits = segment.read(
        batch(*[{"type": "page", "userId": "u"}] * 2_500), route="batch", received_us=AT
    )
    assert fits.accepted_count == 2_500
    assert refused(b'{"batch":["' + b"x" * 512_000 + b'"]}', "batch").is_too_large


def test_an_item_without_an_id_gets_the_same_one_for_the_same_row() -> None:
    item = b'{"event":"A"}'
    first = segment.message_id(item, received_us=AT, index=0)
    assert first == segment.message_id(item, received_us=AT, index=0)
    others = {
        segment.message_id(item, received_us=AT, index=1),
        segment.message_id(item, received_us=AT + 1, index=0),
        segment.message_id(b'{"event":"B"}', received_us=AT, index=0),
    }
    assert first not in others
    assert len(others) == 3
    assert len(first) <= segment.MAX_MESSAGE_ID


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-03-10T09:30:00Z", AT),
        ("2026-03-10T09:30:00.000Z", AT),
        ("2026-03-10T10:30:00+01:00", AT),
        ("2026-03-10T09:30:00", AT),
        ("2026-03-10 09:30", AT),
        ("2026-03-10T09:30:00.1234567Z", AT + 123_456),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
    ],
)
def test_times_are_read_as_the_strict_reader_reads_them(text: str, micros: int) -> None:
    assert segment.instant_us(text) == micros
