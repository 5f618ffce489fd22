"""Refuses a SQLite library that can lose committed rows.

The WAL-reset race is in 3.7.0 to 3.51.2 and fixed in 3.51.3, with back-ports 3.50.7 and 3.44.6.
"""

import sqlite3

FIXED_IN = (3, 51, 3)
BACK_PORTS = ((3, 50, 7), (3, 44, 6))


class VulnerableSqlite(Exception):
    """The SQLite in use has the WAL-reset bug."""


def check(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> None:
    """Raise VulnerableSqlite unless `version` has the fix."""
    if version >= FIXED_IN or any(version[:2] == v[:2] and version >= v for v in BACK_PORTS):
        return
    found = ".".join(str(part) for part in version)
    raise VulnerableSqlite(
        f"SQLite {found} can lose committed rows (WAL-reset bug, fixed in 3.51.3): "
        "install the project's pinned pysqlite3 wheel."
    )
