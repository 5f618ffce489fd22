"""The inbox on PostgreSQL: the same rows, taken once, whatever order commits come in."""

import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import httpx
import psycopg
import pytest

from leadline.capture import inbox, reader, unpack
from leadline.capture.inbox_postgres import COPY_FROM, PostgresInbox
from leadline.capture.inbox_sqlite import FILE_NAME, SqliteInbox
from tests.capture import served, torment
from tests.capture.served import SERVER_KEY, Server, readiness

AT = 1_773_135_000_000_000


def draft(number: int = 0, *, body: bytes = b"{}") -> inbox.Draft:
    return inbox.Draft(AT + number, "key:1", "track", 1, 0, "{}", body)


@pytest.fixture
def database(postgres_url: str) -> Iterator[psycopg.Connection]:
    """A connection to a cluster whose inbox is empty."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS capture_inbox")
        connection.execute(import_module("leadline.capture.migrations.0002_inbox_postgres").CREATE)
        yield connection


def store(postgres_url: str, **options: object) -> PostgresInbox:
    return PostgresInbox(lambda: {"conninfo": postgres_url, "connect_timeout": 2, **options})


def fill_behind_the_statistics(database: psycopg.Connection, count: int = 40) -> None:
    """What autovacuum makes of an inbox that is nearly always empty."""
    add = (
        "INSERT INTO capture_inbox (received_at, source, route, trust, mode, meta, body)"
        " SELECT n, 'key:1', 'track', 1, 0, '{}', '{}' FROM generate_series(1, %s) AS n"
    )
    database.execute(add, (1,))
    database.execute("ANALYZE capture_inbox")
    database.execute(add, (count,))


def taken(connection: psycopg.Connection, limit: int = 100) -> list[inbox.Row]:
    with connection.transaction(), connection.cursor() as cursor:
        return reader.take_postgres(cursor, limit)


@pytest.mark.parametrize("count", [1, COPY_FROM - 1, COPY_FROM, 200])
def test_rows_are_the_same_on_both_databases(
    database: psycopg.Connection, postgres_url: str, tmp_path: Path, count: int
) -> None:
    drafts = [
        inbox.Draft(
            AT + n,
            f"form:dé{n}",
            "form",
            n % 2,
            (n + 1) % 2,
            '{"rejected":[1]}',
            bytes(range(256)) * (n % 5),
        )
        for n in range(count)
    ]
    here, there = store(postgres_url), SqliteInbox(tmp_path / FILE_NAME, consumed=lambda: 0)
    here.append(drafts)
    there.append(drafts)
    here.close()
    there.close()
    assert taken(database, 1_000) == reader.SqliteReader(tmp_path / FILE_NAME).after(0, 1_000)


def test_an_inbox_analysed_while_empty_is_taken_by_place(database: psycopg.Connection) -> None:
    """A join would compare each row that waits with each that is taken."""
    fill_behind_the_statistics(database, 5_000)
    database.execute("DELETE FROM capture_inbox")
    fill_behind_the_statistics(database, 5_000)
    plan = database.execute(f"EXPLAIN {reader.TAKE}".encode(), (20,)).fetchall()
    text = " ".join(line for (line,) in plan)
    assert ("Tid Scan" in text, "Loop" in text, "Join" in text) == (True, False, False)
    assert len(taken(database, 20)) == 20


def test_rows_are_taken_once_and_oldest_first(
    database: psycopg.Connection, postgres_url: str
) -> None:
    front = store(postgres_url)
    front.append([draft(n) for n in range(10)])
    front.close()
    with database.cursor() as cursor:
        assert reader.pending_postgres(cursor) == (10, AT)
    assert [row.received_us - AT for row in taken(database, 4)] == [0, 1, 2, 3]
    assert [row.received_us - AT for row in taken(database)] == [4, 5, 6, 7, 8, 9]
    assert taken(database) == []
    with database.cursor() as cursor:
        assert reader.pending_postgres(cursor) == (0, None)


def test_a_row_taken_in_a_transaction_that_fails_comes_again(
    database: psycopg.Connection, postgres_url: str
) -> None:
    front = store(postgres_url)
    front.append([draft()])
    front.close()
    with database.transaction(force_rollback=True), database.cursor() as cursor:
        assert len(reader.take_postgres(cursor, 10)) == 1
    assert len(taken(database)) == 1


def late_and_early(database: psycopg.Connection, postgres_url: str) -> psycopg.Connection:
    """A row with id 1 in a transaction still open, and a row with id 2 that is committed."""
    held = psycopg.connect(postgres_url)
    held.execute(
        "INSERT INTO capture_inbox (received_at, source, route, trust, mode, meta, body)"
        " VALUES (1, 'key:1', 'track', 1, 0, '{}', '{}')"
    )
    database.execute(
        "INSERT INTO capture_inbox (received_at, source, route, trust, mode, meta, body)"
        " VALUES (2, 'key:1', 'track', 1, 0, '{}', '{}')"
    )
    return held


def test_a_transaction_held_open_across_a_consumer_run_loses_nothing(
    database: psycopg.Connection, postgres_url: str
) -> None:
    held = late_and_early(database, postgres_url)
    first = [row.id for row in taken(database)]
    held.commit()
    held.close()
    second = [row.id for row in taken(database)]
    assert (first, second) == ([2], [1])


def test_reading_by_id_greater_than_the_last_would_lose_the_late_row(
    database: psycopg.Connection, postgres_url: str
) -> None:
    """The twin: the usual cursor never sees the row that was committed late."""
    held = late_and_early(database, postgres_url)
    read = "SELECT id FROM capture_inbox WHERE id > %s ORDER BY id"
    first = [number for (number,) in database.execute(read, (0,))]
    held.commit()
    held.close()
    second = [number for (number,) in database.execute(read, (max(first),))]
    assert (first, second) == ([2], [])


def test_two_consumers_at_once_never_take_the_same_row(
    database: psycopg.Connection, postgres_url: str
) -> None:
    front = store(postgres_url)
    for start in range(0, 1_000, 100):
        front.append([draft(start + n) for n in range(100)])
    front.close()
    found: list[int] = []

    def consume() -> None:
        with psycopg.connect(postgres_url) as connection:
            while rows := taken(connection, 37):
                found.extend(row.id for row in rows)

    threads = [threading.Thread(target=consume) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(set(found)) == 1_000


def test_a_lost_connection_refuses_and_the_next_one_works(
    database: psycopg.Connection, postgres_url: str
) -> None:
    front = store(postgres_url, application_name="the-writer")
    front.append([draft(0)])
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'the-writer'"
    )
    with pytest.raises(inbox.InboxUnavailable):
        front.append([draft(n) for n in range(1, 10)])
    front.append([draft(20)])
    front.close()
    assert [row.received_us - AT for row in taken(database)] == [0, 20]


@pytest.mark.parametrize(
    "options",
    [{"options": "-c default_transaction_read_only=on"}, {"port": 1}, {"dbname": "nowhere"}],
)
def test_a_database_that_cannot_be_written_refuses(
    database: psycopg.Connection, postgres_url: str, options: dict[str, object]
) -> None:
    front = store(postgres_url, **options)
    for count in (1, 10):
        with pytest.raises(inbox.InboxUnavailable, match="cannot be written"):
            front.append([draft(n) for n in range(count)])
    front.close()
    assert taken(database) == []


@pytest.fixture(scope="module")
def server(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str]]:
    """A whole web process on a database of its own."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE front_door")
    url = postgres_url.rpartition("/")[0] + "/front_door"
    with served.running(tmp_path_factory.mktemp("served"), database_url=url) as server:
        yield server, url


def test_the_web_process_stores_in_postgresql(server: tuple[Server, str]) -> None:
    process, url = server
    headers = {"Authorization": f"Bearer {SERVER_KEY}"}
    items = [{"type": "track", "event": "A", "userId": "u", "messageId": n} for n in "abc"]
    httpx.post(f"{process.url}/v1/batch", json={"batch": items}, headers=headers).raise_for_status()
    posted = httpx.post(f"{process.url}/f/demo", data={"email": "ada@example.com"})
    assert posted.status_code == 303
    assert readiness(process)["pending"] == 2
    assert not (process.data / FILE_NAME).exists()
    with psycopg.connect(url) as connection:
        said = unpack.unpack(taken(connection))
    assert [each.name for each in said] == ["A", "A", "A", "Form Submitted"]
    assert readiness(process)["pending"] == 0


def test_kill_9_under_load_loses_nothing_on_postgresql(server: tuple[Server, str]) -> None:
    process, url = server
    acknowledged = torment.acknowledged_until_killed(process, after_seconds=0.3, label="kill")
    with psycopg.connect(url) as connection:
        rows = []
        while part := taken(connection, 1_000):
            rows += part
    stored = [said.message_id for said in unpack.unpack(rows)]
    assert acknowledged
    assert len(stored) == len(set(stored))
    assert acknowledged <= set(stored)


def test_never_more_rows_than_asked_for_whatever_the_plan(database: psycopg.Connection) -> None:
    fill_behind_the_statistics(database)
    assert len(taken(database, 1)) == 1
    assert len(taken(database, 25)) == 25


def test_twin_a_limit_in_a_subquery_is_no_limit(database: psycopg.Connection) -> None:
    fill_behind_the_statistics(database)
    careless = database.execute(
        "DELETE FROM capture_inbox WHERE id IN"
        " (SELECT id FROM capture_inbox ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"
    ).fetchall()
    assert len(careless) == 41
