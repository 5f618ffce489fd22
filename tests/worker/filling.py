"""Rows in the inbox, put there the way the door puts them."""

import json
from collections.abc import Iterable

from django.conf import settings
from django.db import connection

from leadline.capture import supply
from leadline.capture.inbox import Draft
from leadline.capture.inbox_sqlite import FILE_NAME, SqliteInbox
from leadline.lib import clock
from tests.conftest import NOW

POISON = b"\xff this is not JSON"


def empty() -> None:
    """An inbox without rows: neither its file nor its table is one that Django empties."""
    supply._readers.clear()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM capture_inbox")
    for ending in ("", "-wal", "-shm"):
        (settings.ENVIRONMENT.data / (FILE_NAME + ending)).unlink(missing_ok=True)


def event(number: int) -> bytes:
    """A `track` of a person of their own."""
    said = {
        "type": "track",
        "event": "Demo Requested",
        "userId": f"user-{number}",
        "messageId": f"message-{number}",
        "properties": {},
        "context": {"traits": {"email": f"person{number}@corp{number}.example.com"}},
    }
    return json.dumps(said).encode()


def fill(bodies: Iterable[bytes], *, route: str = "track", is_history: bool = False) -> None:
    """Append one row for each body, acknowledged and durable."""
    at, mode = clock.micros(NOW), int(is_history)
    drafts = [Draft(at, "key:1", route, 1, mode, "{}", body) for body in bodies]
    if connection.vendor == "sqlite":
        inbox = SqliteInbox(settings.ENVIRONMENT.data / FILE_NAME, consumed=lambda: 0)
        inbox.append(drafts)
        inbox.close()
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO capture_inbox (received_at, source, route, trust, mode, meta, body)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            drafts,
        )
