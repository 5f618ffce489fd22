"""A client that speaks JSON with a key, and the small workspace of `tests.world`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from leadline.api.limits import LIMITS
from leadline.cards.time_box import TooSlow
from leadline.flow import intake
from leadline.lib import clock
from leadline.workspace import keys
from leadline.workspace.models import User
from tests import world
from tests.world import World

ALL = ["leads:read", "leads:write", "ingest", "admin"]


@dataclass
class Speaker:
    """Somebody's key, used."""

    secret: str

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        text: str | None = None,
        **headers: str,
    ) -> Any:
        """The answer, with its decoded document as `.document`."""
        content = text if text is not None else (None if body is None else json.dumps(body))
        response = Client().generic(
            method,
            f"/api/v1{path}",
            content or "",
            content_type=headers.pop("content_type", "application/json"),
            headers={"Authorization": f"Bearer {self.secret}", **headers},
        )
        response.document = json.loads(response.content) if response.content else None
        return response

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)


def speaker(user: User, scopes: list[str] | None = None) -> Speaker:
    """A new key of this user."""
    _, secret = keys.make_api(user, name="test", scopes=scopes or ALL, now=clock.now())
    return Speaker(secret)


@contextmanager
def broken_off() -> Iterator[None]:
    """A time box in whose place every query takes too long."""
    yield
    raise TooSlow


@dataclass
class Place:
    """The workspace, a key for each person, and a lead that came through a form to Ben."""

    world: World
    ada: Speaker
    ben: Speaker
    cleo: Speaker
    lead_id: UUID
    now: datetime


@pytest.fixture
def place(db: None) -> Place:
    LIMITS.forget()
    now = clock.now()
    people = world.build(now)
    submission = world.form(
        "demo",
        email="grace@navy.example",
        at=now,
        traits={"first_name": "Grace", "last_name": "Hopper", "title": "CTO"},
        context={"source": "google", "medium": "cpc", "campaign": "spring"},
    )
    outcome = intake.run([submission], now=now)
    lead_id = outcome.lead_ids[0]
    assert lead_id is not None
    return Place(
        people, speaker(people.ada), speaker(people.ben), speaker(people.cleo), lead_id, now
    )
