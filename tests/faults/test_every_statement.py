"""Whichever statement of a pass over the inbox fails, nothing of it stays and the next pass does
all of it once."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from django.apps import apps
from django.db import OperationalError, connection, models, transaction

from leadline.cards.models import Card
from leadline.flow import doctor, intake
from leadline.leads.models import Merge
from leadline.routing.models import Assignment
from leadline.timeline.models import Event
from tests.conftest import NOW
from tests.worker import filling
from tests.world import World

EARLIER = (
    {"type": "track", "userId": "u3", "messageId": "m0", "event": "Demo Requested"},
    {"type": "track", "anonymousId": "a7", "messageId": "m1", "event": "Demo Requested",
     "context": {"traits": {"email": "hopper@navy.example.com", "title": "CEO"}}},
)  # fmt: skip
MESSAGES = (
    {"type": "page", "anonymousId": "a1", "messageId": "m9", "name": "Pricing",
     "context": {"page": {"path": "/pricing"}}},
    {"type": "identify", "anonymousId": "a1", "userId": "u1", "messageId": "m2",
     "traits": {"email": "grace@navy.example.com", "title": "CTO"}},
    {"type": "group", "userId": "u1", "groupId": "navy", "messageId": "m3",
     "traits": {"name": "Navy", "employees": 300, "website": "https://navy.example.com"}},
    {"type": "track", "userId": "u4", "messageId": "m4", "event": "Demo Requested",
     "context": {"traits": {"email": "ada@engine.example.com"}}},
    {"type": "identify", "userId": "u3", "messageId": "m5",
     "traits": {"email": "hopper@navy.example.com"}},
)  # fmt: skip
NEW_EACH_TIME = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}|\b7000\d{3}\b")

Execute = Callable[..., Any]  # Any: Django's own


class Failing:
    """Counts statements, and lets the one with the number `nth` fail before it is made."""

    def __init__(self, nth: int = 0) -> None:
        self.nth, self.count = nth, 0

    def __call__(
        self, execute: Execute, sql: str, parameters: Any, many: bool, context: Any
    ) -> Any:
        self.count += 1
        if self.count == self.nth:
            raise OperationalError("this statement was meant to fail")
        return execute(sql, parameters, many, context)


class Undone(Exception):
    """Takes everything back that happened inside."""


@contextmanager
def undone() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
            raise Undone
    except Undone:
        pass


def consume() -> int:
    return intake.consume(limit=100, now=NOW)


def number_visibly() -> None:
    """PostgreSQL takes no number back: each time rows have others, which `nameless` knows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(format('%I.%I', schemaname, sequencename), 7000000)"
                " FROM pg_sequences WHERE schemaname = current_schema()"
            )


def state(tables: Iterable[type[models.Model]]) -> dict[type[models.Model], list[str]]:
    """Every row of these tables, without the numbers and ids that are new each time."""
    return {
        each: sorted(map(nameless, each._default_manager.values_list(*said(each))))
        for each in tables
    }


def said(model: type[models.Model]) -> list[str]:
    kept = [each for each in model._meta.concrete_fields if not each.is_relation]
    return [each.attname for each in kept if not isinstance(each, models.AutoField)]


def nameless(row: tuple[object, ...]) -> str:
    return NEW_EACH_TIME.sub("id", repr(row))


@pytest.fixture
def _arrived(world: World) -> Iterator[None]:
    filling.empty()
    filling.fill([msgspec.json.encode({"batch": EARLIER})], route="batch")
    assert consume() == 1
    filling.fill([msgspec.json.encode({"batch": MESSAGES})], route="batch")
    yield
    filling.empty()


@pytest.mark.django_db
@pytest.mark.usefixtures("_arrived")
def test_whichever_statement_fails_the_next_pass_ends_where_an_undisturbed_one_does() -> None:
    number_visibly()
    with undone():
        consume()  # what is remembered from now on, a long-running worker remembers too
    before = state(apps.get_models())
    with undone():
        with connection.execute_wrapper(whole := Failing()):
            assert consume() == 1
        assert doctor.examine(now=NOW).is_well
        after = state(before)
    expected = {each: rows for each, rows in after.items() if rows != before[each]}
    assert {Event, Merge, Card, Assignment} <= expected.keys()
    for nth in range(1, whole.count + 1):
        with undone():
            with connection.execute_wrapper(Failing(nth)), pytest.raises(OperationalError):
                consume()
            assert consume() == 1
            assert state(expected) == expected, f"what statement {nth} left behind shows"
