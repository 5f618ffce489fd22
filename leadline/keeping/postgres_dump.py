"""Dumps of a PostgreSQL database, and bringing one back, with PostgreSQL's own programs.

Why `pg_dump` and not COPY per table: decision 12.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from leadline.keeping import sqlite_copy

DUMP = "database.dump"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"


class ProgramFailed(Exception):
    """pg_dump, pg_restore or psql is missing or said no; the text holds its last line."""

    permanent = False


class MayNotCreate(Exception):
    """The database user may not create a database to try a dump in."""

    permanent = True


@dataclass(frozen=True)
class Server:
    """Where a database is and who asks: the parts of a `postgres://` address."""

    name: str
    user: str
    password: str
    host: str
    port: str
    options: Mapping[str, str]

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> "Server":
        """From an entry of Django's DATABASES."""
        options = settings.get("OPTIONS")
        given = options if isinstance(options, Mapping) else {}
        texts = {
            str(name): value
            for name, value in given.items()
            if isinstance(value, str) and name != "application_name"
        }
        name, user, password, host, port = (
            str(settings.get(key) or "") for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")
        )
        return cls(name, user, password, host, port, texts)

    def beside(self, name: str) -> "Server":
        """Another database on the same server."""
        return Server(name, self.user, self.password, self.host, self.port, self.options)

    def conninfo(self, *, has_password: bool = True) -> str:
        parts = {"dbname": self.name, "user": self.user, "host": self.host, "port": self.port}
        if has_password:
            parts["password"] = self.password
        return make_conninfo(
            **{key: value for key, value in parts.items() if value}, **self.options
        )

    def url(self) -> str:
        """As LEADLINE_DATABASE_URL wants it."""
        who = quote(self.user, safe="")
        if self.password:
            who += ":" + quote(self.password, safe="")
        where = quote(self.host, safe="") + (f":{self.port}" if self.port else "")
        more = f"?{urlencode(self.options)}" if self.options else ""
        return f"postgres://{who}@{where}/{quote(self.name, safe='')}{more}"


@contextmanager
def connected(server: Server) -> Iterator[psycopg.Connection]:
    # Where the server was made without a locale, texts would come as bytes.
    with psycopg.connect(
        server.conninfo(), autocommit=True, connect_timeout=10, client_encoding="UTF8"
    ) as connection:
        yield connection


def take(server: Server, *, to: Path) -> dict[str, int]:
    """Write `database.dump` into the folder `to`; returns the rows of each table in it.

    Dump and counts see one snapshot, so they agree whatever is written meanwhile. Raises
    ProgramFailed, psycopg.Error.
    """
    with connected(server) as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        _call(
            server, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-comments",
            f"--snapshot={snapshot}", f"--file={to / DUMP}", server.conninfo(has_password=False),
        )  # fmt: skip
        return _counts(connection)


def counts(server: Server) -> dict[str, int]:
    """Rows of every table."""
    with connected(server) as connection:
        return _counts(connection)


def migrations(server: Server) -> dict[str, list[str]]:
    """App → names of the migrations that were applied."""
    with connected(server) as connection:
        found = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    return sqlite_copy.by_app([(str(app), str(name)) for app, name in found])


def bring(dump: Path, *, into: Server) -> None:
    """Fill an empty database, in one transaction. Raises ProgramFailed."""
    _call(
        into, "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner",
        "--no-privileges", f"--dbname={into.conninfo(has_password=False)}", str(dump),
    )  # fmt: skip


def put_back(dump: Path, *, over: Server) -> None:
    """Replace all there is by what the dump holds, in one transaction. Raises ProgramFailed."""
    with tempfile.TemporaryDirectory(prefix="leadline-") as folder:
        script = Path(folder) / "script.sql"
        _call(over, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump))
        _call(
            over, "psql", "--no-psqlrc", "--quiet", "--single-transaction",
            "--set=ON_ERROR_STOP=1", "--output=/dev/null",
            "--command=DROP SCHEMA public CASCADE", "--command=CREATE SCHEMA public",
            f"--file={script}", f"--dbname={over.conninfo(has_password=False)}",
        )  # fmt: skip


def read_through(dump: Path, server: Server) -> None:
    """Read the whole dump without bringing it anywhere; raises ProgramFailed when it is damaged."""
    _call(server, "pg_restore", "--file=/dev/null", str(dump))


@contextmanager
def scratch(server: Server, *, name: str) -> Iterator[Server]:
    """An empty database beside, dropped in the end. Raises MayNotCreate."""
    quoted = sql.Identifier(name)
    with connected(server) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(quoted))
        except psycopg.errors.InsufficientPrivilege as problem:
            raise MayNotCreate(f"{server.user} may not create databases.") from problem
    try:
        yield server.beside(name)
    finally:
        _drop(server, quoted)


def _drop(server: Server, name: sql.Identifier) -> None:
    """Without FORCE first: PostgreSQL then sends autovacuum away by itself and waits five seconds
    for whoever else is in. With FORCE we would have to end autovacuum's worker, which only the
    server's owner may: a backup now and then failed on a server that just looked at the copy."""
    plain = sql.SQL("DROP DATABASE IF EXISTS {}").format(name)
    forced = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name)
    with connected(server) as connection:
        for drop in (plain, forced):
            with suppress(psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege):
                connection.execute(drop)
                return
        connection.execute(plain)


def is_empty(server: Server) -> bool:
    """Is there no table yet?"""
    with connected(server) as connection:
        return connection.execute(_TABLES).fetchone() is None


def clear(server: Server) -> None:
    """Leave nothing in the database."""
    with connected(server) as connection, connection.transaction():
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def size_bytes(server: Server) -> int:
    with connected(server) as connection:
        return int(_one(connection, "SELECT pg_database_size(current_database())"))


def _counts(connection: psycopg.Connection) -> dict[str, int]:
    names = [str(name) for (name,) in connection.execute(_TABLES).fetchall()]
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: int(_one(connection, count.format(sql.Identifier(name)))) for name in names}


def _one(connection: psycopg.Connection, question: object) -> str:
    row = connection.execute(question).fetchone()  # type: ignore[call-overload]  # str or SQL
    assert row is not None
    return str(row[0])


def _call(server: Server, program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise ProgramFailed(
            f"{program} is missing. Install it with: apt-get install postgresql-client"
        )
    done = subprocess.run(  # noqa: S603  # a program found by its name, our own arguments
        [path, *arguments], env=_environment(server), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ProgramFailed(f"{program}: {_reason(done.stderr.splitlines())}")


def _environment(server: Server) -> dict[str, str]:
    """The password goes by the environment: the process list shows arguments to everybody."""
    fixed = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    return {**fixed, "PGPASSWORD": server.password} if server.password else fixed


def _reason(lines: Sequence[str]) -> str:
    errors = [line for line in lines if "error" in line.lower()] or list(lines)
    return errors[0][:300] if errors else "it failed without a word"
