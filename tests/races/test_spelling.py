"""A word of a name is forgotten by one transaction while another writes it."""

import threading
from collections.abc import Callable, Collection

import pytest
from django.db import connection, transaction

from leadline.cards import spelling
from leadline.lib import rows
from tests.races.side_by_side import MEETING_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


def follow(word: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        spelling.follow(cursor, before=(), after=[word], vendor=connection.vendor)


def is_known(word: str) -> bool:
    with connection.cursor() as cursor:
        return spelling.meant(cursor, word) == [word]


def write_while_it_is_forgotten(word: str) -> None:
    follow(word)
    assert is_known(word)

    def write() -> None:
        try:
            follow(word)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    with transaction.atomic(), connection.cursor() as cursor:
        spelling.forget(cursor, [word], vendor=connection.vendor)
        writer.start()
        writer.join(MEETING_SECONDS)
    writer.join(20)
    assert not writer.is_alive()


def test_a_word_that_is_being_forgotten_is_waited_for_and_known_again() -> None:
    write_while_it_is_forgotten("xaver")
    assert is_known("xaver")


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer")
def test_without_waiting_it_would_be_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    select: Callable[..., list[tuple[object, ...]]] = rows.select_in

    def unheld(cursor: object, sql: str, values: Collection[object], **more: object) -> object:
        return select(cursor, sql.replace(" FOR KEY SHARE", ""), values, **more)

    monkeypatch.setattr(spelling.rows, "select_in", unheld)
    write_while_it_is_forgotten("xaver")
    assert not is_known("xaver")
