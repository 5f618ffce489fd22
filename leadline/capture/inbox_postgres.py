"""The inbox on PostgreSQL: the table `capture_inbox`, written by each web process.

Nothing is ever read by `id > last` here: ids do not follow the order of commits. The consumer
takes rows by deleting them (`reader.take_postgres`).
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain

import psycopg

from leadline.capture import inbox

COPY_FROM = 4
CONNECT_SECONDS = 3
# A commit that takes longer is answered with 503; the client tries again with the same id.
STATEMENT_SECONDS = 5

_NAMES = ", ".join(inbox.COLUMNS)
_PLACES = "(" + ", ".join(["%s"] * len(inbox.COLUMNS)) + ")"
_COPY = f"COPY capture_inbox ({_NAMES}) FROM STDIN (FORMAT BINARY)"
_HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
_TRAILER = struct.pack(">h", -1)
# Seven fields follow; the first is eight bytes: received_at.
_RECEIVED = struct.Struct(">hiq")
_LENGTH = struct.Struct(">i")
_SHORT = struct.Struct(">ih")


class PostgresInbox:
    """`parameters()` gives what `psycopg.connect` takes, so a changed address is followed."""

    def __init__(self, parameters: Callable[[], Mapping[str, object]]) -> None:
        self._parameters = parameters
        self._connection: psycopg.Connection | None = None

    def append(self, drafts: Sequence[inbox.Draft]) -> None:
        try:
            connection = self._open()
            if len(drafts) < COPY_FROM:
                connection.execute(_insert(len(drafts)), list(chain.from_iterable(drafts)))
                return
            with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
                copy.write(_packed(drafts))
        except psycopg.Error as error:
            self.close()
            raise inbox.InboxUnavailable(f"The inbox cannot be written: {error}") from error

    def probe(self) -> None:
        try:
            connection = self._open()
            with connection.transaction(force_rollback=True):
                connection.execute(_insert(1), (0, "", "", 0, 0, "{}", b""))
        except psycopg.Error as error:
            self.close()
            raise inbox.InboxUnavailable(f"The inbox cannot be written: {error}") from error

    def tidy(self) -> bool:
        """Nothing to do: the consumer removes what it takes."""
        return False

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> psycopg.Connection:
        if self._connection is None:
            connection: psycopg.Connection = psycopg.connect(
                **self._parameters(),  # type: ignore[arg-type]  # as Django's settings hold them
                autocommit=True,
            )
            connection.execute("SET synchronous_commit = on")
            connection.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'")
            self._connection = connection
        return self._connection


@lru_cache(maxsize=COPY_FROM)
def _insert(count: int) -> bytes:
    values = ", ".join([_PLACES] * count)
    return f"INSERT INTO capture_inbox ({_NAMES}) VALUES {values}".encode()


def _packed(drafts: Sequence[inbox.Draft]) -> bytes:
    """The rows in COPY's binary format. By hand: psycopg's own rows took most of the commit."""
    parts = [_HEADER]
    for received_us, source, route, trust, mode, meta, body in drafts:
        parts.append(_RECEIVED.pack(7, 8, received_us))
        parts.append(_middle(source, route, trust, mode, meta))
        parts.append(_LENGTH.pack(len(body)))
        parts.append(body)
    parts.append(_TRAILER)
    return b"".join(parts)


@lru_cache(maxsize=1_000)
def _middle(source: str, route: str, trust: int, mode: int, meta: str) -> bytes:
    return b"".join(
        [
            _text(source),
            _text(route),
            _SHORT.pack(2, trust),
            _SHORT.pack(2, mode),
            _text(meta),
        ]
    )


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _LENGTH.pack(len(encoded)) + encoded
