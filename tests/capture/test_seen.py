"""What was sent twice is one thing, however the two reach us."""

from datetime import timedelta

import pytest

from leadline.flow import intake
from leadline.timeline.models import Event
from tests.world import World, said

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.mark.parametrize("is_one_batch", [True, False])
@pytest.mark.parametrize(
    ("apart", "events"), [(timedelta(), 1), (DAY, 1), (2 * DAY, 2), (10 * DAY, 2), (-DAY, 2)]
)
def test_a_message_is_the_same_on_its_day_and_the_next(
    world: World, is_one_batch: bool, apart: timedelta, events: int
) -> None:
    first = world.now - 20 * DAY
    both = [
        said("track", "Asked", user_id="u", message_id="m", at=at) for at in (first, first + apart)
    ]
    for batch in [both] if is_one_batch else [[each] for each in both]:
        intake.run(batch, now=world.now)
    assert Event.objects.count() == events
