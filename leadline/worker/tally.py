"""What the main thread of this process has done, told to `/metrics` through a file."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from leadline.lib import clock, worker_figures
from leadline.lib.worker_figures import Figures
from leadline.worker.step import Step

RENEW_EVERY_SECONDS = 5.0

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]  # Any: Django's own signature


class Tally:
    """Counts portions and measures transactions; renews the file at most every five seconds."""

    def __init__(self, *, worker: str, data: Path) -> None:
        self._worker = worker
        self._data = data
        self._portions: Counter[str] = Counter()
        self._items: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self.lock = WriteLock()
        self._renewed_at = -RENEW_EVERY_SECONDS

    def begin(self) -> int:
        """Remove what processes left behind that were killed."""
        worker_figures.sweep(self._data, at_us=clock.micros(clock.now()))
        return 1

    def attempt(self, step: Step) -> int:
        """Attempt the step and count what came of it; returns what it returns."""
        failures = step.failure_count
        done = step.attempt()
        if done:
            self._portions[step.name] += 1
            self._items[step.name] += done
        elif step.failure_count > failures:
            self._failures[step.name] += 1
        return done

    def renew(self) -> int:
        """Write the figures down, if it is time; 0, since nobody should hurry because of it."""
        if time.monotonic() - self._renewed_at >= RENEW_EVERY_SECONDS:
            self._renewed_at = time.monotonic()
            worker_figures.write(self._data, self.figures())
        return 0

    def figures(self) -> Figures:
        return Figures(
            worker=self._worker,
            renewed_us=clock.micros(clock.now()),
            portions=dict(self._portions),
            items=dict(self._items),
            failures=dict(self._failures),
            lock_count=self.lock.count,
            lock_seconds=self.lock.seconds,
            lock_last_seconds=self.lock.last_seconds,
            lock_longest_seconds=self.lock.longest_seconds,
        )

    def end(self) -> int:
        """The process ends; so do its figures."""
        worker_figures.remove(self._data, self._worker)
        return 1


class WriteLock:
    """How long the transactions of a connection held SQLite's write lock, from BEGIN to COMMIT.

    A wrapper for `connection.execute_wrapper`. Waiting for the lock does not count; what was
    rolled back neither. PostgreSQL has no such lock and no such statement: nothing is counted.
    """

    def __init__(self) -> None:
        self.count = 0
        self.seconds = self.last_seconds = self.longest_seconds = 0.0
        self._since: float | None = None

    def __call__(
        self, execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:  # Any: whatever the statement brings
        if sql.startswith("BEGIN"):
            result = execute(sql, params, many, context)
            self._since = time.perf_counter()
            return result
        if self._since is not None:
            since, self._since = self._since, None
            # The first statement after BEGIN: what is asked for here comes first after COMMIT.
            if connection.in_atomic_block:
                transaction.on_commit(lambda: self._ended(since))
        return execute(sql, params, many, context)

    def _ended(self, since: float) -> None:
        self.count += 1
        self.last_seconds = time.perf_counter() - since
        self.seconds += self.last_seconds
        self.longest_seconds = max(self.longest_seconds, self.last_seconds)
