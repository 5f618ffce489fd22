"""One id from the request through the log lines of both halves to the answer."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.capture import served
from tests.capture.served import Server

pytestmark = pytest.mark.sqlite_only  # about the server in front of either database

SECRET = "Secret.Person@example.com"


@pytest.fixture(scope="module", params=[False, True], ids=["lines", "json"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("logged")
    with served.running(folder, log_json=request.param) as server:
        yield server


def lines_of(server: Server, identity: str) -> list[str]:
    return [line for line in server.log().splitlines() if identity in line]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"/api/v1/leads?email={SECRET}", "GET api-v1:list_leads 401"),
        (f"/api/v1/nowhere/{SECRET}", "GET leadline.api.urls._unknown 404"),
    ],
)
def test_django_logs_the_id_that_its_answer_carries(server: Server, path: str, told: str) -> None:
    own = httpx.get(server.url + path).headers["x-request-id"]
    given = f"order-{len(server.log())}"
    httpx.get(server.url + path, headers={"X-Request-Id": given})
    for identity in (own, given):
        (line,) = lines_of(server, identity)
        assert told in line
    assert SECRET not in server.log()


def test_each_request_of_a_connection_has_an_id_of_its_own(server: Server) -> None:
    with httpx.Client(base_url=server.url) as client:
        paths = ("/healthz", "/api/v1/me", "/metrics", "/f/none", "/api/v1/me", "/v1/track")
        found = [client.get(path).headers["x-request-id"] for path in paths]
    assert len(set(found)) == len(paths)
    assert [len(lines_of(server, identity)) for identity in found] == [0, 1, 0, 0, 1, 0]


def test_what_breaks_is_logged_with_its_places_under_the_id(server: Server) -> None:
    with closing(sqlite3.connect(server.data / "leadline.sqlite3", timeout=20)) as file:
        file.execute("ALTER TABLE workspace_user RENAME TO gone")
        answer = httpx.get(f"{server.url}/sign-in/?next=/{SECRET}")
        file.execute("ALTER TABLE gone RENAME TO workspace_user")
    assert answer.status_code == 503
    (line,) = lines_of(server, answer.headers["x-request-id"])
    assert " 503" in line
    assert "django.db.utils.OperationalError" in server.log()
    assert "owners.py" in server.log()
    assert SECRET not in server.log()
    assert "no such table" not in server.log()
