"""Of many workers one hands a message over, and what a dead worker held comes free."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections

from leadline.delivery import leases, outbox, sending, smtp
from leadline.delivery.leases import Claimed, Released
from leadline.delivery.models import Message
from leadline.delivery.outbox import Draft
from leadline.lib import clock
from leadline.workspace import database_time
from tests.delivery.conftest import Put, Serve
from tests.delivery.mail_server import SILENT

pytestmark = pytest.mark.django_db(transaction=True)


def let_leases_run_out() -> None:
    """Every lease ended a second ago, whatever the clocks of this machine do meanwhile."""
    ended_us = database_time.micros() - clock.SECOND
    assert Message.objects.filter(lease_until__gt=ended_us).update(lease_until=ended_us)


def both(act: Callable[[], None]) -> None:
    """Two workers do the same at the same time."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def killed(act: Callable[[], None], *, once: threading.Event | None = None) -> None:
    """Run in a process of its own that is killed with -9 after `act`, or as soon as `once`."""

    def run() -> None:
        act()
        os.kill(os.getpid(), signal.SIGKILL)

    connections.close_all()
    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    if once is not None:
        assert once.wait(10)
        os.kill(child.pid or 0, signal.SIGKILL)
    child.join(10)
    assert child.exitcode == -signal.SIGKILL


def test_two_workers_never_claim_the_same_message(put: Put) -> None:
    for number in range(30):
        put(f"cause {number}")
    claimed: list[Claimed] = []
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        while mine := sending.claim(threading.current_thread().name, limit=4):
            claimed.extend(mine)

    both(work)
    assert len(claimed) == len({message.id for message in claimed}) == 30


def test_a_claim_takes_the_longest_due_and_no_more_than_its_limit(now: datetime) -> None:
    drafts = [
        Draft("notification", f"c{n}", "ben@example.com", "s", "t", due_at=now - timedelta(hours=n))
        for n in range(600)
    ]
    outbox.put(drafts, now=now)
    claimed = sending.claim("w1", limit=8)
    causes = Message.objects.filter(state="claimed").values_list("cause", flat=True)
    assert len(claimed) == 8
    assert sorted(causes) == [f"c{n}" for n in range(592, 600)]


def test_two_workers_with_one_message_make_exactly_one_delivery(
    serve: Serve, put: Put, now: datetime
) -> None:
    """Both believe the message is theirs and meet between claim and send."""
    server = serve()
    put()
    (claimed,) = sending.claim("w1", limit=1)
    meeting = threading.Barrier(2)
    server.before_answer = lambda stage: wait(meeting) if stage == "connect" else None
    both(lambda: hand_over(claimed, now))
    assert len(server.contents) == 1


def test_the_twin_that_does_not_look_at_the_row_delivers_twice(
    serve: Serve, put: Put, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    put()
    (claimed,) = sending.claim("w1", limit=1)
    meeting = threading.Barrier(2)
    server.before_answer = lambda stage: wait(meeting) if stage == "connect" else None
    monkeypatch.setattr(leases, "begin", lambda message: True)
    both(lambda: hand_over(claimed, now))
    assert len(server.contents) == 2


def wait(meeting: threading.Barrier) -> None:
    meeting.wait(5)


def hand_over(claimed: Claimed, now: datetime) -> None:
    sending.hand_over(claimed, now=now)


def test_a_worker_killed_between_claim_and_send_loses_and_repeats_nothing(
    serve: Serve, put: Put, now: datetime
) -> None:
    server, row = serve(), put()
    killed(lambda: sending.claim("dead", limit=8))
    row.refresh_from_db()
    assert (row.state, row.worker) == ("claimed", "dead")
    assert sending.claim("w2", limit=8) == []
    let_leases_run_out()
    assert sending.release_expired() == Released(1, 0)
    (claimed,) = sending.claim("w2", limit=8)
    hand_over(claimed, now)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", 2)
    assert len(server.contents) == 1


def test_a_worker_killed_while_handing_over_leaves_the_message_unknown(
    serve: Serve, put: Put, now: datetime
) -> None:
    server, row = serve(body=SILENT), put()
    has_arrived = threading.Event()
    server.before_answer = lambda stage: has_arrived.set() if stage == "body" else None

    def act() -> None:
        (claimed,) = sending.claim("dead", limit=8)
        hand_over(claimed, now)

    killed(act, once=has_arrived)
    row.refresh_from_db()
    assert row.state == "handing"
    let_leases_run_out()
    assert sending.release_expired() == Released(0, 1)
    assert sending.release_expired() == Released(0, 0)
    row.refresh_from_db()
    assert row.state == "unknown"
    assert sending.claim("w2", limit=8) == []
    assert len(server.contents) == 1


def test_a_worker_that_was_frozen_too_long_leaves_the_message_to_its_successor(
    serve: Serve, put: Put, now: datetime
) -> None:
    server, row = serve(), put()
    (frozen,) = sending.claim("frozen", limit=8)
    let_leases_run_out()
    sending.release_expired()
    (claimed,) = sending.claim("w2", limit=8)
    assert claimed.fence == frozen.fence + 1
    assert sending.hand_over(frozen, now=now) is None
    assert server.contents == []
    hand_over(claimed, now)
    row.refresh_from_db()
    assert row.state == "sent"
    # Nor can it write its own end over the other's.
    assert not leases.finish(frozen, state="failed", reason="late")


def test_a_late_answer_still_tells_what_became_of_an_unknown_message(
    serve: Serve, put: Put, now: datetime
) -> None:
    server, row = serve(), put()

    def slow(stage: str) -> None:
        if stage == "body":
            let_leases_run_out()
            assert sending.release_expired() == Released(0, 1)
            connection.close()

    server.before_answer = slow
    (claimed,) = sending.claim("w1", limit=8)
    hand_over(claimed, now)
    row.refresh_from_db()
    assert row.state == "sent"


def test_a_lease_is_shorter_than_a_minute_and_longer_than_a_connection() -> None:
    assert smtp.LIMIT_SECONDS < leases.LEASE_SECONDS < 60


def test_a_message_is_not_claimed_before_it_is_due(put: Put) -> None:
    row = put()
    Message.objects.filter(id=row.id).update(due_at=clock.micros(clock.now()) + 3600 * 1_000_000)
    assert sending.claim("w1", limit=8) == []
