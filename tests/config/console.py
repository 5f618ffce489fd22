"""The console of a test: what everything that is logged looks like on it."""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from leadline.config import logs


@contextmanager
def written(*, as_json: bool, level: int = logging.DEBUG) -> Iterator[Callable[[], str]]:
    """What everything logged within the block looks like on the console."""
    console = io.StringIO()
    handler = logging.StreamHandler(console)
    handler.setFormatter(logs.Json() if as_json else logs.Lines())
    handler.addFilter(logs.Discreet())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield console.getvalue
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
