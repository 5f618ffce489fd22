"""Set-based writes give the same rows on SQLite and on PostgreSQL, few or many."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import IntegrityError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.utils import ConnectionHandler
from pytest_django.plugin import DjangoDbBlocker

from leadline.lib import rows

FEW, MANY = 7, 400  # below and above the size from which PostgreSQL copies
COLUMNS = ("lead_id", "kind", "name", "points", "body")


def _sqlite(tmp_path: Path) -> dict[str, object]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "rows.sqlite3")}


def _postgres(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": parts.username,
        "HOST": parts.hostname,
        "PORT": parts.port,
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[BaseDatabaseWrapper]:
    """An empty table `score_line` on either engine."""
    settings = (
        _sqlite(tmp_path)
        if request.param == "sqlite"
        else _postgres(request.getfixturevalue("postgres_url"))
    )
    connection = ConnectionHandler({"default": settings})["default"]
    uid, json = ("char(32)", "text") if request.param == "sqlite" else ("uuid", "jsonb")
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS score_line")
            cursor.execute(
                f"CREATE TABLE score_line (lead_id {uid} NOT NULL, kind varchar(20) NOT NULL,"
                f" name text NOT NULL, points bigint, body {json},"
                " added_at bigint NOT NULL DEFAULT 7, UNIQUE (lead_id, kind))"
            )
        yield connection
        connection.close()


def _lines(count: int, *, points: int = 1, kind: str = "fit") -> list[tuple[object, ...]]:
    return [(uuid.UUID(int=n), kind, f"Line {n}\t\\N €", points, '{"a": 1}') for n in range(count)]


def _stored(database: BaseDatabaseWrapper) -> list[tuple[str, object]]:
    with database.cursor() as cursor:
        cursor.execute("SELECT name, points FROM score_line ORDER BY lead_id, kind")
        return list(cursor.fetchall())


@contextmanager
def _transaction(database: BaseDatabaseWrapper) -> Iterator[CursorWrapper]:
    database.set_autocommit(False)
    try:
        with database.cursor() as cursor:
            yield cursor
        database.commit()
    finally:
        database.rollback()
        database.set_autocommit(True)


def _write(
    database: BaseDatabaseWrapper, verb: Callable[..., int], batch: object, **more: object
) -> int:
    with _transaction(database) as cursor:
        return verb(cursor, "score_line", COLUMNS, batch, vendor=database.vendor, **more)


@pytest.mark.parametrize("count", [FEW, MANY])
def test_insert_writes_every_row_and_fills_defaults(
    database: BaseDatabaseWrapper, count: int
) -> None:
    assert _write(database, rows.insert, iter(_lines(count))) == count
    assert _stored(database) == [(f"Line {n}\t\\N €", 1) for n in range(count)]
    with database.cursor() as cursor:
        cursor.execute("SELECT DISTINCT added_at FROM score_line")
        assert cursor.fetchall() == [(7,)]


@pytest.mark.parametrize("count", [FEW, MANY])
def test_a_conflict_on_insert_is_djangos_integrity_error_and_writes_nothing(
    database: BaseDatabaseWrapper, count: int
) -> None:
    with pytest.raises(IntegrityError):
        _write(database, rows.insert, [*_lines(count), _lines(1)[0]])
    assert _stored(database) == []


@pytest.mark.parametrize("count", [FEW, MANY])
def test_insert_ignore_counts_only_the_new_rows(database: BaseDatabaseWrapper, count: int) -> None:
    _write(database, rows.insert, _lines(3, points=9))
    batch = [*_lines(count), *_lines(count, points=2)]
    assert _write(database, rows.insert_ignore, batch) == count - 3
    points = [found for _, found in _stored(database)]
    assert points == [9, 9, 9] + [1] * (count - 3)


@pytest.mark.parametrize("count", [FEW, MANY])
def test_insert_ignore_still_refuses_an_empty_required_column(
    database: BaseDatabaseWrapper, count: int
) -> None:
    batch = [*_lines(count), (uuid.UUID(int=9_999), "fit", None, 1, "{}")]
    with pytest.raises(IntegrityError):
        _write(database, rows.insert_ignore, batch)
    assert _stored(database) == []


@pytest.mark.parametrize("count", [FEW, MANY])
def test_the_last_of_two_rows_with_one_key_wins_an_upsert(
    database: BaseDatabaseWrapper, count: int
) -> None:
    _write(database, rows.insert, _lines(2, points=5))
    batch = [*_lines(count, points=1), *_lines(count, points=2)]
    assert _write(database, rows.upsert, batch, key=("lead_id", "kind")) == count
    assert [points for _, points in _stored(database)] == [2] * count


@pytest.mark.parametrize("count", [FEW, MANY])
def test_an_upsert_overwrites_only_what_it_is_told(
    database: BaseDatabaseWrapper, count: int
) -> None:
    _write(database, rows.insert, _lines(count, points=5))
    renamed = [(lead, kind, "New", 6, body) for lead, kind, _, _, body in _lines(count)]
    key = ("lead_id", "kind")
    assert _write(database, rows.upsert, renamed, key=key, update=("points",)) == count
    assert _stored(database)[0] == ("Line 0\t\\N €", 6)
    assert _write(database, rows.upsert, renamed, key=key, update=()) == 0
    assert _stored(database)[0] == ("Line 0\t\\N €", 6)


@pytest.mark.parametrize("count", [FEW, MANY])
def test_update_changes_known_rows_and_passes_over_the_others(
    database: BaseDatabaseWrapper, count: int
) -> None:
    _write(database, rows.insert, _lines(count))
    batch = [(points + 10, uuid.UUID(int=n), "fit") for n, points in enumerate(range(count + 5))]
    with _transaction(database) as cursor:
        found = rows.update(
            cursor,
            "score_line",
            ("points", "lead_id", "kind"),
            batch,
            key=("lead_id", "kind"),
            vendor=database.vendor,
        )
    assert found == count
    assert [points for _, points in _stored(database)] == list(range(10, count + 10))


def test_two_staged_writes_in_one_transaction_do_not_see_each_others_rows(
    database: BaseDatabaseWrapper,
) -> None:
    with _transaction(database) as cursor:
        for kind in ("fit", "engagement"):
            batch = _lines(MANY, kind=kind)
            written = rows.insert_ignore(
                cursor, "score_line", COLUMNS, batch, vendor=database.vendor
            )
            assert written == MANY
    assert len(_stored(database)) == 2 * MANY


def test_a_staged_write_outside_a_transaction_is_refused_not_lost(
    database: BaseDatabaseWrapper,
) -> None:
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            with pytest.raises(rows.NotInTransaction):
                rows.insert_ignore(
                    cursor, "score_line", COLUMNS, _lines(MANY), vendor=database.vendor
                )
        else:  # no stage: executemany needs no transaction to be whole
            rows.insert_ignore(cursor, "score_line", COLUMNS, _lines(MANY), vendor="sqlite")
    assert len(_stored(database)) == (0 if database.vendor == "postgresql" else MANY)


@pytest.mark.parametrize("count", [1, 5, rows.CHUNK + 3])
def test_select_in_finds_each_row_once_however_many_values(
    database: BaseDatabaseWrapper, count: int
) -> None:
    _write(database, rows.insert, _lines(count))
    wanted = [uuid.UUID(int=n) for n in range(count)] * 2
    sql = "SELECT name FROM score_line WHERE kind = %s AND lead_id {in} AND points < %s"
    with database.cursor() as cursor:
        found = rows.select_in(
            cursor, sql, wanted, vendor=database.vendor, before=["fit"], after=[5]
        )
    assert sorted(found) == sorted((f"Line {n}\t\\N €",) for n in range(count))


@pytest.mark.parametrize("count", [1, 5, 300])
def test_select_in_takes_pairs(database: BaseDatabaseWrapper, count: int) -> None:
    _write(database, rows.insert, [*_lines(count), *_lines(count, kind="engagement")])
    wanted = [(uuid.UUID(int=n), "fit") for n in range(count)]
    sql = "SELECT kind FROM score_line WHERE (lead_id, kind) {in}"
    with database.cursor() as cursor:
        found = rows.select_in(cursor, sql, wanted, vendor=database.vendor)
    assert found == [("fit",)] * count


def test_nothing_asked_is_nothing_done(database: BaseDatabaseWrapper) -> None:
    with database.cursor() as cursor:
        sql = "SELECT 1 FROM no_such_table WHERE id {in}"
        assert rows.select_in(cursor, sql, [], vendor=database.vendor) == []
        assert rows.delete_in(cursor, "no_such_table", "id", [], vendor=database.vendor) == 0
        assert rows.insert(cursor, "no_such_table", ["id"], [], vendor=database.vendor) == 0


def test_delete_in_deletes_exactly_the_named_rows(database: BaseDatabaseWrapper) -> None:
    _write(database, rows.insert, _lines(MANY))
    gone = [uuid.UUID(int=n) for n in range(0, 2 * MANY, 2)]
    with database.cursor() as cursor:
        deleted = rows.delete_in(cursor, "score_line", "lead_id", gone, vendor=database.vendor)
    assert deleted == MANY // 2
    assert len(_stored(database)) == MANY // 2


@pytest.mark.parametrize("name", ['lead"; DROP TABLE x', "Lead", "", "a.b", "a b", "1a", "ä"])
def test_a_name_outside_the_alphabet_never_reaches_the_database(
    database: BaseDatabaseWrapper, name: str
) -> None:
    with database.cursor() as cursor:
        with pytest.raises(rows.NotAName):
            rows.insert(cursor, name, ["kind"], [("x",)], vendor=database.vendor)
        with pytest.raises(rows.NotAName):
            rows.insert(cursor, "score_line", [name], [("x",)], vendor=database.vendor)


def test_a_batch_costs_the_same_number_of_statements_however_many_rows(
    database: BaseDatabaseWrapper,
) -> None:
    counts = []
    for size in (100, 1_000):
        database.force_debug_cursor = True
        database.queries_log.clear()
        _write(database, rows.upsert, _lines(size), key=("lead_id", "kind"))
        counts.append(len(database.queries_log))
        database.force_debug_cursor = False
    assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize("count", [FEW, MANY])
def test_bytes_and_truths_are_stored_and_found_as_they_were(
    database: BaseDatabaseWrapper, count: int
) -> None:
    binary, vendor = ("blob" if database.vendor == "sqlite" else "bytea"), database.vendor
    hashes = [bytes([0, 92, 255, n % 256, n // 256]) for n in range(count)]  # NUL, backslash
    with _transaction(database) as cursor:
        cursor.execute("DROP TABLE IF EXISTS seen_twice")
        cursor.execute(
            f"CREATE TABLE seen_twice (day bigint, hash {binary}, is_new boolean,"
            " PRIMARY KEY (day, hash))"
        )
        batch = [(2**40, one, True) for one in hashes]
        columns = ("day", "hash", "is_new")
        assert rows.insert_ignore(cursor, "seen_twice", columns, batch, vendor=vendor) == count
        assert rows.insert_ignore(cursor, "seen_twice", columns, batch, vendor=vendor) == 0
        sql = "SELECT hash, is_new FROM seen_twice WHERE hash {in}"
        found = rows.select_in(cursor, sql, hashes, vendor=vendor)
        sql = "SELECT hash FROM seen_twice WHERE (day, hash) {in}"
        pairs = rows.select_in(cursor, sql, [(2**40, one) for one in hashes], vendor=vendor)
    assert sorted(bytes(one) for one, is_new in found if is_new) == sorted(hashes)
    assert sorted(bytes(one) for (one,) in pairs) == sorted(hashes)
