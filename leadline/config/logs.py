"""Structured logs: one line per record, JSON on request, no personal data and no secrets.

Of a request a line tells method, name of the route and status, never the address, which may be a
secret. Of an exception it tells type and places, never the message, which may quote a row. Call
sites log ids and counts, never addresses, names or keys.
"""

import logging
import sys
import threading
import traceback
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# What a JSON line may hold. Whatever else a library hangs on its record stays there.
FIELDS = frozenset(
    ("asctime", "levelname", "name", "message", "request_id", "method", "route", "status")
) | {"message_id", "exc_info"}

request_id: ContextVar[str] = ContextVar("request_id", default="-")
logger = logging.getLogger("leadline")


class Discreet(logging.Filter):
    """Adds the id of the request being served; takes out of a record what people typed."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        request = record.__dict__.pop("request", None)
        if request is not None:
            _tell_route(record, request)
        elif isinstance(record.msg, BaseException):
            record.msg = type(record.msg).__name__
        elif record.name == "asyncio":
            # The lines below the first show a task with its exception.
            record.msg, record.args = record.getMessage().partition("\n")[0], ()
        return True


def _tell_route(record: logging.LogRecord, request: object) -> None:
    match = getattr(request, "resolver_match", None)
    method = getattr(request, "method", None) or "?"
    route = match.view_name if match else "-"
    status = record.__dict__.pop("status_code", "?")
    record.method, record.route, record.status = method, route, status
    record.msg, record.args = "%s %s %s", (method, route, status)


def told(error: BaseException | None) -> str:
    """The traceback as Python prints it, but each exception by its type alone."""
    parts: list[str] = []
    while error is not None:
        places = "".join(traceback.format_tb(error.__traceback__))
        parts.insert(0, f"{places}{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nand then\n".join(parts)


class Lines(logging.Formatter):
    """Plain text with control characters escaped, so that nobody can forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage().encode("unicode_escape").decode("ascii")
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {text}"
        known = getattr(record, "request_id", "-")
        if known != "-":
            line += f" request={known}"
        if record.exc_info:
            line += "\n" + told(record.exc_info[1])
        return line


class Json(JsonFormatter):
    """One JSON object per line, of nothing but `FIELDS`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s")

    def formatException(self, ei: Any) -> str:  # Any: the library's own signature
        return told(ei[1])

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:  # Any: the same
        return {name: value for name, value in log_data.items() if name in FIELDS}


def catch_the_rest() -> None:
    """Log what nobody catches, on whatever thread; Python would print it with its message."""

    def note(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
        logger.critical("ended by %s", kind.__name__, exc_info=error)

    def note_thread(caught: threading.ExceptHookArgs) -> None:
        name = caught.thread.name if caught.thread else "unknown"
        logger.critical(
            "thread %s ended by %s", name, caught.exc_type.__name__, exc_info=caught.exc_value
        )

    sys.excepthook = note
    threading.excepthook = note_thread


def configuration(*, json: bool, level: str) -> dict[str, object]:
    """A dictConfig for standard error, with one handler and our format.

    DEBUG is for our own lines: libraries debug with requests, statements and their parameters.
    """
    others = "INFO" if level == "DEBUG" else level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"discreet": {"()": Discreet}},
        "formatters": {"line": {"()": Json if json else Lines}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["discreet"],
            }
        },
        "root": {"handlers": ["console"], "level": others},
        "loggers": {
            "leadline": {"level": level},
            # Named, so that it loses the handlers Django gave it, which print addresses.
            "django": {"level": others},
            "uvicorn.access": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
        },
    }
