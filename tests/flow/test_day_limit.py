"""A binding that says too much on one day is counted from there on, not stored."""

from datetime import datetime, timedelta

import pytest

from leadline.capture.models import Dropped
from leadline.capture.submission import Submission
from leadline.flow import intake
from leadline.timeline.events import MOST_PER_DAY
from leadline.timeline.models import Event
from tests.world import World, said

pytestmark = pytest.mark.django_db


def seen(who: str, *, count: int, at: datetime, mark: str) -> list[Submission]:
    """Page views of one visitor within one day."""
    return [
        said("page", anonymous_id=who, at=at + timedelta(seconds=n), message_id=f"{mark}-{n}")
        for n in range(count)
    ]


def stored(who: str) -> int:
    return Event.objects.filter(binding__value=who).count()


def dropped() -> int:
    return sum(Dropped.objects.filter(reason="binding_day_full").values_list("count", flat=True))


def test_a_bindings_day_ends_with_its_two_thousandth_event(world: World) -> None:
    at = world.now - timedelta(hours=5)
    loud = seen("loud", count=MOST_PER_DAY - 10, at=at, mark="loud")
    intake.run([*loud, *seen("quiet", count=3, at=at, mark="quiet")], now=world.now)
    assert (stored("loud"), stored("quiet"), dropped()) == (1_990, 3, 0)

    # The limit lies in the middle of this batch, and the next one is all beyond it.
    again = seen("loud", count=25, at=at, mark="again")
    more = seen("loud", count=5, at=at, mark="more")
    intake.run([*again, *seen("quiet", count=4, at=at, mark="calm")], now=world.now)
    intake.run(more, now=world.now)
    assert (stored("loud"), stored("quiet"), dropped()) == (2_000, 7, 15 + 5)

    # What was sent before is known, not counted a second time.
    intake.run([*again, *more], now=world.now)
    assert (stored("loud"), dropped()) == (2_000, 20)


def test_the_next_day_has_room_again(world: World) -> None:
    at = world.now - timedelta(days=1, hours=5)
    intake.run(seen("loud", count=MOST_PER_DAY + 1, at=at, mark="before"), now=world.now)
    intake.run(
        seen("loud", count=2, at=world.now - timedelta(hours=1), mark="today"), now=world.now
    )
    assert (stored("loud"), dropped()) == (2_002, 1)
