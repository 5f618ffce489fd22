"""Points by hand on the Lead page, the picture of the score, and what it was on a day and why."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from leadline.flow import adjustments, intake
from leadline.lib import clock
from leadline.scoring import history
from leadline.scoring.adjustments import Given
from leadline.scoring.history import Step
from leadline.scoring.models import Score, ScoreAdjustment, ScoreChange
from leadline.web import score_chart
from leadline.workspace import audit
from leadline.workspace.models import Role
from tests.world import World, build, form

MICRO = 1_000_000


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Noon of today, and it stays noon: points fade by the day, and a test may meet midnight."""
    noon = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: noon)
    return noon


@pytest.fixture
def world(db: None, now: datetime) -> World:
    return build(now)


@pytest.fixture
def lead_id(world: World, now: datetime) -> UUID:
    sent = form("demo", email="grace@navy.example", at=now - timedelta(minutes=5))
    [lead_id] = intake.run([sent], now=now - timedelta(minutes=5)).lead_ids
    assert lead_id is not None
    ScoreChange.objects.filter(lead=lead_id).update(at=now - timedelta(days=40))
    return lead_id


def client(user: object) -> Client:
    found = Client()
    found.force_login(user)  # type: ignore[arg-type]  # the people of the world
    return found


def adjusted(world: World, lead_id: UUID, now: datetime) -> ScoreAdjustment:
    doer = audit.by(world.ben, origin="")
    given = Given(10 * MICRO, "met at the fair")
    return adjustments.add(lead_id, given, by=world.ben, doer=doer, now=now)


WANTED = {
    "points": "+12,5",
    "reason": "met at the fair",
    "half_life": "30",
    "key": str(UUID(int=5)),
}


def test_a_colleague_adjusts_a_score_once_and_takes_it_back(world: World, lead_id: UUID) -> None:
    ben, address = client(world.ben), f"/leads/{lead_id}/adjust"
    before = Score.objects.get(lead=lead_id).total
    assert 'name="points"' in ben.get(address).content.decode()
    for _ in range(2):
        answer = ben.post(address, WANTED, headers={"HX-Request": "true"})
        assert answer.headers["HX-Trigger"] == "leadline:changed"
    row = ScoreAdjustment.objects.get()
    assert (row.points_micro, row.half_life_days, row.by) == (12_500_000, 30, world.ben)
    page = ben.get(f"/leads/{lead_id}").content.decode()
    assert "Ben: +12.5, met at the fair · today" in page
    undo = f"{address}/{row.pk}/undo"
    assert undo in page
    for _ in range(2):
        assert ben.post(undo).status_code == 302
    assert Score.objects.get(lead=lead_id).total == before
    assert undo not in ben.get(f"/leads/{lead_id}").content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": "many"}, "Give a number of points"),
        ({"points": "1e9"}, "Give a number of points"),
        ({"points": "0,0000001"}, "Give a number of points"),
        ({"points": "NaN"}, "Give a number of points"),
        ({"reason": " "}, "Say why"),
        ({"half_life": "soon"}, "stay or fade"),
    ],
)
def test_a_form_that_cannot_be_taken_says_why_and_keeps_what_was_typed(
    world: World, lead_id: UUID, change: dict[str, str], said: str
) -> None:
    answer = client(world.ben).post(f"/leads/{lead_id}/adjust", {**WANTED, **change})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert f'value="{({**WANTED, **change})["points"]}"' in page
    assert not ScoreAdjustment.objects.exists()


def test_who_may_not_change_the_lead_is_offered_nothing(
    world: World, lead_id: UUID, now: datetime
) -> None:
    row = adjusted(world, lead_id, now)
    cleo = client(world.cleo)
    for address in (f"/leads/{lead_id}/adjust", f"/leads/{lead_id}/score"):
        assert cleo.get(address).status_code == 404
    assert cleo.post(f"/leads/{lead_id}/adjust/{row.pk}/undo").status_code == 404
    assert client(world.ben).post(f"/leads/{lead_id}/adjust/{row.pk + 1}/undo").status_code == 404
    world.cleo.role = Role.READ_ONLY
    world.cleo.save()
    page = client(world.cleo).get(f"/leads/{lead_id}").content.decode()
    assert "met at the fair" in page
    assert "/adjust" not in page


def test_the_page_draws_the_score_and_each_step_opens_what_it_was(
    world: World, lead_id: UUID, now: datetime
) -> None:
    adjusted(world, lead_id, now - timedelta(minutes=1))
    ben = client(world.ben)
    page = ben.get(f"/leads/{lead_id}").content.decode()
    steps = re.findall(rf'<a href="(/leads/{lead_id}/score\?at=[^"]+)"><title>', page)
    assert len(steps) == 2
    first, last = (ben.get(step).content.decode() for step in steps)
    assert "met at the fair" not in first
    assert "Ben: +10, met at the fair" in last
    assert page.count("<tr><td><a href") == 2


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("day={then:%Y-%m-%d}&time=23:59", 200, "Demo request"),
        ("day={then:%d}+{then:%b}+{then:%Y}", 200, "Demo request"),
        ("day={long_ago:%Y-%m-%d}&time=12:00", 200, "There was no score yet"),
        ("day=soonish", 422, "Write a day"),
        ("day=today&time=25:00", 422, "Write a time"),
        ("day=2099-01-01", 422, "ahead"),
        ("at=yesterday", 422, "Write a day"),
        ("", 200, "Demo request"),
    ],
)
def test_what_the_score_was_on_a_day_is_told_with_its_lines(
    world: World, lead_id: UUID, now: datetime, query: str, status: int, said: str
) -> None:
    then, long_ago = now - timedelta(days=40), now - timedelta(days=400)
    asked = query.format(then=then, long_ago=long_ago)
    answer = client(world.ben).get(f"/leads/{lead_id}/score?{asked}")
    assert answer.status_code == status, answer.content.decode()[:200]
    assert said in answer.content.decode()


def test_a_picture_begins_where_the_score_stood_and_holds_its_thresholds() -> None:
    now = datetime.fromisoformat("2026-03-10T09:30:00+00:00")
    steps = [Step(now - score_chart.SPAN, 10 * MICRO), Step(now - timedelta(days=45), 60 * MICRO)]
    chart = score_chart.draw(steps, {"mql": 50 * MICRO, "far": 500 * MICRO}, now=now)
    assert [line.stage for line in chart.lines] == ["mql"]
    # 5 + (60 − 50) / 60 · 66 = 16
    assert chart.lines[0].y == 16.0
    assert chart.path == "M5.0 60.0H160.0V5.0H315.0"
    assert [dot.step for dot in chart.dots] == steps[1:], "what stood before is no change"


def test_many_changes_are_drawn_by_the_day(
    world: World, lead_id: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_STEPS", 1)
    adjusted(world, lead_id, now - timedelta(minutes=2))
    adjusted(world, lead_id, now - timedelta(minutes=1))
    found = history.steps(lead_id, since=now - timedelta(days=90), day_offset_minutes=0)
    assert [each.total for each in found][-1] == Score.objects.get(lead=lead_id).total
    assert len(found) == 2
