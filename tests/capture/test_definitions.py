"""What the front door knows: read every second, and at once when something is missing."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from django.db import Error

from leadline.capture import definitions
from leadline.capture.models import Form
from tests.capture import examples


@pytest.fixture
def watch(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[definitions.Watch]:
    """A running watch that reads only when asked, so that a second is never enough by itself."""
    monkeypatch.setattr(definitions, "REFRESH_SECONDS", 60.0)
    examples.seed()
    running = definitions.Watch()
    running.refresh()
    running.start()
    yield running
    running.stop()


def test_what_was_published_a_moment_ago_is_found(watch: definitions.Watch) -> None:
    Form.objects.filter(slug="draft").update(is_published=True)
    assert "draft" not in watch.current().forms
    assert "draft" in asyncio.run(watch.newer()).forms


def test_many_who_ask_at_once_share_a_few_readings(
    watch: definitions.Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[float] = []
    load = definitions.load

    def counted() -> definitions.Definitions:
        readings.append(time.monotonic())
        return load()

    monkeypatch.setattr(definitions, "load", counted)

    async def ask() -> None:
        await asyncio.gather(*(watch.newer() for _ in range(200)))

    asyncio.run(ask())
    # The one that was under way when they asked, and the one for all of them.
    assert 1 <= len(readings) <= 2


def test_a_silent_database_leaves_the_old_definitions(
    watch: definitions.Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> definitions.Definitions:
        raise Error("server closed the connection unexpectedly")

    monkeypatch.setattr(definitions, "load", unreachable)
    monkeypatch.setattr(definitions, "MAX_WAIT_SECONDS", 0.3)
    assert asyncio.run(watch.newer()) is watch.current()
