"""The first lane: batches, the row to blame, and whose turn it is."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import OperationalError, connection

from leadline.capture import parked, unpack
from leadline.capture.inbox import Row
from leadline.capture.models import InboxCursor, Parked
from leadline.cards.models import Card
from leadline.delivery.models import Message
from leadline.flow import intake
from leadline.leads.models import Lead
from leadline.timeline.models import Event
from leadline.worker import turn
from leadline.worker.intake import Consume, Intake
from leadline.worker.step import Step
from tests.conftest import NOW
from tests.worker import filling
from tests.worker import tree as trees
from tests.worker.together import together
from tests.world import World


class Ours:
    """It is always our turn."""

    def is_mine(self) -> bool:
        return True

    def end(self) -> None:
        return


@pytest.fixture
def inbox(world: World) -> Iterator[None]:
    filling.empty()
    yield
    filling.empty()


def lane(consume: Consume = intake.consume, *, is_wary: bool = False) -> Step:
    step = Intake(consume, turn=Ours(), is_wary=is_wary, read_clock=lambda: NOW).step()
    step.longest_pause_seconds = 0.0
    return step


def work(step: Step, *, times: int = 60) -> None:
    for _ in range(times):
        step.attempt()


@pytest.mark.django_db
def test_what_arrived_is_taken_in_batches(inbox: None) -> None:
    filling.fill(filling.event(n) for n in range(30))
    assert lane().attempt() == 30
    assert Lead.objects.count() == 30


@pytest.mark.django_db(transaction=True)
def test_a_poisoned_row_is_parked_and_everything_around_it_goes_on(inbox: None) -> None:
    bodies = [filling.event(n) for n in range(40)]
    filling.fill([*bodies[:23], filling.POISON, *bodies[23:]])
    work(lane())
    assert Event.objects.values("message_id").distinct().count() == 40
    row = Parked.objects.get()
    assert (bytes(row.body), row.tries, row.source) == (filling.POISON, 5, "key:1")
    assert "NotUnpackable" in row.error


@pytest.mark.django_db(transaction=True)
def test_two_poisoned_rows_are_parked_one_after_the_other(inbox: None) -> None:
    filling.fill([filling.POISON, filling.event(1), filling.POISON, filling.event(2)])
    work(lane())
    assert Parked.objects.count() == 2
    assert Lead.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_row_that_kills_the_process_is_parked_after_as_many_lives(inbox: None) -> None:
    filling.fill([filling.event(1), filling.event(2)])

    class Killed(BaseException):
        """What the operating system does; no `except` sees it."""

    def deadly(*, limit: int, now: datetime) -> int:
        raise Killed

    for _life in range(5):
        with pytest.raises(Killed):
            lane(deadly, is_wary=True).attempt()
        connection.close()
    work(lane(is_wary=True), times=5)
    assert Parked.objects.get().error == "the process ended in the middle of this row"
    assert Lead.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_database_out_of_reach_parks_nothing(
    inbox: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    filling.fill([filling.event(1)])

    def unreachable(*, limit: int, now: datetime) -> int:
        raise OperationalError("server closed the connection unexpectedly")

    def cannot_write() -> int:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as outage:
        outage.setattr(parked, "count_try", cannot_write)
        work(lane(unreachable), times=20)
    work(lane())
    assert Parked.objects.count() == 0
    assert Lead.objects.count() == 1


def full_sqlite() -> Exception:
    with closing(sqlite3.connect(":memory:")) as small:
        small.execute("PRAGMA max_page_count = 1")
        try:
            small.execute("CREATE TABLE more (than one page)")
        except sqlite3.OperationalError as error:
            return error
    raise AssertionError("there was room")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("cause", [full_sqlite(), psycopg.errors.DiskFull("no space left")])
def test_a_full_disk_that_still_takes_the_count_of_tries_parks_nothing(
    inbox: None, cause: Exception
) -> None:
    """An update of one row finds room where the effects of an event do not."""
    filling.fill([filling.event(1), filling.event(2)])

    def full(*, limit: int, now: datetime) -> int:
        raise OperationalError(str(cause)) from cause

    for is_wary in (False, True):
        work(lane(full, is_wary=is_wary), times=20)
    assert Parked.objects.count() == 0
    work(lane())
    assert Lead.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_row_that_went_through_in_the_end_leaves_no_mark(inbox: None) -> None:
    filling.fill([filling.event(1), filling.POISON])
    failures = iter([True] * 10)

    def shaky(*, limit: int, now: datetime) -> int:
        if next(failures, False):
            raise RuntimeError("not yet")
        return intake.consume(limit=limit, now=now)

    step = lane(shaky)
    for _ in range(12):
        step.attempt()
    assert Lead.objects.count() == 1
    tries = InboxCursor.objects.values_list("failures", flat=True).first() or 0
    assert tries <= 1


@pytest.mark.django_db(transaction=True)
def test_a_parked_row_can_be_tried_once_more_and_only_once(inbox: None, world: World) -> None:
    filling.fill([filling.POISON])
    work(lane(), times=30)
    number = Parked.objects.get().pk
    taken: list[Row] = []
    with pytest.raises(unpack.NotUnpackable):
        parked.retry(number, take=lambda row: unpack.unpack([row]), now=NOW)
    assert Parked.objects.get().state == "parked"
    parked.retry(number, take=taken.append, now=NOW)
    assert [row.body for row in taken] == [filling.POISON]
    with pytest.raises(parked.NotParked):
        parked.retry(number, take=taken.append, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_consumers_one_has_the_turn_and_the_other_gets_it_afterwards() -> None:
    everyone_has_asked = threading.Barrier(4)

    def ask(number: int) -> bool:
        mine = turn.of(holder=f"worker {number}")
        has_it = mine.is_mine()
        assert mine.is_mine() == has_it
        # Held until the connection closes or `end`: wait for the others before giving it away.
        everyone_has_asked.wait(20)
        if has_it:
            mine.end()
        return has_it

    assert sum(together(4, ask)) == 1
    assert turn.of(holder="next").is_mine()


@pytest.mark.django_db(transaction=True)
def test_a_turn_ends_with_the_connection_that_took_it_or_with_its_lease() -> None:
    assert not turn.is_taken()
    first = turn.of(holder="first")
    assert first.is_mine()
    assert turn.is_taken()
    connection.close()
    if connection.vendor == "postgresql":
        # Taken again on the new connection, once the server has noticed the end of the old one.
        trees.until(first.is_mine, what="the turn on a new connection")
    else:
        assert not turn.of(holder="second").is_mine()  # the lease outlives a connection
    first.end()
    assert not turn.is_taken()
    assert turn.of(holder="second").is_mine()


@pytest.mark.django_db(transaction=True)
def test_a_request_that_came_while_the_batch_waited_for_the_database_is_hot_at_once(
    inbox: None, world: World
) -> None:
    """The clock was read before the rows: none of them may lie ahead of its own evaluation."""
    filling.fill([filling.event(1), filling.event(2)])
    assert intake.consume(limit=200, now=NOW - timedelta(milliseconds=80)) == 2
    for card in Card.objects.all():
        assert (card.temperature, card.stage) == ("hot", "sql")
        assert card.response_due_at is not None
    assert Card.objects.count() == Message.objects.count() == 2
