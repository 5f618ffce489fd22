"""Load on a tree that is told to end, and what must hold afterwards."""

import itertools
import threading
import time
from collections import Counter

import httpx

from tests.worker.tree import Tree


class Load:
    """A client that sends events and remembers which were acknowledged."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self.acknowledged: set[str] = set()
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
        try:
            answer = client.post("/v1/track", json=said, auth=(self._tree.keys["write_key"], ""))
        except httpx.TransportError:
            return  # not acknowledged: it may be stored or not
        if answer.status_code == 200:
            self.acknowledged.add(message_id)


def lost(tree: Tree, load: Load) -> set[str]:
    """Acknowledged messages without an event."""
    return load.acknowledged - set(_stored(tree))


def repeated(tree: Tree) -> list[str]:
    """Messages with more than one event."""
    return [message_id for message_id, count in _stored(tree).items() if count > 1]


def _stored(tree: Tree) -> Counter[str]:
    sql = "SELECT message_id FROM timeline_event WHERE message_id LIKE 'message-%'"
    return Counter(str(message_id) for (message_id,) in tree.query(sql))
