"""The physical limit: an ASGI application that does nothing but append bodies to an inbox.

One fixed key, one decode, one table, group commit; no limits, no problem documents, no strict
JSON, no definitions that change. What the product adds is measured against it, in the same run.
Started by `benchmarks.ingest` as `bare_inbox:application` with BARE_DATA or BARE_DATABASE_URL.
"""

import asyncio
import os
import queue
import sqlite3
import threading
import time
from typing import Any

import msgspec
import psycopg

import leadline  # noqa: F401  # the same SQLite library


class Event(msgspec.Struct, rename="camel"):
    event: str = ""
    message_id: str = ""
    user_id: str | None = None


class Batch(msgspec.Struct):
    batch: list[Event]


_event = msgspec.json.Decoder(Event)
_batch = msgspec.json.Decoder(Batch)
_AUTH = os.environ.get("AUTH", "").encode()
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"16")],
}
_BODY = {"type": "http.response.body", "body": b'{"success":true}'}


class Committer:
    """One thread, one connection, whatever has gathered in one transaction."""

    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[tuple[Any, asyncio.Future[None]]] = queue.SimpleQueue()
        self.loop = asyncio.get_running_loop()
        threading.Thread(target=self.run, daemon=True).start()

    def submit(self, row: tuple[int, int, bytes]) -> asyncio.Future[None]:
        future = self.loop.create_future()
        self.queue.put((row, future))
        return future

    def run(self) -> None:
        write = _postgres() if os.environ.get("BARE_DATABASE_URL") else _sqlite()
        while True:
            rows, futures = [], []
            row, future = self.queue.get()
            while True:
                rows.append(row)
                futures.append(future)
                if len(rows) == 500 or self.queue.empty():
                    break
                row, future = self.queue.get()
            write(rows)
            self.loop.call_soon_threadsafe(_tell, futures)


def _tell(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


def _sqlite() -> Any:
    connection = sqlite3.connect(
        os.path.join(os.environ["BARE_DATA"], "bare.sqlite3"), isolation_level=None
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE inbox (id INTEGER PRIMARY KEY, received_at INTEGER, n INTEGER, body BLOB)"
    )

    def write(rows: list[tuple[int, int, bytes]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO inbox (received_at, n, body) VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")

    return write


def _postgres() -> Any:
    connection = psycopg.connect(os.environ["BARE_DATABASE_URL"], autocommit=True)
    connection.execute(
        "CREATE TABLE bare_inbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " received_at bigint NOT NULL, n int NOT NULL, body bytea NOT NULL)"
    )

    def write(rows: list[tuple[int, int, bytes]]) -> None:
        with connection.cursor().copy(
            "COPY bare_inbox (received_at, n, body) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(["int8", "int4", "bytea"])
            for row in rows:
                copy.write_row(row)

    return write


_running: list[Committer] = []


async def application(scope: Any, receive: Any, send: Any) -> None:
    """`/v1/track` and `/v1/batch` without anything around them."""
    if scope["type"] != "http":
        return
    if dict(scope["headers"]).get(b"authorization", b"") != _AUTH:
        await send({**_START, "status": 401})
        await send(_BODY)
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if scope["path"] == "/v1/batch":
        count = len(_batch.decode(body).batch)
    else:
        _event.decode(body)
        count = 1
    if not _running:
        _running.append(Committer())
    await _running[0].submit((time.time_ns() // 1_000, count, body))
    await send(_START)
    await send(_BODY)
