"""The front door inside the test's own process: no database, a real inbox file, a real loop."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from leadline.api.door import Door
from leadline.capture import definitions, forms, inbox
from leadline.capture.inbox_sqlite import FILE_NAME, SqliteInbox
from leadline.capture.reader import SqliteReader
from leadline.lib import asgi, secret_hash
from leadline.web.public.site import Public
from tests.capture import examples
from tests.capture.served import BROWSER_KEY, SERVER_KEY

SIGNING_KEY = "signs-forms-in-tests-" + "k" * 20


def known() -> definitions.Definitions:
    """What the definitions' thread would have read from `examples.seed`."""
    form = forms.from_row(
        slug="demo",
        name="Ask for a demo",
        purpose="demo",
        fields=examples.FIELDS,
        consents=examples.CONSENTS,
        texts={"submit": "Show me"},
    )
    page = definitions.Page("start", "Start here", "", form, tuple(examples.BLOCKS))
    keys = {
        secret_hash.digest(SERVER_KEY): definitions.Key(1, True, "key:1"),
        secret_hash.digest(BROWSER_KEY): definitions.Key(2, False, "key:2"),
    }
    return definitions.Definitions(
        keys, {"demo": form}, {"start": page}, BROWSER_KEY, "Example Ltd"
    )


class Site:
    """Sends requests to the door and the public pages; reads what the inbox got."""

    def __init__(self, store: inbox.Store, *, data: Path) -> None:
        self.definitions: definitions.Definitions | None = known()
        self._data = data
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.writer = inbox.Writer(store)
        self._run(self._start())
        self.door = Door(self.writer, known=self._known)
        self.public = Public(
            self.writer, known=self._known, newer=self._newer, signing_keys=(SIGNING_KEY,)
        )

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:  # httpx' own
        return self._run(self._request(method, path, options))

    def post(self, path: str, **options: Any) -> httpx.Response:  # httpx' own
        return self.request("POST", path, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:  # httpx' own
        return self.request("GET", path, **options)

    def rows(self) -> list[inbox.Row]:
        reader = SqliteReader(self._data / FILE_NAME)
        try:
            return reader.after(0, 100_000)
        finally:
            reader.close()

    def close(self) -> None:
        self.writer.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _start(self) -> None:
        self.writer.start()

    def _known(self) -> definitions.Definitions:
        if self.definitions is None:
            raise definitions.DefinitionsUnavailable("not read yet")
        return self.definitions

    async def _newer(self) -> definitions.Definitions:
        return self._known()

    async def _request(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._route)  # type: ignore[arg-type]  # its own types
        async with httpx.AsyncClient(transport=transport, base_url="http://here.test") as client:
            return await client.request(method, path, **options)

    async def _route(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        application: Callable[..., Any] = (
            self.door if scope["path"].startswith("/v1/") else self.public
        )
        try:
            await application(scope, receive, send)
        except asgi.Refusal as refusal:
            await asgi.refuse(send, refusal)

    def _run(self, work: Any) -> Any:  # Any: the result of whatever coroutine
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


@contextmanager
def opened(data: Path, *, store: inbox.Store | None = None) -> Iterator[Site]:
    """A front door on an inbox file in `data`, closed at the end of the block."""
    site = Site(store or SqliteInbox(data / FILE_NAME, consumed=lambda: 0), data=data)
    try:
        yield site
    finally:
        site.close()
