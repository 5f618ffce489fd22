"""What was opened while nothing could be written is let go of; the twin stays as it is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3.base import DatabaseWrapper

from leadline.config import reopening

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[DatabaseWrapper]:
    """A connection of the web process's kind to a database of its own, not open yet."""
    known = {**connection.settings_dict, "NAME": str(tmp_path / "own.sqlite3")}
    first = DatabaseWrapper(known, "own")
    first.cursor().execute("CREATE TABLE kept (n INTEGER)")
    first.close()
    found = DatabaseWrapper(known, "own")
    yield found
    found.close()


@pytest.fixture
def watched() -> Iterator[None]:
    reopening.watch()
    yield
    connection_created.disconnect(dispatch_uid="leadline.reopening")


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk says so of every file."""
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)


def _ask(own: DatabaseWrapper, *, refuse: bool = False) -> None:
    with own.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept")
        cursor.execute(f"PRAGMA query_only = {int(refuse)}")


def _is_open(own: DatabaseWrapper) -> bool:
    return own.connection is not None


def _end_of_request(own: DatabaseWrapper) -> None:
    own.close_if_unusable_or_obsolete()


def _refuse(own: DatabaseWrapper) -> None:
    _ask(own, refuse=True)
    with pytest.raises(OperationalError, match="readonly"):
        own.cursor().execute("INSERT INTO kept VALUES (1)")
    _end_of_request(own)


def test_what_was_opened_to_read_only_ends_with_its_request(
    own: DatabaseWrapper, watched: None, read_only: None
) -> None:
    _ask(own)
    assert _is_open(own)
    _end_of_request(own)
    assert not _is_open(own)


def test_what_can_be_written_stays_open(own: DatabaseWrapper, watched: None) -> None:
    _ask(own)
    _end_of_request(own)
    assert _is_open(own)


def test_what_refuses_to_write_ends_with_its_request(own: DatabaseWrapper, watched: None) -> None:
    _refuse(own)
    assert not _is_open(own)
    own.cursor().execute("INSERT INTO kept VALUES (1)")
    _end_of_request(own)
    assert _is_open(own)
    assert own.execute_wrappers == [reopening._refuses], "once, however often it was opened"


def test_any_other_error_closes_nothing(own: DatabaseWrapper, watched: None) -> None:
    with pytest.raises(OperationalError, match="no such table"):
        own.cursor().execute("INSERT INTO missing VALUES (1)")
    _end_of_request(own)
    assert _is_open(own)


def test_unwatched_it_would_refuse_for_ever(own: DatabaseWrapper, read_only: None) -> None:
    """The twin."""
    _refuse(own)
    assert _is_open(own)
    with pytest.raises(OperationalError, match="readonly"):
        own.cursor().execute("INSERT INTO kept VALUES (1)")
