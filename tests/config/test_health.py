"""The figures of the worker's side, asked of the database now and then and never more often."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.db import OperationalError

from leadline.config import health
from leadline.flow.backlog import Backlog

COUNTS = SimpleNamespace(
    accepted_count=1, rejected_count=0, refused_count=0, row_count=1, commit_count=1,
    failure_count=0, commit_seconds=0.1, waiting_count=0,
)  # fmt: skip


class Place:
    """A database that counts how often it is asked, and may be away."""

    def __init__(self) -> None:
        self.asked_count = 0
        self.is_away = False

    def look(self, at_us: int) -> health.Behind:
        self.asked_count += 1
        if self.is_away:
            raise OperationalError("gone")
        return health.Behind(at_us, Backlog({"jobs": self.asked_count}, {}, {}, None), [])


def asked(place: Place) -> health.Health:
    counts = cast(Any, COUNTS)  # what is read of door, site and writer
    return health.Health(
        counts, counts, counts, executor=cast(Any, None), pending=lambda: (0, None),
        behind=place.look, fresh=lambda: None,
    )  # fmt: skip


def ready(**more: object) -> dict[str, Any]:
    """What /readyz says."""
    counts = cast(Any, SimpleNamespace(**vars(COUNTS), is_running=True, last_commit_failed=False))
    here = {"pending": lambda: (0, None), "fresh": lambda: None, **more}
    with ThreadPoolExecutor(1) as executor:
        found = health.Health(
            counts, counts, counts, executor=executor, behind=Place().look, **cast(Any, here)
        )
        said: list[Any] = []

        async def send(message: object) -> None:
            said.append(message)

        scope = {"type": "http", "method": "GET", "headers": []}
        asyncio.run(found.ready(scope, cast(Any, None), cast(Any, send)))
    body: dict[str, Any] = json.loads(b"".join(each.get("body", b"") for each in said))
    return body


def test_how_old_the_lake_is_is_told() -> None:
    assert ready()["lake_age_seconds"] is None
    at_us = time.time_ns() // 1_000 - 90_000_000
    assert 90 <= ready(fresh=lambda: at_us)["lake_age_seconds"] < 100


@pytest.mark.django_db(transaction=True)
def test_a_lake_that_cannot_be_asked_shuts_no_door() -> None:
    def away() -> None:
        raise OperationalError("gone")

    found = ready(fresh=away)
    assert (found["status"], found["lake_age_seconds"]) == ("ok", None)


def waiting(figures: health.Health) -> list[float]:
    figures._count()
    found = [each for each in figures.collect() if each.name == "leadline_waiting"]
    return [sample.value for each in found for sample in each.samples]


def test_whoever_asks_often_is_told_the_same_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    place, at = Place(), 100.0
    monkeypatch.setattr(time, "monotonic", lambda: at)
    figures = asked(place)
    assert [waiting(figures) for _ in range(3)] == [[1.0], [1.0], [1.0]]
    at += health.COUNT_EVERY_SECONDS
    assert waiting(figures) == [2.0]


@pytest.mark.django_db(transaction=True)
def test_without_a_database_nothing_old_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    place, at = Place(), 100.0
    monkeypatch.setattr(time, "monotonic", lambda: at)
    figures = asked(place)
    assert waiting(figures) == [1.0]
    place.is_away = True
    at += health.COUNT_EVERY_SECONDS
    assert waiting(figures) == []
    assert "leadline_accepted" in {each.name for each in figures.collect()}
