"""Locks that a pass takes before it reads.

On SQLite every transaction is IMMEDIATE, so there is one writer anyway. On PostgreSQL two passes
could both find an address unknown and both make its lead; an advisory lock that ends with the
transaction makes them take turns before either has read anything. Leads are locked in the order
of their ids, so two passes never wait for each other.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from leadline.lib import rows

# Any constant will do; it is written out so that `pg_locks` can be read.
_RECOGNISING = 0x1EAD_0001


def passing() -> None:
    """Wait until no other pass recognises; holds until the end of the transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_RECOGNISING])


def hold(lead_ids: Iterable[UUID]) -> None:
    """Lock these leads until the end of the transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            rows.select_in(
                cursor,
                "SELECT id FROM leads_lead WHERE id {in} ORDER BY id FOR UPDATE",
                sorted(set(lead_ids)),
                vendor=connection.vendor,
            )
