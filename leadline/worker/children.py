"""Child processes: started, watched, started again when they crash, ended in time.

Imports no Django. A child ends with its parent, whatever ends the parent: it asks the kernel for
that in its first line (`parent.end_with`), so that a parent killed with -9 leaves nobody behind
who still writes.
"""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from leadline.lib import local_socket

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# Who has run for so long is taken to be healthy: the next crash starts with a short pause again.
HEALTHY_SECONDS = 60.0

logger = logging.getLogger("leadline.supervisor")


def start(
    module: str, *arguments: str, keep: Sequence[int] = (), stdout: int | None = None
) -> subprocess.Popen[bytes]:
    """Start `python -m module <our pid> <arguments>` with the file descriptors in `keep`.

    The child gets a session of its own: Ctrl C reaches the parent only, who then ends it.
    """
    return subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-m", module, str(os.getpid()), *arguments],
        pass_fds=keep,
        start_new_session=True,
        stdout=stdout,
    )


@dataclass
class Child:
    """A process that is meant to run all the time."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    # Given in addition when the last run crashed: "be wary of what you find".
    after_crash: tuple[str, ...] = ()
    keep: tuple[int, ...] = ()
    crash_count: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _started_at: float = 0.0
    _not_before: float = 0.0

    def tend(self) -> None:
        """Start it if it does not run and its pause is over; notice when it has ended."""
        if self.process is None:
            if time.monotonic() >= self._not_before:
                self._started_at = time.monotonic()
                more = self.after_crash if self.crash_count else ()
                self.process = start(self.module, *self.arguments, *more, keep=self.keep)
            return
        code = self.process.poll()
        if code is not None:
            self.process = None
            self._note_end(code)

    def _note_end(self, code: int) -> None:
        self._note_crash(code)

    def _note_crash(self, code: int) -> None:
        if time.monotonic() - self._started_at >= HEALTHY_SECONDS:
            self.crash_count = 0
        pause = min(FIRST_PAUSE_SECONDS * 2**self.crash_count, LONGEST_PAUSE_SECONDS)
        self.crash_count += 1
        self._not_before = time.monotonic() + pause
        ended = f"signal {-code}" if code < 0 else f"code {code}"
        logger.error("%s ended with %s; starting it again in %.1f s", self.name, ended, pause)

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, *, deadline: float) -> bool:
        """Wait until the monotonic `deadline`, then kill; True when it ended by itself."""
        if self.process is None:
            return True
        try:
            self.process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.error("%s did not end in time and was killed", self.name)
            self.process.kill()
            self.process.wait()
            return False
        return True


@dataclass
class OnCall(Child):
    """A process that runs while somebody asks it: started when somebody waits at its socket.

    The socket is ours and stays open, so nobody can ask in vain: who comes while the process
    starts, has just ended or was killed waits until the next one lets them in. A process that
    ends with code 0 had nothing to do.
    """

    listener: socket.socket = field(kw_only=True, repr=False)

    def tend(self) -> None:
        if self.process is not None or local_socket.is_asked(self.listener):
            super().tend()

    def _note_end(self, code: int) -> None:
        if code:
            self._note_crash(code)
