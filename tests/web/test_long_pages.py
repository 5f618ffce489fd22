"""Pages of rows ask the database as often for thirty rows as for three."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.capture.models import Parked
from leadline.delivery import outbox
from leadline.flow.models import BulkAction
from leadline.lib import clock
from leadline.workspace import audit
from leadline.workspace.models import User
from tests.world import World

Enter = Callable[[User], Client]


def mails(world: World, count: int) -> None:
    now = clock.now()
    outbox.put(
        [
            outbox.Draft(
                kind="test", cause=f"{now}-{each}", to_address=f"p{each}@acme.example",
                subject=f"Hello {each}", text="t",
            )
            for each in range(count)
        ],
        now=now,
    )  # fmt: skip


def parked(world: World, count: int) -> None:
    now = clock.now()
    for each in range(count):
        Parked.objects.create(
            source=f"key:{each}", received_at=now, body=b"{}", meta="{}", error="ValueError",
            tries=5, parked_at=now,
        )  # fmt: skip


def entries(world: World, count: int) -> None:
    ada = audit.by(world.ada, origin="")
    for each in range(count):
        audit.record(
            audit.Change("signed_in", "user", each, f"Person {each}"), by=ada, now=clock.now()
        )


def actions(world: World, count: int) -> None:
    now = clock.now()
    for each in range(count):
        BulkAction.objects.create(
            kind=BulkAction.Kind.LOG, wanted={"kind": "note", "text": f"t{each}"}, by=world.ben,
            state=BulkAction.State.DONE, at=now,
        )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "fill"),
    [
        ("/settings/outbox", mails), ("/settings/parked", parked), ("/settings/audit", entries),
        ("/history", actions),
    ],
)  # fmt: skip
def test_thirty_rows_take_as_many_queries_as_three(
    world: World, enter: Enter, address: str, fill: Callable[[World, int], None]
) -> None:
    client = enter(world.ada)
    fill(world, 3)
    client.get(address)
    few, short = asked(client, address)
    fill(world, 27)
    many, long = asked(client, address)
    assert many == few
    assert long > short  # the rows are there


def asked(client: Client, address: str) -> tuple[int, int]:
    """The queries of one request, and the length of its page."""
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(caught), len(answer.content)
