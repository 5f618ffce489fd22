"""The front door put together: inbox, definitions, public endpoints, health and figures."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.db import Error, connection

from leadline.analytics import freshness
from leadline.api.door import Door
from leadline.capture import definitions, inbox, models, reader
from leadline.capture.inbox_postgres import CONNECT_SECONDS, PostgresInbox
from leadline.capture.inbox_sqlite import FILE_NAME, SqliteInbox
from leadline.config import health, reopening
from leadline.flow import backlog
from leadline.lib import asgi, clock, worker_figures
from leadline.web.public import site

# Somebody waits for what a web process does, and sixteen who wait hold all of its threads: after
# this they are told when to come back. The worker, which holds the lock for moments only, may
# wait longer for it.
BUSY_SECONDS = 5


class Front:
    """Everything that answers strangers, and what it needs to run."""

    def __init__(self, executor: Executor) -> None:
        self._consumed = 0
        self._executor = executor
        self.writer = inbox.Writer(_store(consumed=lambda: self._consumed))
        self.watch = definitions.Watch(after_refresh=self._follow_cursor)
        self.door = Door(self.writer, known=self.watch.current)
        self.public = site.Public(
            self.writer,
            known=self.watch.current,
            newer=self.watch.newer,
            signing_keys=(settings.SECRET_KEY,),
        )
        self.health = health.Health(
            self.writer, self.door, self.public, executor=executor, pending=_pending,
            behind=_behind, fresh=freshness.known_us,
        )  # fmt: skip
        self._exact: dict[str, asgi.Application] = {
            "/healthz": self.health.alive,
            "/readyz": self.health.ready,
            "/metrics": self.health.figures,
            "/events": _events,
        }

    def route(self, path: str) -> asgi.Application | None:
        """Who answers `path`; None for Django."""
        if path.startswith(("/f/", "/p/", "/js/")):
            return self.public
        return self._exact.get(path)

    def close(self) -> None:
        self.watch.stop()
        self.writer.stop()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _follow_cursor(self) -> None:
        """On the definitions' thread: note what was consumed, so that it can be removed."""
        if connection.vendor != "sqlite":
            return
        position = _position()
        if position > self._consumed:
            self._consumed = position
            self.writer.tidy_soon()


async def opened(executor: Executor) -> Front:
    """A front door that is open: definitions read once, writer running."""
    if connection.vendor == "sqlite":
        # One dictionary for the connections of all threads, which are yet to be made.
        connection.settings_dict["OPTIONS"]["timeout"] = BUSY_SECONDS
        reopening.watch()
    front = Front(executor)
    await asyncio.get_running_loop().run_in_executor(executor, partial(_first_read, front))
    front.writer.start()
    front.watch.start()
    return front


def _first_read(front: Front) -> None:
    try:
        front.watch.refresh()
    except Error:
        pass  # the thread goes on trying; until then requests get 503
    finally:
        connection.close()


def _store(*, consumed: Callable[[], int]) -> inbox.Store:
    if connection.vendor == "sqlite":
        return SqliteInbox(_path(), consumed=consumed)
    return PostgresInbox(_parameters)


def _path() -> Path:
    return Path(settings.ENVIRONMENT.data) / FILE_NAME


def _parameters() -> dict[str, object]:
    """What `psycopg.connect` takes, from Django's own settings."""
    known = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port", "application_name", "sslmode")
    chosen = {name: known[name] for name in names if known.get(name)}
    return {**chosen, "connect_timeout": CONNECT_SECONDS}


def _position() -> int:
    row = models.InboxCursor.objects.filter(id=1).values_list("position", flat=True).first()
    return row or 0


def _pending() -> tuple[int, int | None]:
    """(requests not yet consumed, when the oldest was received in microseconds)."""
    if connection.vendor == "sqlite":
        source = reader.SqliteReader(_path())
        try:
            return source.pending(_position())
        finally:
            source.close()
    with connection.cursor() as cursor:
        return reader.pending_postgres(cursor)


def _behind(at_us: int) -> health.Behind:
    data = Path(settings.ENVIRONMENT.data)
    backlog_now = backlog.current(clock.from_micros(at_us))
    return health.Behind(at_us, backlog_now, worker_figures.of_all(data, at_us=at_us))


async def _events(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
    try:
        live = import_module("leadline.web.live")
    except ModuleNotFoundError:
        raise asgi.Refusal(404, "There are no live events here.") from None
    await live.stream(scope, receive, send)
