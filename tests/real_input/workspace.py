"""A workspace to put real data into, and its front door: `/v1/batch` with a trusted key."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from leadline.capture.inbox import COLUMNS
from leadline.flow import intake, rulebook
from leadline.lib import clock
from leadline.playbooks import parts
from leadline.workspace.models import Workspace
from tests.capture.inprocess import Site, opened
from tests.capture.served import SERVER_KEY
from tests.worker import filling

PORTION = 400
Item = dict[str, Any]  # JSON


def open_up(now: datetime) -> None:
    """A workspace with the shipped playbook, in UTC."""
    rulebook.forget()
    Workspace.objects.create(id=1, name="Real input", created_at=now)
    parts.apply("b2b-saas", now=now)


class FrontDoor:
    """Posts what happened in the past, and has it worked off as the worker does."""

    def __init__(self, site: Site, now: datetime) -> None:
        self._site = site
        self._now = now

    def put_in(self, items: Sequence[Item]) -> None:
        """Send all as history; every one of them is accepted and worked off."""
        for start in range(0, len(items), PORTION):
            self._post(items[start : start + PORTION])
        if connection.vendor == "postgresql":
            _move(self._site)
        while intake.consume(limit=1, now=self._now):
            pass

    def _post(self, items: Sequence[Item]) -> None:
        answer = self._site.post(
            "/v1/batch",
            json={"batch": items, "history": True},
            headers={"Authorization": f"Bearer {SERVER_KEY}"},
        )
        assert answer.status_code == 200, answer.text
        assert {result["status"] for result in answer.json()["results"]} == {"accepted"}


@contextmanager
def front_door(now: datetime, data: Path, patch: pytest.MonkeyPatch) -> Iterator[FrontDoor]:
    """The door of the workspace, at which it is always `now`. `data` is a folder for its inbox
    when the consumer does not read a file."""
    patch.setattr(
        "leadline.api.door.time", SimpleNamespace(time_ns=lambda: clock.micros(now) * 1_000)
    )
    filling.empty()
    with opened(data if connection.vendor == "postgresql" else settings.ENVIRONMENT.data) as site:
        yield FrontDoor(site, now)
    filling.empty()


def past(kind: str, identity: str, message_id: str, *, at: datetime, **said: object) -> Item:
    """An item of a batch about a person of another system: `identity` is `system:number`."""
    system, _, number = identity.partition(":")
    context = {"externalIds": [{"type": system, "id": number}], **said.pop("context", {})}  # type: ignore[dict-item]  # a mapping
    return {
        "type": kind,
        "messageId": message_id,
        "timestamp": at.isoformat(),
        "userId": number,
        "context": context,
        **said,
    }


def _move(site: Site) -> None:
    """Into the inbox of the test's own transaction, so that it goes with it."""
    names, places = ", ".join(COLUMNS), ", ".join(["%s"] * len(COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO capture_inbox ({names}) VALUES ({places})",
            [
                (row.received_us, row.source, row.route, int(row.is_trusted), int(row.is_history),
                 row.meta, row.body)
                for row in site.rows()
            ],
        )  # fmt: skip
