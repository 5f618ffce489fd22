"""While the demo runs, people come in and Today stays what one person can do."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from leadline.cards import queries
from leadline.cards.models import Card
from leadline.leads.models import Lead
from leadline.playbooks.demo import traffic
from leadline.workspace.models import User, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(ada_of_a_small_demo: User) -> User:
    return ada_of_a_small_demo


def _is_hot_left(user: User, *, at: datetime) -> bool:
    return any(
        row.card.temperature == "hot" and row.card.response_due_at and row.card.response_due_at > at
        for row in queries.today(user, now=at)
    )


def test_somebody_comes_every_few_minutes_and_today_stays_small(ada: User, now: datetime) -> None:
    before, came = Lead.objects.count(), []
    for minute in range(0, 60, 2):
        at = now + timedelta(minutes=minute)
        traffic.run(now=at)
        came.append(Lead.objects.count() - before)
        assert 12 <= len(queries.today(ada, now=at)) <= 20
        assert _is_hot_left(ada, at=at)
    assert 12 <= came[-1] <= 31  # at least every fifth minute, at most every second
    assert all(later - earlier <= 1 for earlier, later in pairwise(came))


@pytest.mark.parametrize(
    "away", [timedelta(days=3), timedelta(days=4, hours=14), timedelta(days=40)]
)
def test_opened_again_after_a_while_today_is_up_to_date_at_once(
    ada: User, now: datetime, away: timedelta
) -> None:
    at = now + away
    traffic.run(now=at)
    assert 12 <= len(queries.today(ada, now=at)) <= 20
    assert _is_hot_left(ada, at=at)


def test_paused_nobody_comes(ada: User, now: datetime) -> None:
    traffic.pause(True)
    before = Lead.objects.count()
    assert traffic.run(now=now + timedelta(hours=1)) == 0
    assert Lead.objects.count() == before
    traffic.pause(False)
    assert traffic.run(now=now + timedelta(hours=1)) > 0
    assert Lead.objects.count() > before


def test_outside_a_demo_nobody_comes(ada: User, now: datetime) -> None:
    Workspace.objects.update(is_demo=False)
    before = Card.objects.count()
    assert traffic.run(now=now + timedelta(hours=1)) == 0
    assert Card.objects.count() == before
