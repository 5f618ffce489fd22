"""The database's clock, in integer microseconds: what leases are measured by.

Two worker processes may stand on machines whose clocks differ by hours; both ask the same
database. It is a piece of SQL, so that it can be part of the statement that takes a lease.
"""

from django.db import connection

_MICROS = {
    "sqlite": "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)",
}


def sql() -> str:
    """An SQL expression: microseconds since 1970 UTC as the database counts them."""
    return _MICROS[connection.vendor]


def micros() -> int:
    """Ask the database what time it is; one query."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql()}")
        return int(cursor.fetchone()[0])
