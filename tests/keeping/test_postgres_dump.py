"""Dumps where the database user may little, and addresses with odd characters."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from leadline.config import environment
from leadline.keeping import postgres_dump
from leadline.keeping.postgres_dump import Server
from tests.keeping.places import ok
from tests.worker import tree

PASSWORD = "p@ss/w:rd 'ü?"


@pytest.fixture
def poor(postgres_url: str) -> Server:
    """An empty database of a user who may not create others."""
    name = f"poor_{time.monotonic_ns()}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN".encode())
        connection.execute(f"CREATE DATABASE {name} OWNER {name}".encode())
    known = environment.postgres_database(postgres_url)
    return Server.of({**known, "NAME": name, "USER": name, "PASSWORD": PASSWORD})


def test_without_the_right_to_create_databases_a_backup_is_read_through_and_says_so(
    tmp_path: Path, poor: Server
) -> None:
    data, other = tmp_path / "data", tmp_path / "other"
    here = {**tree.fresh_environment(data), "LEADLINE_DATABASE_URL": poor.url()}
    ok(
        here, "setup", "--data", str(data), "--playbook", "b2b-saas",
        "--owner-email", "ada@example.com", "--owner-password", "correct horse battery",
    )  # fmt: skip
    made = ok(here, "backup", "--data", str(data))
    assert made["is_proven"] is False
    assert "CREATEDB" in str(made["note"])
    # It comes back all the same.
    with postgres_dump.connected(poor) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    back = ok(here, "restore", str(made["folder"]), "--data", str(other))
    assert back["rows"] == made["rows"]
    assert back["findings"] == []


def test_an_address_survives_being_written_and_read(poor: Server) -> None:
    assert Server.of(environment.postgres_database(poor.url())) == poor


def test_the_password_stands_in_no_argument(poor: Server) -> None:
    assert PASSWORD not in poor.conninfo(has_password=False)
    assert "rd 'ü?" not in poor.conninfo(has_password=False)


def test_a_scratch_database_is_gone_afterwards(postgres_url: str) -> None:
    server = Server.of(environment.postgres_database(postgres_url))
    with postgres_dump.scratch(server, name="leadline_check_1") as scratch:
        assert postgres_dump.is_empty(scratch)
    with postgres_dump.connected(server) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_database WHERE datname = 'leadline_check_1'"
        ).fetchone()
    assert found == (0,)


def test_whoever_may_not_be_ended_is_waited_for(postgres_url: str, poor: Server) -> None:
    """Autovacuum looks at a new database when it likes. Like this session of the server's owner,
    its worker may not be ended by our user."""
    copy, is_over = f"{poor.name}_copy", threading.Event()
    with psycopg.connect(postgres_url, autocommit=True) as owner, ThreadPoolExecutor() as beside:
        owner.execute(f"ALTER ROLE {poor.user} CREATEDB".encode())
        try:
            with postgres_dump.scratch(poor, name=copy):
                visitor = psycopg.connect(make_conninfo(postgres_url, dbname=copy))
                beside.submit(_leave_when_it_is_dropped, visitor, owner, is_over)
        finally:
            is_over.set()
        left = owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [copy]).fetchone()
        assert left is None


def _leave_when_it_is_dropped(
    visitor: psycopg.Connection, owner: psycopg.Connection, is_over: threading.Event
) -> None:
    dropping = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DROP DATA%'"
    with visitor:
        while owner.execute(dropping).fetchone() is None and not is_over.wait(0.05):
            pass


def test_a_database_that_was_made_without_a_locale_is_backed_up(
    tmp_path: Path, postgres_url: str
) -> None:
    """Its texts come as bytes, unless somebody asks for UTF-8."""
    name = f"ascii_{time.monotonic_ns()}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C'".encode()
        )
    server = Server.of(environment.postgres_database(postgres_url)).beside(name)
    with postgres_dump.connected(server) as connection:
        connection.execute("CREATE TABLE person (name text)")
        connection.execute("INSERT INTO person VALUES ('Zoë')")
    assert postgres_dump.take(server, to=tmp_path) == {"person": 1}
