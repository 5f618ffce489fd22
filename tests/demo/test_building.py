"""The demo is built through the usual doors, goes on where it stopped, and is never built twice."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from leadline.cards import queries
from leadline.cards.models import Card
from leadline.deals.models import Deal
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.playbooks import demo
from leadline.routing import calendars
from leadline.routing import hours as business
from leadline.routing.models import Notification
from leadline.timeline.models import Event
from leadline.workspace.models import User, Workspace
from tests.demo.conftest import begun

pytestmark = pytest.mark.django_db
SOME = 60


class Interrupted(Exception):
    """The machine was switched off."""


@pytest.fixture
def ada(db: None) -> User:
    return begun()


def test_today_holds_hot_leads_with_time_left(ada: User, now: datetime) -> None:
    built = demo.build(now=now, people_count=SOME)

    rows = queries.today(ada, now=now)
    assert 12 <= len(rows) <= 20
    left = [
        row.card
        for row in rows
        if row.card.response_due_at is not None and row.card.response_due_at > now
    ]
    assert any(card.temperature == "hot" for card in left)
    assert any(card.temperature == "warm" for card in left)
    assert len(rows) - len(left) >= 2  # somebody has waited too long
    assert built.leads == Lead.objects.count()
    assert Workspace.objects.get().is_demo


# In Berlin: Tuesday at noon, Monday before work, Friday after it, Sunday night, a day off.
@pytest.mark.parametrize(
    "opened",
    ["2026-03-10T11:05", "2026-03-09T05:20", "2026-03-13T21:40", "2026-03-15T02:00",
     "2026-12-25T10:00"],
)  # fmt: skip
def test_today_looks_like_a_tuesday_whenever_the_demo_is_built(ada: User, opened: str) -> None:
    now = datetime.fromisoformat(f"{opened}+00:00")
    demo.build(now=now, people_count=SOME)

    rows = queries.today(ada, now=now)
    assert 12 <= len(rows) <= 20
    hot = [row.card.response_due_at for row in rows if row.card.temperature == "hot"]
    assert any(due_at is not None and due_at > now for due_at in hot)
    newest = max(card.created_at for card in Card.objects.all())
    hours = calendars.default()
    assert hours is not None
    # The newest lies in the last working day: no working minute has passed since.
    assert business.worked_minutes(hours, clock.micros(newest), clock.micros(now)) == 0
    assert newest <= now
    stages = Counter(Card.objects.values_list("stage", flat=True))
    assert len(stages) >= 5
    deals = Deal.objects.order_by("-opened_at").first()
    assert deals is not None
    assert newest - timedelta(days=14) < deals.opened_at < newest


def test_the_past_wakes_nobody_and_has_owners(ada: User, now: datetime) -> None:
    demo.build(now=now, people_count=SOME)

    told = Notification.objects.filter(kind__in=["hot_lead", "new_lead"])
    assert 12 <= told.count() <= 14  # with few people, two live ones come from unknown companies
    assert set(told.values_list("user", flat=True)) == {ada.id}
    with_sales = Card.objects.filter(stage__in=["sql", "opportunity", "mql"])
    assert with_sales.exists()
    assert not with_sales.filter(owner=None).exists()
    assert Card.objects.filter(owner=ada).count() == told.count()


def test_stages_follow_the_deals(ada: User, now: datetime) -> None:
    demo.build(now=now, people_count=SOME)

    won = Deal.objects.filter(state="won").values_list("lead_id", flat=True)
    stages = Counter(Card.objects.filter(lead__in=won).values_list("stage", flat=True))
    assert stages["customer"] == len(set(won)) > 0


def test_an_interrupted_build_goes_on_and_gives_the_same(ada: User, now: datetime) -> None:
    steps: list[int] = []

    def fall(step: int) -> None:
        steps.append(step)
        if sum(steps) > 40:
            raise Interrupted

    with pytest.raises(Interrupted):
        demo.build(now=now, advance=fall, people_count=SOME)
    events = Event.objects.count()
    assert events > 0

    done: list[int] = []
    built = demo.build(now=now, advance=done.append, people_count=SOME)

    assert sum(done) == 100
    assert built.events > events
    again = demo.build(now=now, advance=done.append, people_count=SOME)
    assert again == built
    assert Event.objects.count() == built.events


@pytest.mark.torture
def test_the_whole_demo_has_every_deal(ada: User, now: datetime) -> None:
    built = demo.build(now=now)

    assert (built.companies, built.sales_people, built.deals) == (85, 35, 8_800)
    assert 2_700 <= built.leads <= 3_100
