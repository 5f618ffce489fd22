"""Fixtures of the delivery tests: an outbox row that is due, and a mail server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest
from pytest_django.fixtures import Settings

from leadline.delivery import outbox
from leadline.delivery.models import Message
from leadline.delivery.outbox import Draft
from tests.delivery.mail_server import MailServer, running

Serve = Callable[..., MailServer]
Put = Callable[..., Message]


@pytest.fixture
def put(now: datetime) -> Put:
    """Put one message into the outbox, due for a long time, and return its row."""

    def one(cause: str = "a", to: str = "ben@example.com", **changes: str) -> Message:
        words = {"kind": "notification", "subject": "New lead", "text": "Ada asked for a demo"}
        outbox.put([Draft(cause=cause, to_address=to, **{**words, **changes})], now=now)
        return Message.objects.get(cause=cause)

    return one


@pytest.fixture
def serve(settings: Settings) -> Iterator[Serve]:
    """Start a mail server with this script and point the settings at it."""
    with ExitStack() as stack:

        def start(**script: str) -> MailServer:
            server = stack.enter_context(running(MailServer(script)))
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
            settings.EMAIL_TIMEOUT = 0.4
            settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
            settings.DEFAULT_FROM_EMAIL = "Leadline <leads@example.org>"
            return server

        yield start
