"""Structured logs: one line per record, JSON on request, no personal data and no secrets.

Values that came from outside are escaped to one line by `OneLine`; call sites log ids and
counts, never addresses, names or keys.
"""

import logging
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Adds the id of the request being served."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class OneLine(logging.Formatter):
    """Plain text with control characters escaped, so that nobody can forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage().encode("unicode_escape").decode("ascii")
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {text}"
        known = getattr(record, "request_id", "-")
        if known != "-":
            line += f" request={known}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def configuration(*, json: bool, level: str) -> dict[str, object]:
    """A dictConfig for standard error, with one handler and our format."""
    formatter: dict[str, object] = {"()": OneLine}
    if json:
        formatter = {
            "()": JsonFormatter,
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": RequestIdFilter}},
        "formatters": {"line": formatter},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["request_id"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"uvicorn.access": {"level": "WARNING"}, "httpx": {"level": "WARNING"}},
    }
