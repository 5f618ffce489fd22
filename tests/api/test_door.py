"""`/v1/…` over ASGI: keys, limits, answers, and what reaches the inbox."""

import base64
import gzip
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from leadline.api import door as door_module
from leadline.capture import definitions, inbox, segment
from tests.capture.inprocess import Site, opened
from tests.capture.served import BROWSER_KEY, SERVER_KEY

EVENT = {"event": "Signed Up", "userId": "u1"}
BEARER = {"Authorization": f"Bearer {SERVER_KEY}"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened(tmp_path) as site:
        yield site


def problem(answer: httpx.Response) -> dict[str, object]:
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, object] = answer.json()
    assert document["status"] == answer.status_code
    assert {"type", "title", "status", "detail", "errors"} <= set(document)
    return document


def test_an_accepted_event_is_in_the_inbox_when_the_answer_comes(site: Site) -> None:
    answer = site.post("/v1/track", json=EVENT, headers=BEARER)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    (row,) = site.rows()
    assert json.loads(row.body) == EVENT
    assert (row.source, row.route, row.is_trusted, row.is_history) == (
        "key:1",
        "track",
        True,
        False,
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic " + base64.b64encode(f"{SERVER_KEY}:".encode()).decode()},
        {"Authorization": "basic " + base64.b64encode(SERVER_KEY.encode()).decode()},
        {"Authorization": f"Bearer {SERVER_KEY}"},
    ],
)
def test_the_key_comes_in_a_header(site: Site, headers: dict[str, str]) -> None:
    assert site.post("/v1/track", json=EVENT, headers=headers).status_code == 200


def test_the_key_comes_in_the_body_and_stays_out_of_the_inbox(site: Site) -> None:
    answer = site.post("/v1/track", json={**EVENT, "writeKey": SERVER_KEY})
    assert answer.status_code == 200
    batch = {"batch": [{"type": "track", **EVENT}], "writeKey": BROWSER_KEY}
    assert site.post("/v1/batch", json=batch).status_code == 200
    first, second = site.rows()
    assert (first.source, second.source) == ("key:1", "key:2")
    assert not second.is_trusted
    assert SERVER_KEY.encode() not in first.body
    assert BROWSER_KEY.encode() not in second.body


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({}, {}),
        ({}, {"writeKey": "wrong"}),
        ({}, {"writeKey": ""}),
        ({}, {"writeKey": "x" * 10_000}),
        ({"Authorization": "Bearer wrong"}, {}),
        ({"Authorization": "Bearer wrong"}, {"writeKey": SERVER_KEY}),
        ({"Authorization": "Basic not-base64!"}, {}),
        ({"Authorization": "Digest x"}, {}),
        ({"Authorization": "Bearer \xff"}, {}),
        ({"Authorization": f"Bearer {SERVER_KEY} "[:-4]}, {}),
    ],
)
def test_a_bad_key_is_refused_and_nothing_is_stored(
    site: Site, headers: dict[str, str], fields: dict[str, str]
) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = site.post("/v1/track", json={**EVENT, **fields}, headers=raw)
    assert answer.status_code == 401
    assert problem(answer)["errors"] == [
        {"pointer": "/writeKey", "detail": "is not a valid write key"}
    ]
    assert answer.headers["www-authenticate"] == "Bearer"
    assert site.rows() == []


def test_a_revoked_key_is_refused_as_soon_as_the_definitions_know(site: Site) -> None:
    assert site.post("/v1/track", json=EVENT, headers=BEARER).status_code == 200
    site.definitions = definitions.Definitions()
    assert site.post("/v1/track", json=EVENT, headers=BEARER).status_code == 401


def test_without_definitions_the_door_stays_closed(site: Site) -> None:
    site.definitions = None
    answer = site.post("/v1/track", json=EVENT, headers=BEARER)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_history_needs_a_trusted_key(site: Site) -> None:
    site.post("/v1/track", json={**EVENT, "history": True}, headers=BEARER)
    site.post("/v1/track", json={**EVENT, "history": True, "writeKey": BROWSER_KEY})
    assert [row.is_history for row in site.rows()] == [True, False]


@pytest.mark.parametrize("path", sorted(door_module.ROUTES))
def test_every_route_answers(site: Site, path: str) -> None:
    item = {"event": "A", "userId": "u", "groupId": "g", "previousId": "p", "name": "n"}
    body: object = {"batch": [{"type": "track", **item}]}
    if door_module.ROUTES[path] == "count":
        body = {"name": "Page Viewed"}
    elif door_module.ROUTES[path] != "batch":
        body = item
    answer = site.post(path, json=body, headers=BEARER)
    assert answer.status_code == 200
    assert [row.route for row in site.rows()] == [door_module.ROUTES[path]]


@pytest.mark.parametrize("path", ["/v1/", "/v1/tracks", "/v1/track/", "/v1/batch/x"])
def test_an_unknown_route_is_404(site: Site, path: str) -> None:
    answer = site.post(path, json=EVENT, headers=BEARER)
    assert answer.status_code == 404
    problem(answer)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method_is_405(site: Site, method: str) -> None:
    answer = site.request(method, "/v1/track", headers=BEARER)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST, OPTIONS"


def test_browsers_of_any_site_may_send_and_never_with_cookies(site: Site) -> None:
    preflight = site.request("OPTIONS", "/v1/track", headers={"Origin": "https://x.test"})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    for answer in (
        site.post("/v1/track", json=EVENT, headers=BEARER),
        site.post("/v1/track", json={}, headers=BEARER),
        site.post("/v1/track", json=EVENT),
    ):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json; charset=utf-8", "text/plain;charset=UTF-8", None],
)
def test_json_is_taken_under_the_types_that_browsers_can_send(site: Site, kind: str | None) -> None:
    headers = {**BEARER, **({"Content-Type": kind} if kind else {})}
    answer = site.post("/v1/track", content=json.dumps(EVENT), headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "text/html",
    ],
)
def test_other_content_types_are_refused(site: Site, kind: str) -> None:
    headers = {**BEARER, "Content-Type": kind}
    answer = site.post("/v1/track", content=json.dumps(EVENT), headers=headers)
    assert answer.status_code == 415
    assert site.rows() == []


def test_a_refused_event_names_the_field(site: Site) -> None:
    answer = site.post("/v1/track", json={"event": 5, "userId": "u"}, headers=BEARER)
    assert answer.status_code == 400
    (fault,) = problem(answer)["errors"]  # type: ignore[misc]  # a list of one
    assert fault["pointer"] == "/event"  # type: ignore[index]  # a document
    assert site.rows() == []


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/track", {**EVENT, "event": "x" * 100_000}, "/event"),
        ("/v1/identify", {"userId": "u1", "traits": {"bio": "x" * 100_000}}, "/traits/bio"),
        ("/v1/count", {"name": "Page Viewed", "url": "x" * 5_000}, "/url"),
    ],
)
def test_an_event_that_is_too_large_names_its_longest_member(
    site: Site, path: str, body: dict[str, object], pointer: str
) -> None:
    answer = site.post(path, json=body, headers=BEARER)
    assert answer.status_code == 413
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert site.rows() == []


def test_a_batch_answers_item_by_item_and_remembers_what_it_refused(site: Site) -> None:
    items = [
        {"type": "track", "event": "A", "userId": "u", "messageId": "m1"},
        {"type": "track", "userId": "u", "messageId": "m2"},
        {"type": "page", "anonymousId": "a"},
    ]
    answer = site.post("/v1/batch", json={"batch": items}, headers=BEARER)
    assert answer.status_code == 200
    document = answer.json()
    assert document["success"] is True
    assert [result["status"] for result in document["results"]] == [
        "accepted",
        "rejected",
        "accepted",
    ]
    assert document["results"][0] == {"messageId": "m1", "status": "accepted", "error": None}
    assert "/batch/1/event" in document["results"][1]["error"]
    (row,) = site.rows()
    assert json.loads(row.meta) == {"rejected": [1]}
    generated = document["results"][2]["messageId"]
    assert generated == segment.message_id(
        json.dumps(items[2], separators=(",", ":")).encode(),
        received_us=row.received_us,
        index=2,
    )


@pytest.mark.parametrize("items", [[], [{"type": "track"}], [5]])
def test_a_batch_without_anything_to_keep_stores_nothing(site: Site, items: list[object]) -> None:
    answer = site.post("/v1/batch", json={"batch": items}, headers=BEARER)
    assert answer.status_code == 200
    assert [result["status"] for result in answer.json()["results"]] == ["rejected"] * len(items)
    assert site.rows() == []


def test_gzip_is_read_within_its_bounds(site: Site) -> None:
    headers = {**BEARER, "Content-Encoding": "gzip", "Content-Type": "application/json"}
    packed = gzip.compress(json.dumps(EVENT).encode())
    assert site.post("/v1/track", content=packed, headers=headers).status_code == 200
    assert json.loads(site.rows()[0].body) == EVENT


@pytest.mark.parametrize(
    ("content", "encoding", "status"),
    [
        (gzip.compress(b" " * 50_000_000, mtime=0), "gzip", 413),
        (gzip.compress(b'{"event":"x"}', mtime=0)[:-4], "gzip", 400),
        (gzip.compress(b"{}", mtime=0) + b"more", "gzip", 400),
        (b"not gzip", "gzip", 400),
        (b"{}", "br", 415),
        (b"{}", "gzip, gzip", 415),
    ],
)
def test_a_bad_encoding_is_refused(site: Site, content: bytes, encoding: str, status: int) -> None:
    headers = {**BEARER, "Content-Encoding": encoding, "Content-Type": "application/json"}
    answer = site.post("/v1/track", content=content, headers=headers)
    assert answer.status_code == status
    problem(answer)


def test_a_body_that_is_too_large_is_refused_by_its_length_alone(site: Site) -> None:
    async def nothing() -> AsyncIterator[bytes]:
        raise AssertionError("The body was read.")
        yield b""

    headers = {**BEARER, "Content-Length": str(10**9), "Content-Type": "application/json"}
    answer = site.post("/v1/batch", content=nothing(), headers=headers)
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


def test_a_body_without_a_length_is_cut_off_at_the_limit(site: Site) -> None:
    pieces: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        for number in range(10_000):
            pieces.append(number)
            yield b"x" * 10_000

    headers = {**BEARER, "Content-Type": "application/json"}
    answer = site.post("/v1/track", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert len(pieces) < 10


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "9" * 30])
def test_a_length_that_is_none_is_refused(site: Site, length: str) -> None:
    headers = {**BEARER, "Content-Length": length, "Content-Type": "application/json"}
    answer = site.post("/v1/track", content=b"{}", headers=headers)
    assert answer.status_code in (400, 413)


class Broken:
    """A store that cannot store."""

    def append(self, drafts: Sequence[inbox.Draft]) -> None:
        raise inbox.InboxUnavailable("The disk is full.")

    def probe(self) -> None:
        raise inbox.InboxUnavailable("still")

    def tidy(self) -> bool:
        return False

    def close(self) -> None:
        return


def test_what_cannot_be_stored_is_answered_with_503(tmp_path: Path) -> None:
    with opened(tmp_path, store=Broken()) as site:
        for path, body in (
            ("/v1/track", EVENT),
            ("/v1/batch", {"batch": [{"type": "track", **EVENT}]}),
        ):
            answer = site.post(path, json=body, headers=BEARER)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            problem(answer)
        assert site.door.accepted_count == 0


def test_a_count_carries_no_identifier(site: Site) -> None:
    page = {"name": "Page Viewed", "url": "https://example.com/a?email=x", "writeKey": BROWSER_KEY}
    assert site.post("/v1/count", json=page).status_code == 200
    (row,) = site.rows()
    assert json.loads(row.body) == {
        "name": "Page Viewed",
        "host": "example.com",
        "path": "/a",
        "referrer": "",
    }
    refused = site.post("/v1/count", json={**page, "anonymousId": "a1"})
    assert refused.status_code == 400
    assert len(site.rows()) == 1


def test_slow_senders_together_stay_within_bounds_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadline.lib.asgi.MAX_UNFINISHED_BYTES", 10_000)

    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"batch":['
        yield b" " * 10_000
        yield b"]}"

    headers = {**BEARER, "Content-Type": "application/json"}
    crowded = site.post("/v1/batch", content=pieces(), headers=headers)
    assert crowded.status_code == 503
    assert "retry-after" in crowded.headers
    monkeypatch.setattr("leadline.lib.asgi.MAX_UNFINISHED_BYTES", 20_000)
    assert site.post("/v1/batch", content=pieces(), headers=headers).status_code == 200
