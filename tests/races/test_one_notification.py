"""Two tell the same person about the same lead at the same moment: one notification, one mail."""

from collections.abc import Iterator

import pytest
from django.db import connection

from leadline.delivery.models import Message
from leadline.flow import intake, notices
from leadline.routing import notifications
from leadline.routing.models import Notification
from leadline.routing.notifications import Notice
from tests.races.side_by_side import at_once, meeting
from tests.world import World, form

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 4
INDEX = "one_open_notification"


@pytest.fixture
def mentioned(world: World) -> Notice:
    post = form("demo", email="grace@navy.example", at=world.now)
    lead_id = intake.run([post], now=world.now).lead_ids[0]
    return Notice(world.ada.pk, lead_id, "mention", "@Ada look")


@pytest.fixture
def without_the_key(mentioned: Notice) -> Iterator[None]:
    """The table as it was without the unique index that keeps the two apart."""
    model = Notification
    (constraint,) = (each for each in model._meta.constraints if each.name == INDEX)
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    yield
    Notification.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(model, constraint)


def told(world: World) -> int:
    return Notification.objects.filter(user=world.ada).count()


def test_four_at_once_are_one_notification_and_one_mail(
    world: World, mentioned: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with meeting(monkeypatch, notifications, "_close", count=THREADS):
        failed = at_once(*[lambda: notices.tell([mentioned], now=world.now)] * THREADS)
    assert [each for each in failed if isinstance(each, Exception)] == []
    assert told(world) == 1
    assert Notification.objects.get(user=world.ada).count == THREADS
    assert Message.objects.filter(to_address=world.ada.email).count() == 1


@pytest.mark.usefixtures("without_the_key")
def test_the_twin_without_the_unique_key_tells_each_time(
    world: World, mentioned: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = notifications._TELL.replace(
        notifications._TELL[notifications._TELL.index("ON CONFLICT") :
                            notifications._TELL.index("RETURNING")], "",
    )  # fmt: skip
    monkeypatch.setattr(notifications, "_TELL", without)
    at_once(*[lambda: notices.tell([mentioned], now=world.now)] * THREADS)
    assert told(world) == THREADS
    assert Message.objects.filter(to_address=world.ada.email).count() == THREADS
