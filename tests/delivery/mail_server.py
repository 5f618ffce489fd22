"""A mail server that follows a script: the outside world, as bad as it gets.

It speaks SMTP on loopback with plain sockets, because it has to fail in ways that no server
library offers: nonsense, silence, one byte at a time, and hanging up at each point.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

DROP = "drop"
"""Hang up instead of answering."""

SILENT = "silent"
"""Never answer."""

SLOW = "slow"
"""Answer with one byte every 20 ms, for ever."""

GOOD = {
    "connect": "220 ready",
    "ehlo": "250 hello",
    "starttls": "220 go ahead",
    "mail": "250 ok",
    "rcpt": "250 ok",
    "data": "354 go ahead",
    "body": "250 taken",
    "rset": "250 ok",
    "quit": "221 bye",
}


@dataclass
class MailServer:
    """What the server was told: commands in order, recipients, complete contents."""

    script: Mapping[str, str]
    before_answer: Callable[[str], None] | None = None
    tls: ssl.SSLContext | None = None
    commands: list[str] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    port: int = 0

    @property
    def recipients(self) -> list[str]:
        return [line for line in self.commands if line.lower().startswith("rcpt")]

    def converse(self, connection: socket.socket) -> None:
        if not self._answer(connection, "connect"):
            return
        reader = connection.makefile("rb")
        while line := reader.readline():
            command = line.decode("ascii", "replace").strip()
            self.commands.append(command)
            word = command.split(" ")[0].lower().split(":")[0]
            stage = "ehlo" if word == "helo" else word
            if not self._answer(connection, stage):
                return
            if stage == "starttls" and self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                reader = connection.makefile("rb")
            if stage == "data" and self._text(stage).startswith("354"):
                if self.script.get("content") == DROP:
                    reader.readline()
                    return
                self.contents.append(_content(reader.readline))
                if not self._answer(connection, "body"):
                    return
            if stage == "quit":
                return

    def _text(self, stage: str) -> str:
        return self.script.get(stage, GOOD.get(stage, "500 what"))

    def _answer(self, connection: socket.socket, stage: str) -> bool:
        if self.before_answer is not None:
            self.before_answer(stage)
        text = self._text(stage)
        if text == DROP:
            return False
        if text == SILENT:
            connection.recv(1)
            return False
        if text == SLOW:
            while True:
                connection.sendall(b"2")
                time.sleep(0.02)
        connection.sendall(text.replace("\n", "\r\n").encode() + b"\r\n")
        return True


def _content(readline: Callable[[], bytes]) -> bytes:
    lines = []
    while (line := readline()) not in (b".\r\n", b""):
        lines.append(line)
    return b"".join(lines)


@contextmanager
def running(server: MailServer) -> Iterator[MailServer]:
    """The server on a free port of the loopback, one thread per connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            server.converse(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _address = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        # Closing alone does not wake a thread that waits in accept().
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
