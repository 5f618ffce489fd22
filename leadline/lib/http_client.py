"""The one HTTP client of the house: for addresses that strangers or users typed.

It connects only to public addresses. The name is looked up once, every address found is
checked, and the connection goes to the checked address itself, so a name that changes its
answer between check and connection (DNS rebinding) gains nothing. No redirects, no proxies, no
cookies; ports 80, 443, 8080, 8443 and those configured; at most 64 kB of the answer; at most
15 s in all, however slowly the other side trickles.

Built on httpcore, the engine of httpx, because its network backend is the public place where a
connection is made; the same in httpx needs a private attribute.
"""

import functools
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import httpcore

from leadline.lib import web_address

TOTAL_SECONDS = 15.0
MAX_ANSWER = 65_536
PORTS = frozenset({80, 443, 8080, 8443})

# Python calls some of these global and some neither private nor global.
_DENIED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # carrier-grade NAT
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",  # IPv4 in IPv6, old form
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",
        "ff00::/8",
    )
)
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,4096}")


class NotAllowed(ValueError):
    """A request that we do not make. Trying again cannot help."""

    permanent = True


class NoAnswer(ConnectionError):
    """The other side could not be reached or did not answer in time. Try again later."""

    permanent = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers (lower-case names), the first 64 kB of the raw body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool
    seconds: float

    @property
    def is_success(self) -> bool:
        """2xx. A redirect is a failure: it is not followed."""
        return 200 <= self.status < 300


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    extra_ports: Iterable[int] = (),
    allow_private: bool = False,
    total_seconds: float = TOTAL_SECONDS,
) -> Answer:
    """Make one request and return its answer, whatever its status.

    `allow_private` admits addresses inside our own network; only tests and an installation that
    asks for it in its settings use it. Raises NotAllowed (scheme, port, address, header) before
    a byte is sent, and NoAnswer for name, connection, TLS and time.
    """
    parts = _checked(url, ports=PORTS | frozenset(extra_ports))
    sent = [(b"Host", _host_header(parts)), *_checked_headers(headers)]
    if body or method.upper() in ("POST", "PUT", "PATCH"):
        sent.append((b"Content-Length", str(len(body)).encode()))
    started = time.monotonic()
    backend = _CheckedBackend(deadline=started + total_seconds, allow_private=allow_private)
    target = httpcore.URL(
        scheme=parts.scheme.encode(),
        host=parts.host.strip("[]").encode(),
        port=parts.port,
        target=_target(parts),
    )
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool,
            pool.stream(method.upper(), target, headers=sent, content=body) as response,
        ):
            content, is_cut = _read(response)
    except (httpcore.TimeoutException, TimeoutError):
        raise NoAnswer(f"{parts.host} did not answer within {total_seconds:g} s") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise NoAnswer(f"{parts.host} could not be reached ({type(error).__name__})") from error
    return Answer(
        status=response.status,
        headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers},
        body=content,
        is_cut=is_cut,
        seconds=time.monotonic() - started,
    )


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, seen through its IPv6 disguises."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(str(mapped))
    is_denied = any(ip.version == network.version and ip in network for network in _DENIED)
    return ip.is_global and not is_denied


def _checked(url: str, *, ports: frozenset[int]) -> web_address.Parts:
    parts = web_address.parts(url)
    if parts is None:
        raise NotAllowed(f"{str(url)[:200]!r} is not an http or https address")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if port not in ports:
        allowed = ", ".join(str(p) for p in sorted(ports))
        raise NotAllowed(f"port {port} is not allowed, only {allowed}")
    return parts


def _checked_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    for name, value in headers.items():
        if _HEADER_NAME.fullmatch(name) is None or _HEADER_VALUE.fullmatch(value) is None:
            raise NotAllowed(f"the header {name[:64]!r} has a name or value that is not allowed")
        if name.lower() in ("host", "content-length", "transfer-encoding", "connection"):
            raise NotAllowed(f"the header {name!r} is written by the client itself")
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def _host_header(parts: web_address.Parts) -> bytes:
    return f"{parts.host}:{parts.port}".encode() if parts.port else parts.host.encode()


def _target(parts: web_address.Parts) -> bytes:
    written = parts.path + (f"?{parts.query}" if parts.query else "")
    return b"".join(
        b"%%%02X" % byte if byte > 126 or byte < 33 else bytes([byte])
        for byte in written.encode("utf-8")
    )


def _read(response: httpcore.Response) -> tuple[bytes, bool]:
    content = bytearray()
    for chunk in response.iter_stream():
        content += chunk
        if len(content) > MAX_ANSWER:
            return bytes(content[:MAX_ANSWER]), True
    return bytes(content), False


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


class _CheckedBackend(httpcore.NetworkBackend):
    """Looks a name up, checks what it finds and connects to exactly that, until a deadline."""

    def __init__(self, *, deadline: float, allow_private: bool) -> None:
        self._deadline = deadline
        self._allow_private = allow_private
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _look_up(host, port, timeout=_remaining(self._deadline))
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise NotAllowed(f"{host} leads to an address that is not on the public internet")
        stream = self._network.connect_tcp(
            addresses[0], port, _remaining(self._deadline), local_address, socket_options
        )
        return _TimedStream(stream, deadline=self._deadline)


class _TimedStream(httpcore.NetworkStream):
    """A stream in which every read and write gets only what is left of the total time."""

    def __init__(self, stream: httpcore.NetworkStream, *, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _remaining(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secure = self._stream.start_tls(ssl_context, server_hostname, _remaining(self._deadline))
        return _TimedStream(secure, deadline=self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _remaining(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the total time is over")
    return left


def _look_up(host: str, port: int, *, timeout: float) -> list[str]:
    """All addresses of a name. getaddrinfo knows no timeout, so it runs in a thread."""
    found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([str(entry[4][0]) for entry in entries])
        except (OSError, UnicodeError) as error:
            found.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = found.get(timeout=timeout)
    except queue.Empty:
        raise httpcore.ConnectTimeout("the name was not found in time") from None
    if isinstance(answer, OSError) or not answer:
        raise NoAnswer(f"the name {host} has no address")
    return answer
