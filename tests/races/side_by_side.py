"""Two passes at once, and the same two without what keeps them apart.

What keeps passes apart is, on PostgreSQL, a lock that a pass takes before it reads and, on SQLite,
a transaction that begins as a writer. `unguarded` takes away the one or the other.
"""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import Error, connection, connections
from django.db.models import QuerySet

from leadline.flow import checkups
from leadline.leads import locks
from leadline.leads.merging import CannotMerge

# Long enough for the other to arrive where it can, short where it is kept waiting.
MEETING_SECONDS = 1.0


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts on threads with connections of their own; results, or the errors, in order."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            start.wait(20)
            return act()
        except (Error, AssertionError, ValueError, CannotMerge) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def in_processes(count: int, act: Callable[[int], object]) -> None:
    """Run `act(0)` … `act(count - 1)` in forked processes; fails when one of them fails."""
    context = multiprocessing.get_context("fork")
    start = context.Barrier(count)

    def run(number: int) -> None:
        try:
            start.wait(20)
            act(number)
        finally:
            connections.close_all()

    connections.close_all()
    children = [context.Process(target=run, args=(number,)) for number in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0] * count


@contextmanager
def meeting(
    monkeypatch: pytest.MonkeyPatch, place: Any, name: str, *, count: int = 2
) -> Iterator[None]:
    """Whoever returns from `place.name` waits there for the others, if they can come.

    Only the first call of each of `count` threads waits.
    """
    barrier = threading.Barrier(count)
    inner = getattr(place, name)
    seen: set[int] = set()

    def outer(*args: Any, **options: Any) -> Any:  # whatever the function takes and returns
        found = inner(*args, **options)
        if threading.get_ident() not in seen:
            seen.add(threading.get_ident())
            # Broken when the lock keeps the other one waiting, as it should.
            with suppress(threading.BrokenBarrierError):
                barrier.wait(MEETING_SECONDS)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(place, name, outer)
        yield


def overtaken(
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    *,
    slow: Callable[[], object],
    fast: Callable[[], object],
) -> list[Exception]:
    """Run `slow`; when it has returned from `place.name`, run all of `fast` before it goes on.

    `fast` gets a thread of its own. If a lock keeps it waiting, `slow` goes on after a second and
    `fast` finishes afterwards. Returns the errors of both.
    """
    inner = getattr(place, name)
    other = threading.Thread(target=lambda: failed.extend(_errors(fast)))
    failed: list[Exception] = []

    def outer(*args: Any, **options: Any) -> Any:  # whatever the function takes and returns
        found = inner(*args, **options)
        if other.ident is None:
            other.start()
            other.join(MEETING_SECONDS)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(place, name, outer)
        first = threading.Thread(target=lambda: failed.extend(_errors(slow)))
        first.start()
        first.join(60)
        assert other.ident is not None, f"{name} was never called"
        other.join(60)
    return failed


def _errors(act: Callable[[], object]) -> list[Exception]:
    found = at_once(act)
    return [error for error in found if isinstance(error, Exception)]


@contextmanager
def unguarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passes without their locks. The connections of new threads are opened without, too."""
    with monkeypatch.context() as patch:
        patch.setattr(locks, "passing", lambda: None)
        patch.setattr(locks, "hold", lambda _lead_ids: None)
        patch.setattr(checkups, "_held", lambda: "")
        patch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
        if connection.vendor == "sqlite":
            options = connections.settings["default"]["OPTIONS"]
            patch.setitem(options, "transaction_mode", None)
        yield
