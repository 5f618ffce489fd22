"""The wish to end: set by a signal, seen by every lane at once."""

import os
import select
import signal
from types import FrameType


class Stop:
    """A flag that threads can wait for.

    It is a pipe and not a `threading.Event`: a signal handler that sets an event while the main
    thread is inside `wait` of the same event blocks for ever.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self.is_set = False

    def set(self) -> None:
        """Wake everyone. Safe in a signal handler and safe to call again."""
        if not self.is_set:
            self.is_set = True
            os.write(self._writer, b"x")

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; True when it is time to end. The byte stays for the others."""
        if not self.is_set and seconds > 0:
            select.select([self._reader], [], [], seconds)
        return self.is_set

    def on_signals(self) -> None:
        """SIGTERM, SIGINT and SIGHUP mean: take nothing new, finish or give back, end."""

        def handle(_number: int, _frame: FrameType | None) -> None:
            self.set()

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, handle)
