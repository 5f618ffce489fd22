"""Bad input at every door of the real tree: a clear 4xx, memory flat, nothing lost, nothing run."""

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.outage import processes
from tests.worker.tree import Tree, served, until

GIGABYTE = 1 << 30
EVENT = {"event": "Signed Up", "userId": "u1"}
FORM = {"name": "Grace", "email": "grace@navy.example.com", "company.name": "Navy"}
LEAD = {"email": "grace@navy.example.com"}
# Door: path and a body that it accepts, without which a case would only test that one.
DOORS = {"track": ("/v1/track", EVENT), "form": ("/f/demo", FORM), "lead": ("/api/v1/leads", LEAD)}
NEEDLES = {
    "SQL": "'; DROP TABLE leads_lead; --",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{7*7}}${7*7}{% debug %}<%= 7*7 %>",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    with served(tmp_path_factory.mktemp("bad") / "data") as tree:
        before = processes(tree)
        yield tree
        until(lambda: tree.pending() == 0, what="the inbox to be empty")
        assert tree.query("SELECT count(*) FROM capture_parked") == [(0,)]
        assert processes(tree) == before, "a process was started again"


@pytest.fixture(scope="module")
def client(tree: Tree) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=tree.url, timeout=30) as client:
        yield client


def send(tree: Tree, client: httpx.Client, door: str, **options: Any) -> httpx.Response:
    """POST to a door with its key; `headers` come on top."""
    path, _ = DOORS[door]
    key = tree.keys["api_key" if door == "lead" else "write_key"]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    headers |= {"Accept": "application/json"} | options.pop("headers", {})
    return client.post(path, headers=headers, **options)


def check_problem(answer: httpx.Response, *, pointer: str = "") -> None:
    """A 4xx problem document; with `pointer` it names the field."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert problem["detail"]
    if pointer:
        named = [fault["pointer"] for fault in problem["errors"]]
        assert any(name.startswith(pointer) for name in named), problem


def with_member(body: dict[str, object], written: bytes) -> bytes:
    """The body with one more member, written by hand."""
    return json.dumps(body).encode()[:-1] + b"," + written + b"}"


DOCUMENTS = {
    "NUL": rb'"x":"a\u0000b"',
    "raw NUL": b'"x":"a\x00b"',
    "lone surrogate": rb'"x":"\ud800"',
    "NaN": b'"x":NaN',
    "Infinity": b'"x":-Infinity',
    "2^63": b'"x":9223372036854775808',
    "1e400": b'"x":1e400',
    "name twice": b'"x":1,"x":2',
    "not UTF-8": b'"x":"\xff\xfe"',
    "depth 2,000": b'"x":' + b"[" * 2_000 + b"]" * 2_000,
    "depth 100,000": b'"x":' + b"[" * 100_000 + b"]" * 100_000,
    "depth of objects": b'"x":' + b'{"x":' * 20_000 + b"1" + b"}" * 20_000,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_document_that_is_none_is_refused(
    tree: Tree, client: httpx.Client, door: str, case: str
) -> None:
    answer = send(tree, client, door, content=with_member(DOORS[door][1], DOCUMENTS[case]))
    check_problem(answer)
    # A document too large to be looked into is refused for that.
    if answer.status_code != 413 and case != "not UTF-8":
        check_problem(answer, pointer="/x")


@pytest.mark.parametrize(
    ("door", "body", "pointer"),
    [
        ("track", {**EVENT, "event": 7}, "/event"),
        ("track", {**EVENT, "event": "x" * 100_000}, "/event"),
        ("track", {**EVENT, "event": "x" * 20_000}, "/event"),
        ("track", {**EVENT, "userId": ["u1"]}, "/userId"),
        ("track", {**EVENT, "properties": "x"}, "/properties"),
        ("track", {**EVENT, "timestamp": "not a time"}, "/timestamp"),
        ("track", {**EVENT, "timestamp": "+275760-09-13T00:00:00Z"}, "/timestamp"),
        ("track", {"userId": "u1"}, "/event"),
        ("form", {**FORM, "email": "x" * 100_000}, "/email"),
        ("form", {**FORM, "email": {"$ne": None}}, "/email"),
        ("form", {**FORM, "email": "not an address"}, "/email"),
        ("form", {"email": "grace@navy.example.com"}, "/name"),
        ("lead", {**LEAD, "email": "x" * 100_000}, "/email"),
        ("lead", {**LEAD, "email": 7}, "/email"),
        ("lead", {**LEAD, "email": "@"}, "/email"),
        ("lead", {**LEAD, "traits": []}, "/traits"),
        ("lead", {**LEAD, "traits": {"first_name": None}}, "/traits/first_name"),
        ("lead", {**LEAD, "occurred_at": "9999-12-31T23:59:59Z"}, "/occurred_at"),
        ("lead", {**LEAD, "occurred_at": "soon"}, "/occurred_at"),
        ("lead", {**LEAD, "surprise": 1}, "/surprise"),
        ("lead", {**LEAD, "origin": "stolen"}, "/origin"),
    ],
)
def test_a_field_that_is_wrong_is_named(
    tree: Tree, client: httpx.Client, door: str, body: dict[str, object], pointer: str
) -> None:
    check_problem(send(tree, client, door, json=body), pointer=pointer)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "kind", ["application/xml", "text/html", "image/png", "application/json/x", "x" * 9_000]
)
def test_a_wrong_content_type_is_refused(
    tree: Tree, client: httpx.Client, door: str, kind: str
) -> None:
    body = json.dumps(DOORS[door][1]).encode()
    answer = send(tree, client, door, content=body, headers={"Content-Type": kind})
    check_problem(answer)
    assert answer.status_code in (400, 415)


@pytest.mark.parametrize("door", ["track", "lead"])
@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", "Basic !!!", "Basic Og==", "Bearer " + "k" * 60_000,
     "Bearer ' OR 1=1 --", "Digest x"],
)  # fmt: skip
def test_a_bad_key_is_refused(
    tree: Tree, client: httpx.Client, door: str, authorization: str
) -> None:
    path, body = DOORS[door]
    answer = client.post(path, json=body, headers={"Authorization": authorization})
    check_problem(answer)
    assert answer.status_code in (401, 400, 431)


@pytest.mark.parametrize(
    "query",
    ["limit=-1", "limit=1e9", "limit=x", "after=zzz", "after=%00", "sort=password", "filter={",
     "filter=%7B%22trait%22%3A%22x%27%3B--%22%2C%22is%22%3A1%7D", "filter=[[[[[[", "email=%ff",
     "surprise=1", "filter=" + "[" * 5_000, "as_of=never"],
)  # fmt: skip
def test_a_bad_parameter_of_a_list_is_refused(tree: Tree, client: httpx.Client, query: str) -> None:
    headers = {"Authorization": f"Bearer {tree.keys['api_key']}"}
    check_problem(client.get(f"/api/v1/leads?{query}", headers=headers))


@pytest.mark.parametrize(
    "path",
    ["/f/nobody", "/f/../../etc/passwd", "/f/%00", "/p/%ff", "/p/" + "x" * 8_000, "/f/demo/extra",
     "/js/../settings.py", "/api/v1/leads/' OR 1", "/api/v1/nothing", "/v1/nothing", "/leads/1",
     "/static/../../leadline.sqlite3", "//evil.example", "/today?next=javascript:alert(1)",
     "/sign-in/?next=//evil.example", "/%2e%2e/%2e%2e/etc/passwd", "/readyz/x", "/metrics?x=%00"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PROPFIND"])
def test_an_address_that_leads_nowhere_is_no_fault_of_ours(
    client: httpx.Client, method: str, path: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code < 500
    assert b"root:" not in answer.content
    assert "evil.example" not in answer.headers.get("location", "")


def test_a_batch_is_answered_item_by_item(tree: Tree, client: httpx.Client) -> None:
    bad: list[Any] = [
        {"type": "track", "userId": "u1", "event": 7},
        {"type": "teleport", "userId": "u1"},
        {"type": "track", "event": "nobody"},
        "not an object",
        None,
        {"type": "track", "userId": "u1", "event": "x", "timestamp": "never"},
    ]
    good = [{"type": "track", "messageId": f"good-{n}", **EVENT} for n in range(6)]
    mixed = [item for pair in zip(good, bad, strict=True) for item in pair]
    key = tree.keys["write_key"]
    answer = client.post("/v1/batch", json={"batch": mixed}, auth=(key, ""))
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [r["status"] for r in results] == ["accepted", "rejected"] * 6
    assert results[1]["error"].startswith("/batch/1/event")
    until(lambda: tree.pending() == 0, what="the inbox to be empty")
    found = tree.query("SELECT message_id FROM timeline_event WHERE message_id LIKE 'good-%'")
    assert sorted(str(mark) for (mark,) in found) == [f"good-{n}" for n in range(6)]


@pytest.mark.parametrize("case", DOCUMENTS)
def test_an_item_that_is_no_document_is_refused_beside_one_that_is_accepted(
    tree: Tree, client: httpx.Client, case: str
) -> None:
    mark = f"beside {case}"
    good = json.dumps({"type": "track", "messageId": mark, **EVENT}).encode()
    bad = with_member({"type": "track", **EVENT}, DOCUMENTS[case])
    body = b'{"batch":[' + bad + b"," + good + b"]}"
    answer = client.post("/v1/batch", content=body, auth=(tree.keys["write_key"], ""))
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["status"] for result in results] == ["rejected", "accepted"]
    assert results[0]["error"].startswith("/batch/0")
    until(lambda: tree.pending() == 0, what="the inbox to be empty")
    found = tree.query(f"SELECT count(*) FROM timeline_event WHERE message_id = '{mark}'")
    assert found == [(1,)]


@pytest.mark.parametrize("time", ["1970-01-01T00:00:00Z", "2199-12-31T00:00:00Z"])
def test_ancient_and_future_events_are_kept_and_flagged(
    tree: Tree, client: httpx.Client, time: str
) -> None:
    said = {"event": "Demo Requested", "userId": "time traveller", "timestamp": time}
    mark = f"time-{time[:4]}"
    answer = client.post(
        "/v1/track", json={**said, "messageId": mark}, auth=(tree.keys["browser_key"], "")
    )
    assert answer.status_code == 200
    until(lambda: tree.pending() == 0, what="the inbox to be empty")
    sql = f"SELECT flag FROM timeline_event WHERE message_id = '{mark}'"
    assert tree.query(sql) == [("time_out_of_range",)]


@pytest.mark.parametrize("kind", NEEDLES)
def test_code_in_every_field_is_kept_as_text(tree: Tree, client: httpx.Client, kind: str) -> None:
    """It comes back from the API as it was sent, and the tables are still there."""
    code = NEEDLES[kind]
    email = f"{kind.lower()}@code.example.com"
    traits = {"email": email, "name": code, "title": code, "company": {"name": code}, code: code}
    said = {"userId": code, "anonymousId": code, "traits": traits, "context": {"page": {
        "url": f"https://x.example/?utm_source={code}", "title": code, "referrer": code},
        "userAgent": code, "campaign": {"name": code}}}  # fmt: skip
    key = tree.keys["write_key"]
    assert client.post("/v1/identify", json=said, auth=(key, "")).status_code == 200
    posted = {**FORM, "email": email, "name": code, "company.name": code, "title": code}
    assert client.post("/f/demo", json=posted).status_code == 200
    until(lambda: tree.pending() == 0, what="the inbox to be empty")
    headers = {"Authorization": f"Bearer {tree.keys['api_key']}"}
    (lead,) = client.get("/api/v1/leads", params={"email": email}, headers=headers).json()["items"]
    assert lead["name"] == code
    assert lead["user_ids"] == [code]
    timeline = client.get(f"/api/v1/leads/{lead['id']}/timeline", headers=headers)
    assert len(timeline.json()["items"]) >= 2


def resident_kilobytes(number: int | None) -> int:
    status = Path(f"/proc/{number}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.parametrize(
    "path", ["/v1/track", "/v1/batch", "/f/demo", "/api/v1/leads", "/today", "/sign-in/"]
)
def test_a_gigabyte_is_refused_while_memory_stays_flat(tree: Tree, path: str) -> None:
    """The body is streamed in chunks until the other side does not want any more."""
    web, _ = processes(tree)
    key = tree.keys["api_key" if path.startswith("/api") else "write_key"]
    before = resident_kilobytes(web)
    sent = stream(tree, path, key)
    assert sent < GIGABYTE // 4
    assert resident_kilobytes(web) - before < 50_000
    assert httpx.get(f"{tree.url}/healthz").status_code == 200


def stream(tree: Tree, path: str, key: str) -> int:
    """Bytes that could be sent of a gigabyte before the connection was closed."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b'"' + b"x" * 0xFFFF + b"\r\n"
    sent = 0
    with socket.create_connection(("127.0.0.1", tree.port), timeout=20) as connection:
        connection.sendall(head.encode())
        try:
            while sent < GIGABYTE:
                connection.sendall(chunk)
                sent += len(chunk)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            pass
    return sent


def test_many_large_bodies_at_once_stay_within_bounds(tree: Tree) -> None:
    """Sixteen at once, each as large as is read before it is refused."""
    web, _ = processes(tree)
    before = resident_kilobytes(web)
    body = b'{"batch":[' + b" " * (600 * 1024)
    statuses: set[int] = set()
    guard = threading.Lock()

    def post(_number: int) -> None:
        for _ in range(10):
            answer = httpx.post(
                f"{tree.url}/v1/batch", content=iter([body]), timeout=30,
                auth=(tree.keys["write_key"], ""),
            )  # fmt: skip
            with guard:
                statuses.add(answer.status_code)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(post, range(16)))
    assert statuses == {413}
    assert resident_kilobytes(web) - before < 50_000
