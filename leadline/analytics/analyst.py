"""The analyst: a process that answers questions with DuckDB and Ibis, one after the other.

It is started when the first question comes, by the supervisor or for one question alone, and ends
after ten idle minutes. It keeps nothing that anybody would miss: SIGTERM ends it as kill -9 does,
in the middle of a question, and whoever asked is told by the end of the connection. One data folder
has one analyst at a time, since each may use the memory that is set aside for it.
"""

import fcntl
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import django
import msgspec
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from leadline.analytics import client
from leadline.analytics.client import Asked, Said
from leadline.lib import local_socket, parent

IDLE_SECONDS = 600.0
# Whoever connects says its line at once: the process at the other end is ours.
LINE_SECONDS = 10.0
# Nobody waits longer, and the next question should not have to.
LONGEST_SECONDS = 3_600.0
LOCK = "analyst.lock"
LOOK_EVERY_SECONDS = 0.1
TOO_SLOW = 75  # the exit code of one that could not end a question in time

logger = logging.getLogger("leadline.analyst")

Begin = Callable[[], None]
Answer = Callable[[Asked, Begin], Said]
"""Answers; calls `Begin` once what has to be done anyway is done and the time should run."""


class NobodyWaits(Exception):
    """Whoever asked has gone while the answer was being prepared."""


class Busy(Exception):
    """Another analyst works on this data folder; the text names it."""

    permanent = False


def serve(listener: socket.socket, answer: Answer, *, idle_s: float = IDLE_SECONDS) -> int:
    """Answer one question after the other until none comes for `idle_s`; how many came."""
    count = 0
    while True:
        listener.settimeout(idle_s)
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            return count
        with connection:
            _attend(connection, answer)
        count += 1


def _attend(connection: socket.socket, answer: Answer) -> None:
    """One connection. Whoever goes away is missed by nobody; who has gone before is not served."""
    try:
        line = local_socket.read_line(
            connection, at_most=client.LONGEST_QUESTION, until=time.monotonic() + LINE_SECONDS
        )
        asked = msgspec.json.decode(line, type=Asked)
    except (msgspec.DecodeError, local_socket.TooLong) as problem:
        _tell(connection, Said(problem=f"This is no question: {problem}.", permanent=True))
        return
    except (local_socket.Unfinished, TimeoutError):
        return
    try:
        with _Limit(connection, asked) as limit:
            said = answer(asked, limit.begin)
    except NobodyWaits:
        return
    _tell(connection, said)


class _Limit:
    """The time that a question may take, from `begin` on. Nothing stops a query of DuckDB or a job
    of Spark for certain but the end of the process, so that is what too long a question ends with.
    """

    def __init__(self, connection: socket.socket, asked: Asked) -> None:
        self._connection = connection
        self._asked = asked
        self._seconds = min(asked.timeout_s, LONGEST_SECONDS)
        self._either = threading.Lock()
        self._is_over = False
        self._timer = threading.Timer(self._seconds, self._give_up)
        self._timer.daemon = True

    def __enter__(self) -> "_Limit":
        return self

    def begin(self) -> None:
        """Let the time run. Raises NobodyWaits when whoever asked has gone."""
        if local_socket.is_gone(self._connection):
            raise NobodyWaits
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._either:
            self._is_over = True

    def _give_up(self) -> None:
        with self._either:
            if self._is_over:
                return
            logger.error("%s took longer than %d s", self._asked.question, self._seconds)
            with translation.override(self._asked.language):
                text = gettext("This took longer than %(seconds)g seconds and was ended.")
            _tell(self._connection, Said(problem=text % {"seconds": self._seconds}))
            os._exit(TOO_SLOW)


def _tell(connection: socket.socket, said: Said) -> None:
    try:
        connection.settimeout(LINE_SECONDS)
        connection.sendall(msgspec.json.encode(said) + b"\n")
    except OSError:
        logger.info("nobody waits for the answer any more")


def answer_alone(answer: Answer) -> None:
    """The question on standard input, the answer on standard output."""
    asked = msgspec.json.decode(sys.stdin.buffer.readline(), type=Asked)
    said = answer(asked, lambda: None)
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")


def take_folder(folder: Path, *, wait_s: float) -> int:
    """Be the one analyst of the folder until the process ends; the descriptor that says so.

    Raises Busy when another one is it for so long.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                other = os.read(descriptor, 20).decode("ascii", "replace").strip()
                os.close(descriptor)
                raise Busy(
                    f"Another analyst works on {folder} (process {other or 'unknown'})."
                ) from None
            time.sleep(LOOK_EVERY_SECONDS)
        else:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
            return descriptor


def main(place: str, *, answer: Answer | None = None, waits_s: float = 60.0) -> None:
    """Answer at `place`: the descriptor of the socket, or "alone". `answer` is that of `questions`
    unless another one is given."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
    django.setup()
    sys.excepthook = _note
    try:
        take_folder(settings.ENVIRONMENT.data, wait_s=waits_s)
    except Busy as problem:
        refusal = Said(problem=str(problem))
        if place == client.ALONE:
            answer_alone(lambda *_: refusal)
        sys.exit(refusal.problem)
    if answer is None:
        # Loads DuckDB and models, which exist once Django is set up.
        from leadline.analytics import questions

        answer = questions.said
    if place == client.ALONE:
        answer_alone(answer)
        return
    logger.info("analyst %d begins", os.getpid())
    with socket.socket(fileno=int(place)) as listener:
        count = serve(listener, answer)
    logger.info("analyst %d ends after %d questions", os.getpid(), count)


def _note(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    logger.critical("ended by %s", kind.__name__, exc_info=error)


if __name__ == "__main__":
    parent.end_with(int(sys.argv[1]))
    main(sys.argv[2])
