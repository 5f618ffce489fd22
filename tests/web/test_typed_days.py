"""Days as people type them: in their zone, week and way of writing, in the workspace's quarters."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.test import Client

from leadline.leads.models import Lead
from leadline.lib import formats
from leadline.web import due_dates, values
from leadline.workspace import readers
from leadline.workspace.models import Field, User, Workspace
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def contract(world: World) -> Field:
    return Field.objects.create(name="contract_ends_on", label="Contract ends", type="date")


def _understood(client: Client, **said: str) -> str:
    return client.get(f"/tasks/due?{urlencode(said)}", headers=HTMX).content.decode()


def _save(client: Client, lead_id: UUID, written: str, *, seen: str | None = None) -> str:
    fields = {"value": written, "seen": json.dumps(seen)}
    answer = client.post(f"/leads/{lead_id}/edit/contract_ends_on", fields, headers=HTMX)
    return answer.content.decode()


def _stored(lead_id: UUID) -> object:
    return Lead.objects.get(pk=lead_id).traits.get("contract_ends_on")


@pytest.mark.parametrize(
    ("week_start", "day"), [("", "Mon"), ("sunday", "Sun"), ("saturday", "Sat")]
)
def test_next_week_begins_when_the_readers_does(
    world: World, enter: Enter, week_start: str, day: str
) -> None:
    User.objects.filter(pk=world.ben.pk).update(week_start=week_start)
    ben = enter(world.ben)
    for box in ("due", "value"):
        assert f"{day} " in _understood(ben, **{box: "start of next week"})


def test_quarters_are_the_workspaces(world: World, enter: Enter) -> None:
    ben = enter(world.ben)
    assert " 31 Mar " in _understood(ben, due="end of q1")
    Workspace.objects.update(fiscal_year_month=4)
    assert " 30 Jun " in _understood(ben, due="end of q1")
    assert " 1 Apr " in _understood(ben, value="next fiscal year")
    assert " 31 Dec " in _understood(ben, value="end of year")


def test_a_date_field_takes_days_as_people_say_them(
    world: World, enter: Enter, lead_id: UUID, contract: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = SimpleNamespace(now=lambda: datetime(2026, 3, 10, 20, tzinfo=UTC))
    monkeypatch.setattr(values, "clock", night)
    User.objects.filter(pk=world.ben.pk).update(time_zone="Asia/Tokyo")  # the eleventh, a Wednesday
    ben, seen = enter(world.ben), None
    for written, day in (
        ("today", "2026-03-11"), ("fri", "2026-03-13"), ("+2w", "2026-03-25"),
        ("übermorgen", "2026-03-13"), ("31.12.2019", "2019-12-31"), ("2027-01-05", "2027-01-05"),
    ):  # fmt: skip
        _save(ben, lead_id, written, seen=seen)
        assert _stored(lead_id) == day, written
        seen = day


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("fri 3pm", "This is a day without a time"),
        ("some day", "Write a day"),
        ("3/4/2027", "Day or month first?"),
    ],
)
def test_what_is_no_day_is_refused_and_stays_typed(
    world: World, enter: Enter, lead_id: UUID, contract: Field, written: str, why: str
) -> None:
    ben = enter(world.ben)
    text = _save(ben, lead_id, written)
    assert why in text
    assert f'value="{written}"' in text
    assert _stored(lead_id) is None
    assert why in _understood(ben, value=written)


def test_who_writes_slashes_is_understood_on_each_side_of_the_ocean(
    world: World, enter: Enter, lead_id: UUID, contract: Field
) -> None:
    seen = None
    for way, day in (("slashes", "2027-04-03"), ("month_first", "2027-03-04")):
        User.objects.filter(pk=world.ben.pk).update(date_format=way)
        _save(enter(world.ben), lead_id, "3/4/2027", seen=seen)
        assert _stored(lead_id) == day
        seen = day


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("way", formats.DATES)
def test_what_a_box_holds_is_read_again_as_the_same_day(language: str, way: str) -> None:
    chosen = formats.of_language(language, date=way)
    reader = readers.Reader(language, readers.zone("UTC"), chosen)
    with readers.speaking_to(reader):
        for month in range(1, 13):
            day = f"2019-{month:02d}-07"
            typed = due_dates.typed_day(day)
            assert (
                due_dates.read_day(typed, now=datetime(2026, 3, 10, tzinfo=UTC)).isoformat() == day
            )


def test_the_box_of_a_date_shows_the_day_and_what_it_means(
    world: World, enter: Enter, lead_id: UUID, contract: Field
) -> None:
    User.objects.filter(pk=world.ben.pk).update(date_format="dots")
    ben = enter(world.ben)
    _save(ben, lead_id, "2027-03-14")
    form = ben.get(f"/leads/{lead_id}/edit/contract_ends_on", headers=HTMX).content.decode()
    assert 'type="text" value="14.03.2027"' in form
    assert re.search(r'<output class="understood[^>]*>\w+ 14\.03\.2027</output>', form)


def test_working_hours_begin_with_the_readers_week(world: World, enter: Enter) -> None:
    User.objects.filter(pk=world.ada.pk).update(week_start="sunday")
    page = enter(world.ada).get("/settings/hours").content.decode()
    days = re.findall(r'<th scope="row">(\w+)</th>', page)
    assert days[0] == "Sunday"
    assert days[1:] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
