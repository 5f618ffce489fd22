"""The inbox of a copy goes on above the cursor of its database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from leadline.capture import inbox
from leadline.capture.inbox_sqlite import SqliteInbox
from leadline.capture.reader import SqliteReader
from leadline.keeping import sqlite_copy


def draft(number: int) -> inbox.Draft:
    return inbox.Draft(number, "key:1", "track", 1, 0, "{}", b"{}")


def younger_database(folder: Path, *, position: int) -> None:
    """A database copied after the inbox: rows up to `position` are worked off in it."""
    with closing(sqlite3.connect(folder / sqlite_copy.DATABASE)) as file, file:
        file.execute("CREATE TABLE capture_inboxcursor (id INTEGER PRIMARY KEY, position INTEGER)")
        file.execute("INSERT INTO capture_inboxcursor VALUES (1, ?)", (position,))


@pytest.mark.parametrize("is_fixed", [True, False], ids=["", "twin: without it the row is skipped"])
def test_a_row_that_arrives_after_a_restore_is_consumed(tmp_path: Path, is_fixed: bool) -> None:
    path = tmp_path / sqlite_copy.INBOX
    store = SqliteInbox(path, consumed=lambda: 0)
    store.append([draft(1), draft(2)])
    store.close()
    younger_database(tmp_path, position=5)
    if is_fixed:
        sqlite_copy.never_reuse_ids(tmp_path)
    restored = SqliteInbox(path, consumed=lambda: 0)
    restored.append([draft(3)])
    restored.close()
    source = SqliteReader(path)
    assert [row.received_us for row in source.after(5, 10)] == ([3] if is_fixed else [])
    source.close()


def test_an_inbox_that_never_held_a_row_goes_on_above_the_cursor_too(tmp_path: Path) -> None:
    path = tmp_path / sqlite_copy.INBOX
    store = SqliteInbox(path, consumed=lambda: 0)
    store.probe()
    store.close()
    younger_database(tmp_path, position=7)
    sqlite_copy.never_reuse_ids(tmp_path)
    restored = SqliteInbox(path, consumed=lambda: 0)
    restored.append([draft(1)])
    restored.close()
    source = SqliteReader(path)
    assert [row.id for row in source.after(0, 10)] == [8]
    source.close()


def test_putting_a_copy_back_leaves_no_log_that_would_be_applied_to_it(tmp_path: Path) -> None:
    live, copy = tmp_path / "live.sqlite3", tmp_path / "copy.sqlite3"
    with closing(sqlite3.connect(live)) as file:
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("CREATE TABLE word (text)")
        file.execute("INSERT INTO word VALUES ('before')")
        file.commit()
        with closing(sqlite3.connect(copy)) as target:
            file.backup(target)
        file.execute("UPDATE word SET text = 'after'")
        file.commit()
    sqlite_copy.put_back(copy, over=live)
    assert not live.with_name("live.sqlite3-wal").exists()
    with closing(sqlite3.connect(live)) as file:
        assert file.execute("SELECT text FROM word").fetchall() == [("before",)]
    assert sqlite_copy.damage(live) is None
