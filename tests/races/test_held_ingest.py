"""What is committed late, and what two consumers want at once, is taken exactly once."""

from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from leadline.capture.models import Parked
from leadline.flow import intake
from leadline.timeline.models import Event
from tests.conftest import NOW
from tests.races.side_by_side import at_once
from tests.worker import filling
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def inbox(world: World) -> Iterator[None]:
    filling.empty()
    yield
    filling.empty()


def stored() -> Counter[str]:
    return Counter(Event.objects.values_list("message_id", flat=True))


def test_a_row_whose_transaction_was_open_during_a_run_arrives_with_the_next(
    inbox: None,
) -> None:
    """PostgreSQL only: the inbox file of SQLite has one writer, whose ids follow its commits."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite's inbox has one writer")
    known = connection.get_connection_params()
    own = {name: known[name] for name in ("dbname", "user", "host", "port") if known.get(name)}
    with psycopg.connect(**own) as held:
        held.execute(
            "INSERT INTO capture_inbox (received_at, source, route, trust, mode, meta, body)"
            " VALUES (1, 'key:1', 'track', 1, 0, '{}', %s)",
            [filling.event(1)],
        )
        filling.fill([filling.event(2)])
        assert intake.consume(limit=200, now=NOW) == 1
        assert stored() == {"message-2": 1}
        held.commit()
    assert intake.consume(limit=200, now=NOW) == 1
    assert intake.consume(limit=200, now=NOW) == 0
    assert stored() == {"message-1": 1, "message-2": 1}


def test_four_consumers_at_once_take_each_row_once(inbox: None) -> None:
    """Turns keep consumers apart; this is what holds when a turn has failed to."""
    filling.fill(filling.event(number) for number in range(120))

    def consume() -> None:
        for _ in range(60):
            if intake.consume(limit=7, now=NOW) == 0:
                return

    found = at_once(*[consume] * 4)
    assert [error for error in found if isinstance(error, Exception)] == []
    while intake.consume(limit=50, now=NOW):
        pass
    assert stored() == {f"message-{number}": 1 for number in range(120)}
    assert Parked.objects.count() == 0
