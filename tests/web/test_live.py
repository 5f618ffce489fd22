"""The live stream: ids only, for whoever may still listen, and nothing is missed on the way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from leadline.lib import asgi, clock
from leadline.routing import notifications
from leadline.routing.models import Ring
from leadline.routing.notifications import Notice
from leadline.web import live
from leadline.workspace.models import User
from tests.world import World

Enter = Callable[[User], Client]

pytestmark = pytest.mark.django_db(transaction=True)


class Page:
    """An open page: what it has heard, and a way to leave."""

    def __init__(self, client: Client, *, query: str = "", last_id: str = "") -> None:
        cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
        name = settings.SESSION_COOKIE_NAME
        headers = [(b"cookie", f"{name}={cookie.value}".encode())] if cookie else []
        if last_id:
            headers.append((b"last-event-id", last_id.encode()))
        self.scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": "/events", "headers": headers,
            "query_string": query.encode(),
        }  # fmt: skip
        self.heard = ""
        self.leaving = asyncio.Event()

    async def receive(self) -> asgi.Message:
        await self.leaving.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: asgi.Message) -> None:
        self.heard += bytes(message.get("body", b"")).decode()

    async def hears(self, text: str) -> None:
        async with asyncio.timeout(10):
            while text not in self.heard:
                await asyncio.sleep(0.02)


def _during(page: Page, doing: Callable[[], Awaitable[None]]) -> str:
    async def both() -> None:
        live.watch = live.Watch()
        stream = asyncio.create_task(live.stream(page.scope, page.receive, page.send))
        await page.hears("retry:")
        await doing()
        page.leaving.set()
        await asyncio.wait_for(stream, 10)

    asyncio.run(both())
    return page.heard


def _tell(*notices: Notice) -> Callable[[], object]:
    return lambda: notifications.tell(list(notices), now=clock.now())


@pytest.fixture(autouse=True)
def _connections() -> Iterator[None]:
    """The pool's threads keep no connection to a database that is about to be emptied."""
    yield
    from django.db import connections

    for _ in range(3):
        live._threads.submit(connections.close_all).result()


def test_a_page_hears_the_ids_of_its_own_news_and_nothing_else(world: World, enter: Enter) -> None:
    page = Page(enter(world.ben))

    async def doing() -> None:
        await page.hears("retry:")
        await asyncio.sleep(0.5)
        await live.in_thread(
            _tell(
                Notice(world.cleo.pk, None, "assigned", "for Cleo"),
                Notice(world.ben.pk, None, "assigned", "Grace asked for a demo"),
            )
        )
        await page.hears("event: notice")

    heard = _during(page, doing)
    mine = Ring.objects.get(user=world.ben)
    assert f"data: {mine.pk}\n" in heard
    assert heard.count("event: notice") == 1
    assert "Grace" not in heard


@pytest.mark.parametrize("how", ["query", "last id"])
def test_what_came_while_the_page_was_on_its_way_is_told_at_once(
    world: World, enter: Enter, how: str
) -> None:
    _tell(Notice(world.ben.pk, None, "assigned", "seen"))()
    known = str(Ring.objects.get(user=world.ben).pk)
    _tell(Notice(world.ben.pk, None, "assigned", "came since"))()
    client = enter(world.ben)
    page = Page(client, query=f"after={known}") if how == "query" else Page(client, last_id=known)

    async def doing() -> None:
        await page.hears("event: notice")

    assert _during(page, doing).count("event: notice") == 1


def test_what_one_page_has_read_another_hears_of(world: World, enter: Enter) -> None:
    _tell(Notice(world.ben.pk, None, "assigned", "seen"))()
    known = Ring.objects.get(user=world.ben).pk
    page = Page(enter(world.ben), query=f"after={known}")

    async def doing() -> None:
        await live.in_thread(lambda: notifications.read(world.ben.pk, now=clock.now()))
        await page.hears("event: notice")

    assert _during(page, doing).count("event: notice") == 1


def test_nobody_listens_without_a_session(world: World) -> None:
    page = Page(Client())
    with pytest.raises(asgi.Refusal) as refused:
        asyncio.run(live.stream(page.scope, page.receive, page.send))
    assert refused.value.status == 401
    assert page.heard == ""


def test_whoever_was_deactivated_hears_a_last_word(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "RECHECK_SECONDS", 0.0)
    page = Page(enter(world.ben))

    async def doing() -> None:
        await live.in_thread(lambda: User.objects.filter(pk=world.ben.pk).update(is_active=False))
        await page.hears("event: bye")

    assert "event: bye" in _during(page, doing)


def test_all_streams_end_when_the_server_stops(world: World, enter: Enter) -> None:
    page = Page(enter(world.ben))

    async def both() -> None:
        live.watch = live.Watch()
        stream = asyncio.create_task(live.stream(page.scope, page.receive, page.send))
        await page.hears("retry:")
        while not live.watch.listeners:
            await asyncio.sleep(0.02)
        await live.watch.has_begun.wait()
        live.watch.stop()
        await asyncio.wait_for(stream, 10)

    asyncio.run(both())
    assert "event: bye" not in page.heard  # the page comes back when the server does


@pytest.mark.parametrize(
    ("written", "known"),
    [(b"after=17", 17), (b"17", 17), (b"", 0), (b"after=", 0), (b"after=-1", 0), (b"x" * 99, 0),
     (b"9" * 30, 0), ("١٢".encode(), 0)],
)  # fmt: skip
def test_the_known_id_is_a_plain_number(written: bytes, known: int) -> None:
    assert live._known_id(written) == known
