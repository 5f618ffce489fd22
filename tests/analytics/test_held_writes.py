"""A row that was written before another and committed after it is in the lake all the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from leadline.analytics import refreshing, source
from leadline.analytics.lake import Lake
from leadline.leads.models import Binding
from tests.analytics import lakes
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer, whose ids follow its commits")
    return Lake(tmp_path / "lake")


def insert(cursor: Any, binding_id: int, name: str) -> None:  # either driver's
    cursor.execute(
        "INSERT INTO timeline_event (binding_id, kind, name, message_id, properties, raw, actor,"
        " counts, flag, is_verified, occurred_at, received_at, known_at)"
        " VALUES (%s, 'track', %s, %s, '{}', '{}', 'human', true, '', true, 1, 1, 1)",
        [binding_id, name, name],
    )


@contextmanager
def held(world: World) -> Iterator[tuple["psycopg.Connection[Any]", int]]:
    """A transaction that has written an event and is still open."""
    binding = Binding.objects.create(
        kind="anonymous", value="a", opened_at=world.now, known_at=world.now
    )
    known = connection.get_connection_params()
    own = {name: known[name] for name in ("dbname", "user", "host", "port") if known.get(name)}
    with psycopg.connect(**own) as first:
        insert(first, binding.pk, "first")
        with connection.cursor() as cursor:
            insert(cursor, binding.pk, "second")
        yield first, binding.pk


def test_both_are_there_and_none_twice(world: World, lake: Lake) -> None:
    with held(world) as (first, binding_id):
        refreshing.refresh(lake, now=world.now)
        first.commit()
    refreshing.refresh(lake, now=world.now)
    refreshing.refresh(lake, now=world.now)
    names = [row["name"] for row in lakes.rows(lake, "events")]
    assert sorted(names) == ["first", "second"]
    assert {row["binding_id"] for row in lakes.rows(lake, "events")} == {binding_id}


def test_what_is_undone_is_never_there_and_what_came_after_it_is(world: World, lake: Lake) -> None:
    with held(world) as (first, _):
        refreshing.refresh(lake, now=world.now)
        first.rollback()
    refreshing.refresh(lake, now=world.now)
    assert [row["name"] for row in lakes.rows(lake, "events")] == ["second"]


def test_whoever_reads_by_id_alone_loses_one(
    world: World, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the same with the watermark of SQLite."""

    def by_id(table: Any, *, low: int, horizon: int) -> source.Span:  # the lake's table
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table.rows}")
            last = cursor.fetchone()[0]
        return source.Span(low, max(low, last + 1), low, last)

    def all_of_them(span: source.Span) -> source.Span:
        return source.Span(0, 2**62, span.first_id, span.last_id)

    real = source.portions
    monkeypatch.setattr(source, "ahead", by_id)
    monkeypatch.setattr(
        source,
        "portions",
        lambda table, span, *, after: real(table, all_of_them(span), after=after),
    )
    with held(world) as (first, _):
        refreshing.refresh(lake, now=world.now)
        first.commit()
    refreshing.refresh(lake, now=world.now)
    assert [row["name"] for row in lakes.rows(lake, "events")] == ["second"]


def test_rows_from_another_server_count_as_written_now(world: World, lake: Lake) -> None:
    from leadline.analytics import stamps

    with held(world) as (first, _):
        first.commit()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE timeline_event SET written_in = 1000000000")
    assert refreshing.refresh(lake, now=world.now).added["events"] == 0
    assert stamps.renew() == 7
    assert refreshing.refresh(lake, now=world.now).added["events"] == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%written_in%'")
        assert cursor.fetchone()[0] == 7
