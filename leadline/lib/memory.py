"""Settling a process's memory after its start, so that garbage collection costs little."""

import gc

REQUESTS = 20_000
BATCHES = 50_000


def settle(*, young: int = REQUESTS) -> None:
    """Keep what was loaded at the start out of every later collection, and collect more rarely.

    Django's modules are nearly 80,000 objects; looking through them takes 48 ms and stops all
    threads. `young` is how many new objects make a collection of the youngest, REQUESTS or
    BATCHES: a worker that holds 10,000 rows at once spent a quarter of its time on Python's 700.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(young, 20, 20)
