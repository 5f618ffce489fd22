"""The one HTTP client reaches only public addresses, briefly and once (D09 to D12).

The receiver here is a plain socket server on the loopback: the outside world, scripted.
"""

import gzip
import re
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from leadline.lib import http_client
from leadline.lib.http_client import NoAnswer, NotAllowed

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Id: 7\r\n\r\nok"


def _whole_request(peer: socket.socket) -> bytes:
    received = b""
    while chunk := peer.recv(65_536):
        received += chunk
        head, end, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if end and len(body) >= (int(length[1]) if length else 0):
            break
    return received


@contextmanager
def _receiver(answer: Callable[[socket.socket], None]) -> Iterator[tuple[int, list[bytes]]]:
    """A server on a free port that reads a request and then does `answer`."""
    requests: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            requests.append(_whole_request(self.request))
            try:
                answer(self.request)
            except OSError:
                return  # the client has gone, as it should

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1], requests
        finally:
            server.shutdown()
            thread.join()


def _send(port: int, path: str = "/", **changes: object) -> http_client.Answer:
    settings: dict[str, object] = {
        "headers": {},
        "extra_ports": [port],
        "allow_private": True,
        "total_seconds": 2.0,
    }
    return http_client.send("POST", f"http://127.0.0.1:{port}{path}", **(settings | changes))  # type: ignore[arg-type]  # one dict of mixed settings


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0177.0.0.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "localhost",
        "localhost.",
        "[::1]",
        "[::]",
        "[::127.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "[2001:0:1::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[ff02::1]",
    ],
)
def test_an_address_inside_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(NotAllowed, match="not on the public internet"):
        http_client.send("GET", f"http://{host}/", headers={})


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_a_public_address_is_public(address: str) -> None:
    assert http_client.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "https://good.com\\@evil.com/",
        "https://user:secret@example.com/",
        "http://exam\nple.com/",
        "http://[fe80::1%25eth0]/",
        "//example.com",
        "",
    ],
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed, match="http or https"):
        http_client.send("GET", url, headers={})


@pytest.mark.parametrize("port", [22, 25, 6379, 5432, 81])
def test_other_ports_are_refused(port: int) -> None:
    with pytest.raises(NotAllowed, match=f"port {port}"):
        http_client.send("GET", f"http://example.com:{port}/", headers={})


def test_a_name_with_one_address_inside_is_refused_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
        for address in ("93.184.216.34", "127.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NotAllowed):
        http_client.send("GET", "http://rebind.example.com/", headers={})


def test_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolver(host: str, port: int, *more: object, **named: object) -> object:
        # The second question about the name would get another answer; there must be none.
        if host == "rebind.example.com":
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]
        return real(host, port, *more, **named)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with _receiver(lambda peer: peer.sendall(OK)) as (port, requests):
        answer = http_client.send(
            "POST",
            f"http://rebind.example.com:{port}/hook",
            headers={},
            extra_ports=[port],
            allow_private=True,
        )
    assert answer.is_success
    assert asked == ["rebind.example.com"]
    assert f"Host: rebind.example.com:{port}\r\n".encode() in requests[0]


def test_a_request_arrives_as_it_was_meant() -> None:
    with _receiver(lambda peer: peer.sendall(OK)) as (port, requests):
        answer = _send(port, "/hook?a=1&b=é", headers={"webhook-id": "msg_1"}, body=b'{"a":1}')
    assert (answer.status, answer.body, answer.is_cut) == (200, b"ok", False)
    assert answer.headers["x-id"] == "7"
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?a=1&b=%C3%A9 HTTP/1.1\r\n")
    assert b"webhook-id: msg_1" in head
    assert b"Content-Length: 7" in head
    assert body == b'{"a":1}'


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_a_failure_and_is_not_followed(status: int) -> None:
    moved = f"HTTP/1.1 {status} Moved\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"
    with _receiver(lambda peer: peer.sendall(moved.encode())) as (port, requests):
        answer = _send(port)
    assert answer.status == status
    assert not answer.is_success
    assert len(requests) == 1


def test_an_endless_answer_is_cut_at_64_kilobytes() -> None:
    def pour(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            peer.sendall(b"x" * 65_536)

    with _receiver(pour) as (port, _):
        answer = _send(port)
    assert answer.is_cut
    assert len(answer.body) == http_client.MAX_ANSWER


def test_a_gzip_bomb_stays_packed() -> None:
    bomb = gzip.compress(b"\x00" * 10_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    with _receiver(lambda peer: peer.sendall(head.encode() + bomb)) as (port, _):
        answer = _send(port)
    assert answer.body == bomb


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_a_trickling_answer_ends_at_the_total_time(head: bytes) -> None:
    def trickle(peer: socket.socket) -> None:
        peer.sendall(head)
        for _ in range(100):
            peer.sendall(b"H")
            time.sleep(0.05)

    with (
        _receiver(trickle) as (port, _),
        pytest.raises(NoAnswer, match=r"did not answer within 0\.4 s"),
    ):
        _send(port, total_seconds=0.4)


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_a_broken_answer_is_no_answer(answer: bytes) -> None:
    with _receiver(lambda peer: peer.sendall(answer)) as (port, _), pytest.raises(NoAnswer):
        _send(port)


def test_nobody_there_is_no_answer_and_may_be_tried_again() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(NoAnswer) as refusal:
        _send(port)
    assert not refusal.value.permanent


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A: 1\r\nBcc"},
        {"X-A"},
        {"Host"},
        {"content-length"},
        {""},
    ],
    ids=repr,
)
def test_a_header_name_that_is_none_is_refused(headers: set[str]) -> None:
    with pytest.raises(NotAllowed, match="header"):
        _send(80, headers={name: "x\r\ny" if name == "X-A" else "x" for name in headers})
