"""Handing inbox rows to the flow: a portion with the transaction that writes its effects."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from leadline.capture import inbox, reader
from leadline.capture.inbox_sqlite import FILE_NAME
from leadline.capture.models import InboxCursor
from leadline.capture.reader import SqliteReader

# On SQLite a portion ends here, so that its transaction holds the write lock briefly; a single
# larger batch is still taken whole.
MOST_BYTES = 120_000

_readers: dict[str, SqliteReader] = {}


@contextmanager
def portion(limit: int) -> Iterator[Sequence[inbox.Row]]:
    """At most `limit` rows, in the order they were stored, in the caller's transaction.

    When the block ends without an exception the rows count as taken, with the transaction.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            yield reader.take_postgres(cursor, limit)
        return
    position, _ = InboxCursor.objects.get_or_create(id=1)
    rows = _light(_reader().after(position.position, limit))
    yield rows
    if rows:
        InboxCursor.objects.filter(id=1).update(position=rows[-1].id, failures=0)


def _light(rows: list[inbox.Row]) -> list[inbox.Row]:
    size = 0
    for count, row in enumerate(rows):
        size += len(row.body)
        if size > MOST_BYTES and count:
            return rows[:count]
    return rows


def _reader() -> SqliteReader:
    # One thread of the worker consumes; the file stays open between portions.
    path = settings.ENVIRONMENT.data / FILE_NAME
    return _readers.setdefault(str(path), SqliteReader(path))
