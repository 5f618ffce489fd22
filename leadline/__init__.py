"""Leadline: self-hosted lead management in which every number can be replayed and explained.

Importing the package swaps the standard library's ``sqlite3`` for ``pysqlite3``: the SQLite that
Debian ships (3.40.1) can lose committed rows in WAL mode with two connections, which is exactly
how we run. This is the one piece of work the project does at import; `config.sqlite` refuses to
start on a vulnerable library.
"""

import sys
import uuid

import pysqlite3
import pysqlite3.dbapi2

__version__ = "0.1.0"

sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
# Set-based writes pass uuid.UUID on both engines; Django stores it on SQLite as 32 hex digits.
pysqlite3.dbapi2.register_adapter(uuid.UUID, lambda value: value.hex)
