"""Running the same function at once on several threads, each with a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def together(count: int, act: Callable[[int], T]) -> list[T]:
    """Call `act(0)` … `act(count - 1)` at the same moment; their results in order."""
    start = threading.Barrier(count)

    def one(number: int) -> T:
        try:
            connection.ensure_connection()
            start.wait(20)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
