"""The live stream `/events`: tells open pages that something has come. Ids only, never content.

A plain ASGI handler. One watcher per process asks for new rings five times a second while
anybody listens. Who listens is resolved from the session on a small thread pool and checked again
every 30 seconds, so a deactivated person hears nothing more.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, close_old_connections
from django.http import HttpRequest

from leadline.lib import asgi, clock
from leadline.routing.models import Ring
from leadline.routing.rings import Fresh, Tail

POLL_SECONDS = 0.2
RECHECK_SECONDS = 30.0
HEARTBEAT_SECONDS = 15.0
MOST_WAITING = 100
_HEADERS: asgi.Headers = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
)

Value = TypeVar("Value")
log = logging.getLogger(__name__)
_threads = ThreadPoolExecutor(3, thread_name_prefix="live")


@dataclass(eq=False)
class Listener:
    """One open page: whose it is, and the ids it has not been told; None ends it."""

    user_id: UUID
    waiting: asyncio.Queue[int | None] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))

    def tell(self, news: int | None) -> None:
        """Never waits: a page that does not listen fast enough misses ids, not news."""
        if not self.waiting.full():
            self.waiting.put_nowait(news)


@dataclass
class Watch:
    """Everybody who listens in this process, and the one task that looks for news."""

    listeners: set[Listener] = field(default_factory=set)
    task: asyncio.Task[None] | None = None
    # Set once the tail knows where it starts: what comes from then on is delivered.
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def join(self, listener: Listener) -> None:
        """From when this returns, the listener misses nothing."""
        self.listeners.add(listener)
        if self.task is None or self.task.done():
            self.has_begun = asyncio.Event()
            self.task = asyncio.create_task(self._look())
        await self.has_begun.wait()

    def leave(self, listener: Listener) -> None:
        self.listeners.discard(listener)

    def deliver(self, fresh: Iterable[Fresh]) -> None:
        for each in fresh:
            for listener in self.listeners:
                if listener.user_id == each.user_id:
                    listener.tell(each.id)

    def stop(self) -> None:
        """End every stream, so that the server need not wait for pages that stay open."""
        for listener in list(self.listeners):
            listener.tell(None)

    async def _look(self) -> None:
        """Until nobody listens. A database that fails for a while is asked again."""
        tail = Tail()
        while self.listeners:
            try:
                self.deliver(await in_thread(partial(_fresh, tail)))
                self.has_begun.set()
            except DatabaseError as error:
                log.warning("live: cannot read rings: %s", type(error).__name__)
                await asyncio.sleep(1)
            await asyncio.sleep(POLL_SECONDS)


watch = Watch()


async def stream(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
    """Answer `GET /events` until the page goes away. Refusal 401 without a valid session."""
    if scope["method"] not in ("GET", "HEAD"):
        raise asgi.wrong_method("GET")
    headers = dict(scope["headers"])
    key = session_key(headers.get(b"cookie", b""))
    user_id = await in_thread(partial(who, key))
    if user_id is None:
        raise asgi.Refusal(401, "Sign in to listen.")
    await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
    listener = Listener(user_id)
    known_id = _known_id(headers.get(b"last-event-id") or scope["query_string"])
    talking = asyncio.create_task(_talk(listener, key, send, known_id=known_id))
    leaving = asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({talking, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watch.leave(listener)
        talking.cancel()
        leaving.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _talk(listener: Listener, key: str, send: asgi.Send, *, known_id: int) -> None:
    await _say(send, "retry: 2000\n\n")
    await watch.join(listener)
    # What came while the page was on its way here.
    listener.tell(await in_thread(partial(_newest, listener.user_id, known_id)))
    checked, said = time.monotonic(), time.monotonic()
    while True:
        try:
            news = await asyncio.wait_for(listener.waiting.get(), timeout=1)
        except TimeoutError:
            news = 0
        at = time.monotonic()
        if news is None:
            return
        if at - checked >= RECHECK_SECONDS:
            checked = at
            if await in_thread(partial(who, key)) != listener.user_id:
                await _say(send, "event: bye\ndata:\n\n")
                return
        if news:
            await _say(send, f"event: notice\nid: {news}\ndata: {news}\n\n")
            said = at
        elif at - said >= HEARTBEAT_SECONDS:
            await _say(send, ":\n\n")
            said = at


async def _say(send: asgi.Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _left(receive: asgi.Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def in_thread(question: Callable[[], Value]) -> Value:
    """Ask the database off the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_threads, partial(_ask, question))


def _ask(question: Callable[[], Value]) -> Value:
    close_old_connections()
    try:
        return question()
    finally:
        close_old_connections()


def session_key(cookies: bytes) -> str:
    """The session's key from the Cookie header; "" when there is none."""
    try:
        morsel = SimpleCookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def who(key: str) -> UUID | None:
    """Whose session this is; None when it has ended or they may not enter any more."""
    if not key:
        return None
    request = HttpRequest()
    request.session = SessionStore(key)
    user = auth.get_user(request)
    return user.pk if user.is_authenticated and user.is_active else None


def _known_id(written: bytes) -> int:
    """The newest id that the page knows: `after=17` at first, `17` when it comes back."""
    digits = written.removeprefix(b"after=")
    return int(digits) if digits.isdigit() and len(digits) < 19 else 0


def _newest(user_id: UUID, known_id: int) -> int:
    """The person's newest ring above the known one; 0 when there is none."""
    mine = Ring.objects.filter(user=user_id, id__gt=known_id).order_by("-id")
    return mine.values_list("id", flat=True).first() or 0


def _fresh(tail: Tail) -> list[Fresh]:
    return tail.fresh(now=clock.now())
