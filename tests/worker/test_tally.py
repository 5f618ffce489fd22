"""What a worker says about itself: portions, failures, and how long it held the write lock."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from leadline.lib import worker_figures
from leadline.worker.step import Step
from leadline.worker.tally import Tally, WriteLock
from leadline.workspace.models import Lease

sqlite_only = pytest.mark.sqlite_only  # the lock is SQLite's
HELD_SECONDS = 0.05


def test_portions_their_items_and_failures_are_counted_by_step(db: None, tmp_path: Path) -> None:
    tally = Tally(worker="host:1", data=tmp_path)
    results = iter([3, 0, 4])
    busy = Step("inbox", lambda: next(results))
    broken = Step("clocks", lambda: 1 // 0)
    assert [tally.attempt(busy) for _ in range(3)] == [3, 0, 4]
    # The second time it is still waiting for its next try.
    assert [tally.attempt(broken) for _ in range(2)] == [0, 0]
    found = tally.figures()
    assert (found.portions, found.items) == ({"inbox": 2}, {"inbox": 7})
    assert found.failures == {"clocks": 1}


def test_figures_are_written_at_most_every_few_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally = Tally(worker="host:1", data=tmp_path)
    written: list[str] = []
    monkeypatch.setattr(
        worker_figures, "write", lambda data, figures: written.append(figures.worker)
    )
    at = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: at)
    assert [tally.renew() for _ in range(3)] == [0, 0, 0]
    at = 104.9
    tally.renew()
    assert written == ["host:1"]
    at = 105.0
    tally.renew()
    assert written == ["host:1", "host:1"]


def test_a_worker_that_ends_takes_its_figures_along(tmp_path: Path) -> None:
    tally = Tally(worker="host:1", data=tmp_path)
    tally.renew()
    at_us = tally.figures().renewed_us
    assert [each.worker for each in worker_figures.of_all(tmp_path, at_us=at_us)] == ["host:1"]
    tally.end()
    assert worker_figures.of_all(tmp_path, at_us=at_us) == []


@pytest.fixture
def lock(transactional_db: None) -> Iterator[WriteLock]:
    lock = WriteLock()
    with connection.execute_wrapper(lock):
        yield lock


def write(name: str) -> None:
    Lease.objects.create(name=name, holder="me", until=0)


@sqlite_only
def test_the_write_lock_is_measured_from_begin_to_commit(lock: WriteLock) -> None:
    with transaction.atomic():
        write("one")
        with transaction.atomic():
            write("two")
        time.sleep(HELD_SECONDS)
    write("outside")
    with transaction.atomic():
        write("three")
    assert lock.count == 2
    assert HELD_SECONDS <= lock.longest_seconds <= lock.seconds
    assert lock.seconds == lock.longest_seconds + lock.last_seconds


def write_and_fail(name: str) -> None:
    with transaction.atomic():
        write(name)
        raise ZeroDivisionError


@sqlite_only
def test_what_is_rolled_back_or_empty_is_not_counted(lock: WriteLock) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail("one")
    with transaction.atomic():
        pass
    write("outside")
    assert lock.count == 0
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            write_and_fail("two")
        write("three")
    assert lock.count == 1


@sqlite_only
def test_waiting_for_the_lock_is_not_holding_it(lock: WriteLock) -> None:
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            write("other")
            is_held.set()
            may_end.wait(10)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    is_held.wait(10)
    threading.Timer(1.0, may_end.set).start()
    began = time.perf_counter()
    with transaction.atomic():
        write("mine")
    waited_seconds = time.perf_counter() - began
    other.join()
    # The lock was taken by the other for all of that second.
    assert lock.longest_seconds < waited_seconds / 2


def test_only_sqlite_has_a_lock_to_measure(lock: WriteLock) -> None:
    with transaction.atomic():
        write("one")
    assert lock.count == (1 if connection.vendor == "sqlite" else 0)
