"""kill -9 under load, round after round; what must hold afterwards.

The tests run five rounds, `make torture` a hundred.
"""

import itertools
import random
import threading
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import httpx

from tests.worker.tree import Tree, until

VICTIMS = ("leadline.worker.main", "leadline.worker.web", "supervisor")


class Load:
    """A client that sends events and remembers which were acknowledged."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(2)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(20)

    def _run(self) -> None:
        with httpx.Client(base_url=self._tree.url, timeout=5) as client:
            while not self._stop.is_set():
                self._send(client, f"message-{next(self._numbers)}")
                time.sleep(0.002)

    def _send(self, client: httpx.Client, message_id: str) -> None:
        number = int(message_id.rpartition("-")[2])
        said = {
            "event": "Demo Requested" if number % 25 == 0 else "Product Viewed",
            "userId": f"user-{number % 100}",
            "messageId": message_id,
            "context": {"traits": {"email": f"person{number % 100}@corp.example.com"}},
        }
        self.sent.add(message_id)
        try:
            answer = client.post("/v1/track", json=said, auth=(self._tree.keys["write_key"], ""))
        except httpx.TransportError:
            return  # not acknowledged: it may be stored or not
        if answer.status_code == 200:
            self.acknowledged.add(message_id)


def rounds(tree: Tree, *, count: int, seed: int) -> Load:
    """Kill a process at a random moment, `count` times; returns when everything is worked off."""
    chance = random.Random(seed)
    with Load(tree) as load:
        for number in range(count):
            time.sleep(chance.uniform(0.2, 1.2))
            tree.kill(VICTIMS[number % len(VICTIMS)])
            until(tree.is_ready, what="the tree to be ready again")
    until(lambda: tree.pending() == 0, what="the inbox to be empty")
    return load


def lost(tree: Tree, load: Load) -> set[str]:
    """Acknowledged messages without an event."""
    return load.acknowledged - set(_stored(tree))


def repeated(tree: Tree) -> list[str]:
    """Messages with more than one event."""
    return [message_id for message_id, count in _stored(tree).items() if count > 1]


def invented(tree: Tree, load: Load) -> set[str]:
    """Events that nobody sent."""
    return set(_stored(tree)) - load.sent


def mailed_twice(folder: Path) -> list[str]:
    """Mails of the outbox folder that left the house more than once."""
    ids = Counter(
        message_from_bytes(part.lstrip() + b"\n")["Message-ID"]
        for file in folder.glob("*")
        for part in file.read_bytes().split(b"-" * 79)
        if part.strip()
    )
    return [message_id for message_id, count in ids.items() if count > 1]


def _stored(tree: Tree) -> Counter[str]:
    sql = "SELECT message_id FROM timeline_event WHERE message_id LIKE 'message-%'"
    return Counter(str(message_id) for (message_id,) in tree.query(sql))
