"""Asking the analyst: from screens, the API, the command line, the worker.

Nothing here loads DuckDB, Ibis or Spark: a question is a line of JSON to a process that does. That
is the analyst of `leadline serve` when one is on call for the data folder, else one that is
started for this question alone.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.utils.translation import get_language, gettext

from leadline.lib import local_socket

MODULE = "leadline.analytics.analyst"
ALONE = "alone"
LONGEST_QUESTION = 8 * 1024 * 1024
LONGEST_ANSWER = 64 * 1024 * 1024
TIMEOUT_S = 60.0


class AnalystError(Exception):
    """Why there is no answer, in a sentence; whether asking again can help (`permanent=`)."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class Asked(msgspec.Struct, frozen=True):
    """One question: the line that goes to the analyst. `language`: what its sentences are in."""

    question: str
    arguments: dict[str, Any]  # JSON
    timeout_s: float
    language: str = "en"


class Said(msgspec.Struct, frozen=True):
    """The line that comes back: an answer, or why there is none."""

    answer: dict[str, Any] | None = None  # JSON
    problem: str = ""
    permanent: bool = False


def ask(
    question: str, arguments: Mapping[str, object] | None = None, *, timeout_s: float = TIMEOUT_S
) -> dict[str, Any]:  # Any: JSON, as each question describes
    """The answer, within `timeout_s`; asking twice gives the same of the same lake.

    A question that reads the lake is answered from one that is at most a minute old, and says in
    `lake_us` how old. Raises AnalystError.
    """
    until = time.monotonic() + timeout_s
    asked = Asked(question, dict(arguments or {}), timeout_s, get_language() or "en")
    line = msgspec.json.encode(asked) + b"\n"
    if len(line) > LONGEST_QUESTION:
        raise AnalystError(gettext("This question is too long."), permanent=True)
    try:
        said = _answered(line, settings.ENVIRONMENT.data, until=until)
    except (TimeoutError, subprocess.TimeoutExpired) as problem:
        raise AnalystError(
            gettext("There was no answer within %(seconds)d seconds. Try again later.")
            % {"seconds": timeout_s},
            permanent=False,
        ) from problem
    except (local_socket.Unfinished, msgspec.DecodeError, OSError) as problem:
        raise AnalystError(
            gettext("The analyst ended in the middle of the question. Try again."),
            permanent=False,
        ) from problem
    except local_socket.TooLong as problem:
        raise AnalystError(gettext("The answer is too long."), permanent=True) from problem
    if said.answer is None:
        raise AnalystError(said.problem, permanent=said.permanent)
    return said.answer


def _answered(line: bytes, folder: Path, *, until: float) -> Said:
    connection = local_socket.connected(
        folder / local_socket.ANALYST, timeout_s=max(0.1, until - time.monotonic())
    )
    if connection is None:
        return _answered_alone(line, until=until)
    with connection:
        return msgspec.json.decode(_exchanged(connection, line, until=until), type=Said)


def _exchanged(connection: socket.socket, line: bytes, *, until: float) -> bytes:
    connection.sendall(line)
    return local_socket.read_line(connection, at_most=LONGEST_ANSWER, until=until)


def _answered_alone(line: bytes, *, until: float) -> Said:
    """By a process that is started for this question and ends with it."""
    done = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", MODULE, str(os.getpid()), ALONE],
        input=line,
        stdout=subprocess.PIPE,
        timeout=max(0.1, until - time.monotonic()),
        check=False,
    )
    return msgspec.json.decode(done.stdout, type=Said)
