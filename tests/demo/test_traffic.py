"""While the demo runs, people come in and Today stays what one person can do; nothing leaves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.test import override_settings

from leadline.cards import queries
from leadline.cards.models import Card
from leadline.delivery import leases, senders, sending
from leadline.delivery.models import Message
from leadline.flow import rulebook
from leadline.leads.models import Lead
from leadline.playbooks import demo, parts
from leadline.playbooks.demo import traffic
from leadline.workspace import owners
from leadline.workspace.models import User, Workspace

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def ada(now: datetime) -> Iterator[User]:
    rulebook.forget()
    ada = owners.claim(
        email="ada@example.com", password="lead line and plummet", name="Ada",
        workspace_name="Demo", time_zone="Europe/Berlin", now=now,
    )  # fmt: skip
    parts.apply("b2b-saas", now=now)
    demo.build(now=now, people_count=20)
    yield ada
    rulebook.forget()


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


@pytest.mark.django_db(transaction=True)
def test_the_demo_hands_nothing_to_a_mail_server(
    ada: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the demo talks to a mail server")

    monkeypatch.setattr("smtplib.SMTP.__init__", refuse)
    monkeypatch.setattr("smtplib.SMTP_SSL.__init__", refuse)
    senders.send_test("stranger@elsewhere.example", now=now)
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="mail.example.com"):
        for message in leases.claim("demo", limit=100):
            sending.hand_over(message, now=now)
    states = set(Message.objects.values_list("state", flat=True))
    assert Message.objects.filter(kind="test", state="folder").exists()
    assert states <= {"folder", "pending", "suppressed"}
