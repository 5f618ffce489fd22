"""The inbox: what arrives is a row here before anyone is told that it was accepted.

A row is one request: a batch of a hundred events is one row. The table has no index but its
key, so appending costs the same at a million rows as at none. One thread writes. It commits what
gathered while the last commit ran and never waits for more: at one connection every request is a
commit, at sixty-four about thirty share one (a linger of 5 ms cost half the throughput and 12
times the latency at one connection, measured on two cores).

Knows nothing of what a body says; `segment` and `forms` have checked it, `unpack` reads it.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

import msgspec

MAX_GROUP_ROWS = 200
MAX_GROUP_BYTES = 8 * 1024 * 1024
MAX_WAITING_ROWS = 10_000
MAX_WAITING_BYTES = 64 * 1024 * 1024
IDLE_SECONDS = 0.05
# After a failed commit the writer looks for itself whether the door is open again: whoever sends
# requests only to processes that are ready would never send the one that shows it.
PROBE_SECONDS = 1.0
# Under load that never pauses, consumed rows still go: one small step every so many commits.
COMMITS_PER_TIDY = 64


class InboxUnavailable(Exception):
    """The row is not stored; trying again later can help. Nothing accepted before is lost."""

    permanent = False


class Row(msgspec.Struct, frozen=True):
    """One request as the consumer sees it. Times in microseconds since 1970 UTC."""

    id: int
    received_us: int
    # "key:3", "form:contact", "import:<id>": where it came from, the deduplication space.
    source: str
    # identify, track, page, screen, group, alias, batch, form, row, count
    route: str
    is_trusted: bool
    is_history: bool
    # JSON: {"rejected": [indexes of a batch that were refused]} and what the route adds.
    meta: str
    body: bytes


class Draft(NamedTuple):
    """A row before it has an id, in the order of the columns."""

    received_us: int
    source: str
    route: str
    trust: int
    mode: int
    meta: str
    body: bytes


COLUMNS = ("received_at", "source", "route", "trust", "mode", "meta", "body")


def row_from(record: Sequence[object]) -> Row:
    """A Row from (id, *COLUMNS) as either database returns them."""
    number, received, source, route, trust, mode, meta, body = record
    return Row(
        id=int(number),  # type: ignore[call-overload]  # an integer column
        received_us=int(received),  # type: ignore[call-overload]  # an integer column
        source=str(source),
        route=str(route),
        is_trusted=bool(trust),
        is_history=bool(mode),
        meta=str(meta),
        body=bytes(body),  # type: ignore[call-overload]  # bytes or memoryview
    )


class Store(Protocol):
    """Where rows go. Used by the writer thread only."""

    def append(self, drafts: Sequence[Draft]) -> None:
        """One durable commit of all rows; InboxUnavailable when nothing is stored."""

    def probe(self) -> None:
        """Find out whether a row could be stored now; InboxUnavailable when it could not."""

    def tidy(self) -> bool:
        """Remove a small number of consumed rows; whether there may be more to remove."""

    def close(self) -> None:
        """Let go of the connection."""


class _Waiter(NamedTuple):
    draft: Draft
    acknowledged: asyncio.Future[None]


class Writer:
    """The one thread that writes the inbox, and the queue in front of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: queue.SimpleQueue[_Waiter | None] = queue.SimpleQueue()
        self._waiting_bytes = 0
        self._may_tidy = True
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)
        # Read by /metrics; each is written by one thread only.
        self.commit_count = 0
        self.row_count = 0
        self.failure_count = 0
        self.commit_seconds = 0.0
        self.last_commit_failed = False

    def start(self) -> None:
        """Begin to write; call from the event loop that will append."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive() and not self._stopping

    @property
    def waiting_count(self) -> int:
        return self._queue.qsize()

    def append(self, draft: Draft) -> asyncio.Future[None]:
        """A future that is done when the row is on stable storage.

        It fails with InboxUnavailable when the commit failed. Raises InboxUnavailable at once
        when too much waits already: memory stays bounded whatever arrives.
        """
        size = len(draft.body)
        if (
            self._queue.qsize() >= MAX_WAITING_ROWS
            or self._waiting_bytes + size > MAX_WAITING_BYTES
            or not self.is_running
        ):
            raise InboxUnavailable("The inbox is not keeping up; try again in a few seconds.")
        self._waiting_bytes += size
        acknowledged = self._loop.create_future()
        self._queue.put(_Waiter(draft, acknowledged))
        return acknowledged

    def tidy_soon(self) -> None:
        """Tell the thread that consumed rows can go."""
        self._may_tidy = True
        self._queue.put(None)

    def stop(self, *, timeout_seconds: float = 10.0) -> None:
        """Write what waits, then end. Safe to call twice."""
        if not self._stopping:
            self._stopping = True
            self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        try:
            while not (self._stopping and self._queue.empty()):
                self._step()
        finally:
            # Whatever ended the thread, nobody may wait for ever.
            self._stopping = True
            while rest := self._gathered(wait_seconds=0):
                self._settle(rest, InboxUnavailable("The inbox has been closed."))
            self._store.close()

    def _step(self) -> None:
        group = self._gathered(wait_seconds=self._patience_seconds())
        if group:
            self._commit(group)
        elif self.last_commit_failed and not self._stopping:
            self._probe()
        if self._may_tidy and (not group or self.commit_count % COMMITS_PER_TIDY == 0):
            self._may_tidy = self._store.tidy()

    def _patience_seconds(self) -> float | None:
        if self._may_tidy:
            return IDLE_SECONDS
        return PROBE_SECONDS if self.last_commit_failed else None

    def _probe(self) -> None:
        with suppress(InboxUnavailable):
            self._store.probe()
            self.last_commit_failed = False

    def _gathered(self, *, wait_seconds: float | None) -> list[_Waiter]:
        group: list[_Waiter] = []
        size = 0
        try:
            waiter = self._queue.get(timeout=wait_seconds)
            while True:
                if waiter is not None:
                    group.append(waiter)
                    size += len(waiter.draft.body)
                if len(group) >= MAX_GROUP_ROWS or size >= MAX_GROUP_BYTES:
                    return group
                waiter = self._queue.get_nowait()
        except queue.Empty:
            return group

    def _commit(self, group: list[_Waiter]) -> None:
        began = time.perf_counter()
        # Holds when something other than the store's own refusal ends the thread.
        failure: InboxUnavailable | None = InboxUnavailable("The inbox could not be written.")
        try:
            self._store.append([waiter.draft for waiter in group])
            failure = None
        except InboxUnavailable as error:
            failure = error
        finally:
            self.commit_count += 1
            self.commit_seconds += time.perf_counter() - began
            self.row_count += len(group) if failure is None else 0
            self.failure_count += 0 if failure is None else 1
            self.last_commit_failed = failure is not None
            self._settle(group, failure)

    def _settle(self, group: list[_Waiter], failure: InboxUnavailable | None) -> None:
        if group and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, group, failure)

    def _tell(self, group: list[_Waiter], failure: InboxUnavailable | None) -> None:
        """On the event loop: wake everyone of one commit at once."""
        for draft, acknowledged in group:
            self._waiting_bytes -= len(draft.body)
            if acknowledged.done():  # the client went away and the request was cancelled
                continue
            if failure is None:
                acknowledged.set_result(None)
            else:
                acknowledged.set_exception(failure)
