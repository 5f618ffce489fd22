"""From SQLite to PostgreSQL with equal counts, and on from there."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.keeping.places import ok, refused
from tests.worker import tree


@pytest.fixture
def target(postgres_url: str) -> str:
    """An empty database on a cluster of its own."""
    name = f"moved_{time.monotonic_ns()}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{postgres_url.rpartition('/')[0]}/{name}"


def visit(running: tree.Tree, number: int) -> None:
    said = {
        "userId": f"u{number}", "event": "Demo Requested", "messageId": f"m{number}",
        "context": {"traits": {"email": f"p{number}@example.com", "name": f"Person {number}"}},
    }  # fmt: skip
    key = running.keys["write_key"]
    assert httpx.post(f"{running.url}/v1/track", json=said, auth=(key, ""), timeout=20).is_success


@pytest.mark.sqlite_only
def test_a_workspace_moves_with_equal_counts_and_goes_on_there(tmp_path: Path, target: str) -> None:
    """About SQLite as the source; the target is PostgreSQL either way."""
    data = tmp_path / "data"
    with tree.served(data) as before:
        for number in range(20):
            visit(before, number)
        tree.until(lambda: before.pending() == 0, what="the inbox to be empty")
    with closing(sqlite3.connect(data / "inbox.sqlite3")) as file, file:
        # One more was acknowledged in the last moment and not worked off.
        body = '{"userId": "last", "traits": {"email": "last@example.com", "name": "Last"}}'
        file.execute(
            "INSERT INTO inbox (received_at, source, route, trust, mode, meta, body)"
            " SELECT 1790000000000000, 'key:1', 'identify', 1, 0, '{}', ?",
            (body.encode(),),
        )
    moved = ok(before.environment, "move", "--to", target, "--data", str(data))
    assert moved["waiting"] == 1
    tables = moved["tables"]
    assert isinstance(tables, dict)
    assert tables["leads_lead"] == 20
    assert tables["timeline_event"] == 20
    there = {**before.environment, "LEADLINE_DATABASE_URL": target}
    assert ok(there, "doctor", "--data", str(data))["is_well"] is True
    with tree.started(data, there, keys=before.keys) as after:
        visit(after, 21)
        tree.until(
            lambda: after.query("SELECT count(*) FROM leads_lead") == [(22,)], what="22 leads"
        )
        assert after.query("SELECT count(*) FROM cards_card WHERE name = 'Last'") == [(1,)]
        newest = after.query("SELECT max(id) > 20 FROM timeline_event")
        assert newest == [(True,)]
    again = refused(before.environment, "move", "--to", target, "--data", str(data))
    assert "is not empty" in again


@pytest.mark.sqlite_only
def test_nothing_moves_while_it_is_served(tmp_path: Path, target: str) -> None:
    """About SQLite as the source."""
    with tree.served(tmp_path / "data") as running:
        said = refused(running.environment, "move", "--to", target, "--data", str(running.data))
    assert "already runs on" in said
    with psycopg.connect(target) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    environment = tree.fresh_environment(tmp_path / "data")
    said = refused(environment, "move", "--to", "mysql://x/y", "--data", str(tmp_path / "data"))
    assert "postgres://" in said
