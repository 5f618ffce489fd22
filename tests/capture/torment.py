"""Killing the web process under load, and counting what was acknowledged."""

import asyncio
import random
import time
from itertools import count

import httpx

from leadline.capture import reader, unpack
from leadline.capture.inbox_sqlite import FILE_NAME
from tests.capture.served import SERVER_KEY, Server

CONNECTIONS = 8


def acknowledged_until_killed(server: Server, *, after_seconds: float, label: str) -> set[str]:
    """Send events on several connections, SIGKILL the server meanwhile, start it again.

    Returns the message ids whose 2xx had arrived. Half of the requests are batches of five.
    """
    ids = (f"{label}-{number}" for number in count())
    acknowledged: set[str] = set()

    async def send(client: httpx.AsyncClient) -> None:
        headers = {"Authorization": f"Bearer {SERVER_KEY}"}
        while True:
            names = [next(ids) for _ in range(random.choice((1, 5)))]
            items = [
                {"type": "track", "event": "A", "userId": "u", "messageId": name} for name in names
            ]
            route, body = ("batch", {"batch": items}) if len(items) > 1 else ("track", items[0])
            try:
                answer = await client.post(f"{server.url}/v1/{route}", json=body, headers=headers)
            except httpx.HTTPError:
                return
            if answer.status_code == 200:
                acknowledged.update(names)

    async def story() -> None:
        async with httpx.AsyncClient() as client:
            sending = [asyncio.create_task(send(client)) for _ in range(CONNECTIONS)]
            await asyncio.sleep(after_seconds)
            server.process.kill()
            await asyncio.gather(*sending)

    asyncio.run(story())
    server.process.wait(10)
    server.start_again()
    return acknowledged


def stored(server: Server) -> list[str]:
    """The message ids in the SQLite inbox, in order, as the consumer would see them."""
    source = reader.SqliteReader(server.data / FILE_NAME)
    try:
        return [said.message_id for said in unpack.unpack(source.after(0, 1_000_000))]
    finally:
        source.close()


def lost(server: Server, *, rounds: int) -> tuple[int, int]:
    """(acknowledged, of these missing) over so many kills at random moments."""
    acknowledged: set[str] = set()
    for number in range(rounds):
        acknowledged |= acknowledged_until_killed(
            server, after_seconds=random.uniform(0.1, 0.6), label=f"{time.time_ns()}-{number}"
        )
    found = stored(server)
    assert len(found) == len(set(found)), "A row was stored twice."
    return len(acknowledged), len(acknowledged - set(found))
