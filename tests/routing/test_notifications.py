"""Each person reads what is theirs, and the live page hears of everything once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import TestCase

from leadline.routing import notifications
from leadline.routing.models import Notification
from leadline.routing.notifications import Notice, Tail
from leadline.workspace.models import User
from tests.routing.people import NOW, leads, rep

pytestmark = pytest.mark.django_db


def notice(user: User, text: str = "Ada asked for a demo") -> Notice:
    return Notice(user.id, None, "assigned", text)


def test_notifications_are_written_with_one_statement() -> None:
    ben = rep("Ben", team=None)
    (lead,) = leads(1)
    with TestCase().assertNumQueries(1):
        assert notifications.tell([Notice(ben.id, lead.id, "assigned", "x" * 999)], now=NOW) == 1
    row = Notification.objects.get()
    assert (row.lead_id, row.at, row.read_at, len(row.text)) == (lead.id, NOW, None, 300)
    assert notifications.tell([], now=NOW) == 0


def test_a_person_reads_only_what_is_theirs() -> None:
    ben, cleo = rep("Ben", team=None), rep("Cleo", team=None)
    notifications.tell([notice(ben, "one"), notice(cleo, "two"), notice(ben, "three")], now=NOW)
    assert [each.text for each in notifications.unread(ben.id)] == ["three", "one"]
    every = list(Notification.objects.values_list("id", flat=True))
    assert notifications.read(cleo.id, ids=every, now=NOW) == 1
    assert len(notifications.unread(ben.id)) == 2
    assert notifications.read(ben.id, now=NOW) == 2
    assert notifications.read(ben.id, now=NOW) == 0
    assert notifications.unread(ben.id) == []


def test_the_tail_starts_at_the_end_and_returns_each_once() -> None:
    ben = rep("Ben", team=None)
    notifications.tell([notice(ben)], now=NOW)
    tail = Tail()
    assert tail.fresh(now=NOW) == []
    notifications.tell([notice(ben), notice(ben)], now=NOW)
    assert [fresh.user_id for fresh in tail.fresh(now=NOW)] == [ben.id, ben.id]
    for minutes in range(3):
        assert tail.fresh(now=NOW + timedelta(minutes=minutes)) == []
    notifications.tell([notice(ben)], now=NOW)
    assert len(tail.fresh(now=NOW + timedelta(minutes=4))) == 1


def test_the_tail_reads_more_than_a_page_at_once() -> None:
    ben = rep("Ben", team=None)
    tail = Tail()
    tail.fresh(now=NOW)
    notifications.tell([notice(ben)] * 1_201, now=NOW)
    assert len(tail.fresh(now=NOW)) == 1_201
    assert tail.fresh(now=NOW) == []


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
            notifications.tell([notice(ben, "first id, last commit")], now=NOW)
            has_written.set()
            may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert has_written.wait(10)
    notifications.tell([notice(ben, "second id, first commit")], now=NOW)
    early = tail.fresh(now=NOW)
    may_commit.set()
    thread.join()
    late = tail.fresh(now=NOW + timedelta(seconds=5))
    assert [len(early), len(late)] == [1, 1]
    assert late[0].id < early[0].id
