"""Whether the door is open, how much waits behind it, and the figures of both.

`/healthz` says that the process runs, `/readyz` that it can store what arrives and how far the
worker is behind, `/metrics` the same as numbers over time.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from django.db import Error, close_old_connections, connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from leadline.api.door import Door
from leadline.capture import inbox
from leadline.config import metrics
from leadline.flow.backlog import Backlog
from leadline.lib import asgi
from leadline.lib.worker_figures import Figures
from leadline.web.public.site import Public

# However often somebody asks for figures, the worker's side is counted this often at most.
COUNT_EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class Behind:
    """What is behind the door: what waits in the lanes, what the workers did; at an instant."""

    at_us: int
    backlog: Backlog
    workers: list[Figures]


Pending = Callable[[], tuple[int, int | None]]
Look = Callable[[int], Behind]
Fresh = Callable[[], int | None]
Value = TypeVar("Value")

_NO_STORE: asgi.Headers = ((b"cache-control", b"no-store"),)
_TEXT: asgi.Headers = ((b"content-type", b"text/plain; version=0.0.4; charset=utf-8"),)


class Health:
    """Answers /healthz, /readyz and /metrics. The database is asked on the executor's thread."""

    def __init__(
        self,
        writer: inbox.Writer,
        door: Door,
        public: Public,
        *,
        executor: Executor,
        pending: Pending,
        behind: Look,
        fresh: Fresh,
    ) -> None:
        self._writer = writer
        self._door = door
        self._public = public
        self._executor = executor
        self._pending = pending
        self._look = behind
        self._fresh = fresh
        self._known: tuple[int, int | None] | None = None
        self._behind: Behind | None = None
        self._counted_at = -COUNT_EVERY_SECONDS
        self._registry = CollectorRegistry()
        self._registry.register(self)

    async def alive(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        _only_get(scope)
        await asgi.respond(send, 200, b'{"status":"ok"}', headers=(*asgi.JSON, *_NO_STORE))

    async def ready(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        _only_get(scope)
        waiting, lake_us = await self._both()
        is_ok = waiting is not None and self._writer.is_running
        is_ok = is_ok and not self._writer.last_commit_failed
        count, oldest = waiting or (None, None)
        content = {
            "status": "ok" if is_ok else "unavailable",
            "pending": count,
            "oldest_pending_seconds": _age_seconds(oldest),
            "lake_age_seconds": _age_seconds(lake_us),
        }
        await asgi.respond(
            send,
            200 if is_ok else 503,
            msgspec.json.encode(content),
            headers=(*asgi.JSON, *_NO_STORE),
        )

    async def figures(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        _only_get(scope)
        self._known = await self._in_thread(self._asked)
        await self._in_thread(self._count)
        await asgi.respond(send, 200, generate_latest(self._registry), headers=_TEXT)

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        """Prometheus' own protocol: the figures as of now."""
        for name, text, value in (
            ("accepted", "Events accepted by /v1", self._door.accepted_count),
            ("rejected", "Items of batches that were rejected", self._door.rejected_count),
            ("refused", "Requests to /v1 that were refused", self._door.refused_count),
            ("form_accepted", "Form posts accepted", self._public.accepted_count),
            ("form_refused", "Form posts sent back to be corrected", self._public.refused_count),
            ("inbox_rows", "Rows committed to the inbox", self._writer.row_count),
            ("inbox_commits", "Commits of the inbox", self._writer.commit_count),
            ("inbox_failures", "Commits of the inbox that failed", self._writer.failure_count),
            ("inbox_commit_seconds", "Time in commits", self._writer.commit_seconds),
        ):
            yield CounterMetricFamily(f"leadline_{name}", text, value=value)
        yield GaugeMetricFamily(
            "leadline_inbox_waiting",
            "Requests that wait for their commit",
            value=self._writer.waiting_count,
        )
        if self._behind is not None:
            yield from metrics.of_backlog(self._behind.backlog, at_us=self._behind.at_us)
            yield from metrics.of_workers(self._behind.workers, at_us=self._behind.at_us)
        count, oldest = self._known or (None, None)
        if count is not None:
            yield GaugeMetricFamily(
                "leadline_inbox_pending", "Requests stored and not yet consumed", value=count
            )
            yield GaugeMetricFamily(
                "leadline_inbox_oldest_seconds",
                "Age of the oldest of them",
                value=_age_seconds(oldest) or 0,
            )

    async def _in_thread(self, question: Callable[[], Value]) -> Value:
        """Ask the database off the event loop, on the one thread that is for it."""

        def asked() -> Value:
            try:
                return question()
            finally:
                # One that can only read would keep every other of the process so.
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._executor, asked)

    async def _both(self) -> tuple[tuple[int, int | None] | None, int | None]:
        """What waits, and as of when the lake knows everything; None for what is not known."""

        def asked() -> tuple[tuple[int, int | None] | None, int | None]:
            waiting = self._asked()
            return waiting, None if waiting is None else self._lake_us()

        return await self._in_thread(asked)

    def _lake_us(self) -> int | None:
        try:
            return self._fresh()
        except Error:
            connection.close()
            return None

    def _asked(self) -> tuple[int, int | None] | None:
        """What waits, or None when the database does not answer."""
        try:
            return self._pending()
        except (Error, sqlite3.Error, OSError):
            connection.close()
            return None

    def _count(self) -> None:
        """Look behind the door again, unless that was just done; None when nobody answers."""
        if time.monotonic() - self._counted_at < COUNT_EVERY_SECONDS:
            return
        self._counted_at = time.monotonic()
        try:
            self._behind = self._look(time.time_ns() // 1_000)
        except (Error, OSError):
            connection.close()
            self._behind = None


def _only_get(scope: asgi.Scope) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        raise asgi.wrong_method("GET, HEAD")


def _age_seconds(received_us: int | None) -> float | None:
    if received_us is None:
        return None
    return round(max(0.0, time.time() - received_us / 1_000_000), 3)
