"""The live page hears of every ring once, whatever the order of commits."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from leadline.routing import rings
from leadline.routing.models import Ring
from leadline.routing.rings import Tail
from tests.routing.people import NOW, rep

pytestmark = pytest.mark.django_db


def test_the_tail_starts_at_the_end_and_returns_each_once() -> None:
    ben = rep("Ben", team=None)
    rings.ring([ben.id], now=NOW)
    tail = Tail()
    assert tail.fresh(now=NOW) == []
    rings.ring([ben.id, ben.id], now=NOW)
    assert [fresh.user_id for fresh in tail.fresh(now=NOW)] == [ben.id]
    for minutes in range(3):
        assert tail.fresh(now=NOW + timedelta(minutes=minutes)) == []
    rings.ring([ben.id], now=NOW)
    assert len(tail.fresh(now=NOW + timedelta(minutes=4))) == 1


def test_the_tail_reads_more_than_a_page_at_once() -> None:
    ben = rep("Ben", team=None)
    tail = Tail()
    tail.fresh(now=NOW)
    Ring.objects.bulk_create([Ring(user=ben, at=NOW) for _ in range(1_201)])
    assert len(tail.fresh(now=NOW)) == 1_201
    assert tail.fresh(now=NOW) == []


def test_old_rings_are_forgotten_and_the_next_is_heard_all_the_same() -> None:
    ben = rep("Ben", team=None)
    rings.ring([ben.id], now=NOW)
    tail = Tail()
    tail.fresh(now=NOW)
    assert rings.forget(before=NOW + timedelta(days=1)) == 1
    rings.ring([ben.id], now=NOW + timedelta(days=1))
    assert len(tail.fresh(now=NOW + timedelta(days=1))) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "connection.vendor == 'sqlite'", reason="SQLite has one writer: ids follow commits there"
)
def test_a_long_transaction_with_a_lower_id_is_not_missed() -> None:
    """SQLite has one writer: ids follow commits there."""
    ben = rep("Ben", team=None)
    tail = Tail()
    tail.fresh(now=NOW)
    has_written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            rings.ring([ben.id], now=NOW)
            has_written.set()
            may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert has_written.wait(10)
    rings.ring([ben.id], now=NOW)
    early = tail.fresh(now=NOW)
    may_commit.set()
    thread.join()
    late = tail.fresh(now=NOW + timedelta(seconds=5))
    assert [len(early), len(late)] == [1, 1]
    assert late[0].id < early[0].id
