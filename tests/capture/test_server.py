"""The whole web process behind a real socket: health, faults, a real SDK, kill -9."""

import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
from segment.analytics.client import Client

from leadline.capture import reader, unpack
from leadline.capture.inbox_sqlite import FILE_NAME
from leadline.capture.submission import Submission
from tests.capture import served, torment
from tests.capture.served import SERVER_KEY, Server, readiness

EVENT = {"event": "Signed Up", "userId": "u1"}
BEARER = {"Authorization": f"Bearer {SERVER_KEY}"}

pytestmark = pytest.mark.sqlite_only  # PostgreSQL's own server is in test_inbox_postgres


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served.running(tmp_path_factory.mktemp("served")) as server:
        yield server


def submissions(server: Server) -> list[Submission]:
    source = reader.SqliteReader(server.data / FILE_NAME)
    with closing(source):
        return unpack.unpack(source.after(0, 1_000_000))


def test_the_process_says_that_it_lives_and_how_much_waits(server: Server) -> None:
    assert httpx.get(f"{server.url}/healthz").json() == {"status": "ok"}
    before = readiness(server)["pending"]
    httpx.post(f"{server.url}/v1/track", json=EVENT, headers=BEARER).raise_for_status()
    after = readiness(server)
    assert after["status"] == "ok"
    assert isinstance(before, int)
    assert after["pending"] == before + 1
    assert isinstance(after["oldest_pending_seconds"], float)
    assert after["lake_age_seconds"] is None, "there is no lake yet"


def test_figures_are_readable_by_prometheus_and_name_nobody(server: Server) -> None:
    httpx.post(f"{server.url}/v1/track", json=EVENT, headers=BEARER).raise_for_status()
    text = httpx.get(f"{server.url}/metrics").text
    assert "leadline_accepted_total" in text
    assert "leadline_inbox_commits_total" in text
    assert "Signed Up" not in text
    assert SERVER_KEY not in text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/healthz"), ("GET", "/f/none"), ("POST", "/v1/track"), ("GET", "/events"),
     ("GET", "/sign-in/"), ("GET", "/api/v1/me")],
)  # fmt: skip
def test_every_answer_says_which_request_it_is_of(server: Server, method: str, path: str) -> None:
    own = httpx.request(method, server.url + path).headers.get_list("x-request-id")
    assert len(own) == 1
    assert re.fullmatch("[0-9a-f]{16}", own[0])
    for given, is_kept in (("order-17", True), ("a b", False), ("x" * 65, False)):
        said = httpx.request(method, server.url + path, headers={"X-Request-Id": given})
        assert (said.headers["x-request-id"] == given) is is_kept


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/p/start", "/js/leadline.js"])
def test_head_is_get_without_a_body(server: Server, path: str) -> None:
    answer = httpx.head(f"{server.url}{path}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert httpx.post(f"{server.url}{path}").status_code == 405


def test_django_answers_the_rest_with_bodies_of_any_framing(server: Server) -> None:
    style = httpx.get(f"{server.url}/static/public.css")
    assert style.status_code == 200
    assert style.headers["content-type"].startswith("text/css")
    nowhere = f"{server.url}/nowhere-at-all/"
    assert httpx.get(nowhere).status_code in (302, 404)
    chunked = httpx.post(nowhere, content=iter([b"a=1", b"&b=2"]))
    assert chunked.status_code in (302, 403, 404)
    declared = httpx.post(nowhere, content=b"x" * 1_000_000)
    assert declared.status_code in (302, 403, 404)
    endless = (b"x" * 65_536 for _ in range(100))
    with suppress(httpx.WriteError):  # the connection may close while we are still sending
        assert httpx.post(nowhere, content=endless).status_code == 413


def raw(server: Server, request: bytes, *, wait_seconds: float = 5) -> bytes:
    """What comes back for these bytes until the server closes or goes quiet."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait_seconds) as connection:
        answer = b""
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        try:
            while chunk := connection.recv(65_536):
                answer += chunk
        except (TimeoutError, ConnectionResetError):
            pass
        return answer


def test_a_declared_gigabyte_is_refused_before_it_is_sent(server: Server) -> None:
    head = (
        f"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SERVER_KEY}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n"
    )
    assert raw(server, head.encode()).startswith(b"HTTP/1.1 413")


def test_headers_without_end_are_refused_and_memory_stays_flat(server: Server) -> None:
    before = resident_kilobytes(server)
    endless = b"GET /p/start HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 5_000_000
    answer = raw(server, endless, wait_seconds=2)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    many = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(200_000))
    assert not raw(server, many, wait_seconds=2).startswith(b"HTTP/1.1 2")
    assert resident_kilobytes(server) - before < 30_000
    assert httpx.get(f"{server.url}/healthz").status_code == 200


def resident_kilobytes(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET /p/start HTTP/9.9\r\n\r\n",
        b"POST /v1/track\r\n\r\n",
        b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /p/%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_garbage_on_the_wire_hurts_nobody(server: Server, request_bytes: bytes) -> None:
    answer = raw(server, request_bytes, wait_seconds=1)
    assert b" 500 " not in answer.partition(b"\r\n")[0]
    assert httpx.get(f"{server.url}/healthz").status_code == 200


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_real_segment_library_works_unchanged(server: Server) -> None:
    failures: list[Exception] = []
    client = Client(
        SERVER_KEY,
        host=server.url,
        on_error=lambda error, _items: failures.append(error),
        gzip=True,
        max_retries=1,
    )
    client.identify("sdk-user", {"email": "ada@example.com", "firstName": "Ada"})
    client.track("sdk-user", "Demo Requested", {"plan": "team"})
    client.page("sdk-user", "Docs", "Start", {"url": "https://example.com/docs"})
    client.screen("sdk-user", "App", "Home")
    client.group("sdk-user", "group-1", {"name": "Example Ltd", "employees": 50})
    client.alias("sdk-visitor", "sdk-user")
    client.flush()
    client.join()
    assert failures == []
    mine = [said for said in submissions(server) if said.user_id == "sdk-user"]
    assert sorted(said.kind for said in mine) == [
        "alias",
        "group",
        "identify",
        "page",
        "screen",
        "track",
    ]
    by_kind = {said.kind: said for said in mine}
    assert by_kind["identify"].email == "ada@example.com"
    assert by_kind["track"].name == "Demo Requested"
    assert by_kind["group"].traits["company.employee_count"] == 50
    assert by_kind["alias"].previous_id == "sdk-visitor"
    assert all(said.flag == "" for said in mine)


def test_a_key_revoked_in_the_database_is_refused_within_two_seconds(server: Server) -> None:
    connection = sqlite3.connect(server.data / "leadline.sqlite3", isolation_level=None)
    with closing(connection):
        revoke = "UPDATE workspace_writekey SET revoked_at = ? WHERE kind = 'server'"
        connection.execute(revoke, (1,))
        try:
            assert _becomes(server, 401)
        finally:
            connection.execute(revoke, (None,))
        assert _becomes(server, 200)


def _becomes(server: Server, status: int) -> bool:
    """Whether the door answers with `status` before 3 s have passed (2 s and a slow machine)."""
    with httpx.Client() as client:
        for _ in range(60):
            answer = client.post(f"{server.url}/v1/track", json=EVENT, headers=BEARER)
            if answer.status_code == status:
                return True
            time.sleep(0.05)
    return False


def test_a_locked_inbox_answers_503_and_recovers_by_itself(server: Server) -> None:
    before = len(submissions(server))
    connection = sqlite3.connect(server.data / FILE_NAME, isolation_level=None)
    with closing(connection):
        connection.execute("BEGIN IMMEDIATE")
        refused = httpx.post(f"{server.url}/v1/track", json=EVENT, headers=BEARER, timeout=10)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert httpx.get(f"{server.url}/readyz").status_code == 503
        connection.execute("ROLLBACK")
    assert httpx.post(f"{server.url}/v1/track", json=EVENT, headers=BEARER).status_code == 200
    assert readiness(server)["status"] == "ok"
    assert len(submissions(server)) == before + 1


def test_kill_9_under_load_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with served.running(tmp_path) as server:
        acknowledged, missing = torment.lost(server, rounds=1)
    assert acknowledged > 0
    assert missing == 0


@pytest.mark.torture
def test_a_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with served.running(tmp_path) as server:
        acknowledged, missing = torment.lost(server, rounds=100)
    assert acknowledged > 1_000
    assert missing == 0


def test_the_inbox_can_lose_rows_when_it_answers_before_the_commit(tmp_path: Path) -> None:
    """The twin: the same round finds what is missing when the answer does not wait."""
    with served.running(tmp_path, is_hasty=True) as server:
        _, missing = torment.lost(server, rounds=1)
    assert missing > 0
