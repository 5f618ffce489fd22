"""The ASGI application: public endpoints beside Django.

Plain ASGI handlers answer what strangers call; everything else goes to Django through WSGI on
sixteen threads, because Django under ASGI is nine times slower. Starting and stopping follow
the server's lifespan: nothing is opened at import.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from leadline.config import logs
from leadline.lib import asgi, memory

DJANGO_THREADS = 16
MAX_DJANGO_BYTES = 32 * 1024 * 1024
MAX_UNDECLARED_BYTES = 2 * 1024 * 1024


class Site:
    """Routes each request; opens and closes the front door with the server's lifespan."""

    def __init__(self) -> None:
        self._front: Any = None  # leadline.config.front.Front, importable once Django is set up
        self._django: asgi.Application | None = None

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        if scope["type"] == "http":
            identity = asgi.request_id(scope)
            # The server gives each request a task, and a task a context: nobody else sees this.
            logs.request_id.set(identity)
            send = asgi.named(send, identity)
            path: str = scope["path"]
            if path.startswith("/v1/"):
                await self._front.door(scope, receive, send)
            else:
                await self._other(path, scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _other(
        self, path: str, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send
    ) -> None:
        if scope["method"] == "HEAD":
            send = asgi.without_body(send)
        application = self._front.route(path) or self._to_django
        try:
            await application(scope, receive, send)
        except asgi.Refusal as refusal:
            await asgi.refuse(send, refusal)
        except asgi.Gone:
            return

    async def _to_django(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Pass on to WSGI, with a body that has a length and stays within its bounds."""
        headers = dict(scope["headers"])
        asgi.refuse_declared(headers, limit_bytes=MAX_DJANGO_BYTES)
        if b"transfer-encoding" in headers:
            content = await asgi.body(receive, limit_bytes=MAX_UNDECLARED_BYTES)
            kept = [pair for pair in scope["headers"] if pair[0] != b"transfer-encoding"]
            length = (b"content-length", str(len(content)).encode())
            scope = {**scope, "headers": [*kept, length]}
            receive = asgi.replay(content)
        assert self._django is not None
        await self._django(scope, receive, send)

    async def _live(self, receive: asgi.Receive, send: asgi.Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.open()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def open(self) -> None:
        """Set Django up, read the definitions, start the writer."""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
        from a2wsgi import WSGIMiddleware
        from django import urls

        from leadline.config import sqlite, wsgi

        sqlite.check()
        # The first visitor should not wait for our imports (1 s), and what is loaded now stays
        # out of garbage collections.
        urls.get_resolver().check()
        self._django = cast(
            asgi.Application, WSGIMiddleware(cast(Any, wsgi.application), workers=DJANGO_THREADS)
        )
        from leadline.config import front

        self._front = await front.opened(ThreadPoolExecutor(1, thread_name_prefix="readiness"))
        memory.settle()

    async def close(self) -> None:
        """Write what waits and stop the threads."""
        await asyncio.get_running_loop().run_in_executor(None, self._front.close)


application = Site()
