"""The daily mail: at eight of a working day where the person is, once, and only with something."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from leadline.delivery.models import Message
from leadline.flow import digests, intake, trash
from leadline.routing import notice_choices, notifications, rotations
from leadline.routing.models import Calendar
from leadline.routing.notifications import Notice
from leadline.workspace.models import User
from tests.world import World, form

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def lead_id(world: World) -> UUID:
    """A lead of Ben's that can wait, since Tuesday 10:30 in Berlin."""
    User.objects.update(time_zone="Europe/Berlin")
    world.ben.refresh_from_db()
    found = intake.run([form("download", email="g@navy.example", at=world.now)], now=world.now)
    assert found.lead_ids[0] is not None
    return found.lead_ids[0]


def send(now: datetime) -> list[str]:
    """Run the job; the texts of the daily mails so far."""
    digests.send({}, now)
    found = Message.objects.filter(cause__startswith="digest:").order_by("id")
    return list(found.values_list("text", flat=True))


# Wednesday, 8:00 in Berlin.
EIGHT = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


def test_it_comes_at_eight_where_the_person_is_and_once_a_day(world: World, lead_id: UUID) -> None:
    assert send(EIGHT - timedelta(seconds=1)) == []
    (text,) = send(EIGHT)
    assert f"/leads/{lead_id}" in text
    assert "/settings/notifications" in text
    notifications.tell([Notice(world.ben.pk, None, "other", "later")], now=EIGHT)
    assert len(send(EIGHT + timedelta(hours=2))) == 1, "what comes after eight waits for tomorrow"
    assert "later" in send(EIGHT + DAY)[1]
    assert len(send(EIGHT + 2 * DAY)) == 2, "nothing new, no mail"


def test_a_person_in_another_zone_gets_it_at_their_eight(world: World, lead_id: UUID) -> None:
    User.objects.update(time_zone="America/New_York")
    assert send(EIGHT) == []
    assert len(send(datetime(2026, 3, 11, 12, 0, tzinfo=UTC))) == 1


def test_a_worker_that_was_away_sends_it_later_the_same_day(world: World, lead_id: UUID) -> None:
    assert len(send(EIGHT + timedelta(hours=9))) == 1


def test_not_on_days_off_nor_to_whoever_is_away(world: World, lead_id: UUID) -> None:
    saturday = EIGHT + 3 * DAY
    assert send(saturday) == []
    calendar = Calendar.objects.get(is_default=True)
    calendar.holidays = ["2026-03-16"]
    calendar.save()
    assert send(EIGHT + 5 * DAY) == []
    rotations.absent(world.ben.pk, start=EIGHT, end=EIGHT + 7 * DAY)
    assert send(EIGHT + 6 * DAY) == []
    assert len(send(EIGHT + 7 * DAY)) == 1


def test_what_was_read_or_is_gone_is_left_out(world: World, lead_id: UUID) -> None:
    notifications.read(world.ben.pk, now=world.now)
    assert send(EIGHT) == []
    notifications.tell([Notice(world.ben.pk, lead_id, "followed", "news")], now=EIGHT)
    trash.move([lead_id], by=world.ada, now=EIGHT)
    assert send(EIGHT + DAY) == []


def test_a_lead_that_one_may_not_see_any_more_is_not_named(world: World, lead_id: UUID) -> None:
    notifications.tell([Notice(world.cleo.pk, lead_id, "followed", "secret")], now=world.now)
    texts = send(EIGHT)
    assert len(texts) == 1, "Ben's alone"
    assert "secret" not in texts[0]


def test_each_line_names_its_lead(world: World, lead_id: UUID) -> None:
    at = world.now + timedelta(hours=1)
    notifications.tell([Notice(world.ben.pk, lead_id, "followed", "A call was made")], now=at)
    (text,) = send(EIGHT)
    assert "g@navy.example: A call was made\n" in text


def test_whoever_wants_none_gets_none_and_leavers_too(world: World, lead_id: UUID) -> None:
    notice_choices.choose(world.ada.pk, kind="other", channel="digest", is_on=False)
    notifications.tell([Notice(world.ada.pk, None, "other", "x")], now=world.now)
    User.objects.filter(pk=world.ben.pk).update(is_active=False)
    assert send(EIGHT) == []


def test_the_mail_is_in_the_persons_language_and_counts(world: World, lead_id: UUID) -> None:
    more = [Notice(world.ben.pk, None, "other", f"thing {number}") for number in range(50)]
    notifications.tell(more, now=world.now)
    (text,) = send(EIGHT)
    assert "and 11 more" in text
    assert Message.objects.get(cause__startswith="digest:").subject == (
        "51 things you have not read"
    )
