"""Settings → Working hours: times and dates as people write them, refusals in their words."""

import html
import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from leadline.lib import formats
from leadline.routing.models import Calendar
from leadline.web import working_hours
from leadline.workspace import readers, spoken
from leadline.workspace.models import User
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
FORM = {"time_zone": "Europe/Berlin", "holidays": "", "mon-0-from": "9:00", "mon-0-to": "17:00"}


def _kept() -> Calendar:
    return Calendar.objects.get(is_default=True)


def _refused(client: Client, **wrong: str) -> tuple[str, set[str]]:
    """What the page says, and the inputs that it marks."""
    answer = client.post("/settings/hours", {**FORM, **wrong})
    assert answer.status_code == 422
    page = html.unescape(answer.content.decode())
    marked = re.findall(r'name="([^"]+)"[^>]*aria-invalid="true"', page)
    return page, set(marked)


@pytest.mark.parametrize(
    ("begins", "ends", "span"),
    [
        ("8", "17", ["08:00", "17:00"]), ("8:00", "17.30", ["08:00", "17:30"]),
        ("8am", "5:30 PM", ["08:00", "17:30"]), ("18:00", "0:00", ["18:00", "24:00"]),
        ("8 Uhr", "24:00", ["08:00", "24:00"]),
    ],
)  # fmt: skip
def test_times_are_taken_as_people_write_them(
    world: World, enter: Enter, begins: str, ends: str, span: list[str]
) -> None:
    form = {**FORM, "mon-0-from": begins, "mon-0-to": ends}
    assert enter(world.ada).post("/settings/hours", form).status_code == 302
    assert _kept().hours == {"mon": [span]}


@pytest.mark.parametrize("way", ["dots", "month_first", "iso", "words", "slashes"])
def test_days_off_are_written_and_shown_in_the_way_of_the_reader(
    world: World, enter: Enter, way: str
) -> None:
    User.objects.filter(pk=world.ada.pk).update(date_format=way)
    client = enter(world.ada)
    shown = formats.numeric_date(date(2026, 12, 5), formats.Formats(date=way)) or "5 Dec 2026"
    for line in (shown, "2026-12-05", "5.12.2026", "Dec 5, 2026", "5. Dezember 2026"):
        client.post("/settings/hours", {**FORM, "holidays": f"{line}\n26.12.2025"})
        assert _kept().holidays == ["2025-12-26", "2026-12-05"], line
    assert f"{shown}</textarea>" in html.unescape(client.get("/settings/hours").content.decode())


def test_several_dates_in_a_line_are_several_days(world: World, enter: Enter) -> None:
    form = {**FORM, "holidays": "26.12.2026, 2027-01-01; 12/31/2026 31.12.2026"}
    enter(world.ada).post("/settings/hours", form)
    assert _kept().holidays == ["2026-12-26", "2026-12-31", "2027-01-01"]


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_day_that_is_shown_is_read_again(language: str) -> None:
    for month in range(1, 13):
        day = date(2026, month, 3)
        with readers.speaking_to(readers.in_language(language)):
            assert working_hours._date(spoken.day_of_year(day)) == day


def test_who_writes_twelve_hours_reads_them(world: World, enter: Enter) -> None:
    User.objects.filter(pk=world.ada.pk).update(time_format="12")
    client = enter(world.ada)
    client.post("/settings/hours", FORM)
    assert 'value="5:00 pm"' in client.get("/settings/hours").content.decode()


def test_a_refusal_names_the_day_and_the_span_and_marks_them(world: World, enter: Enter) -> None:
    fri = {"fri-0-from": "8", "fri-0-to": "12", "fri-1-from": "13:30", "fri-1-to": "13:00"}
    page, marked = _refused(enter(world.ada), **fri)
    assert "Friday, second span: 13:30 is not before 13:00" in page
    assert "hours/fri" not in page
    assert marked == {"fri-1-from", "fri-1-to"}
    assert 'value="8"' in page


def test_the_second_span_alone_is_the_one_that_is_marked(world: World, enter: Enter) -> None:
    page, marked = _refused(enter(world.ada), **{"tue-1-from": "soon", "tue-1-to": "9"})
    assert "Tuesday, second span: “soon” is not a time" in page
    assert marked == {"tue-1-from", "tue-1-to"}


def test_a_day_of_three_spans_keeps_them_all(world: World, enter: Enter) -> None:
    client, cut = enter(world.ada), [["08:00", "10:00"], ["11:00", "13:00"], ["14:00", "24:00"]]
    Calendar.objects.update(hours={"mon": [["09:00", "17:00"]], "tue": cut})
    page = client.get("/settings/hours").content.decode()
    shown = dict(re.findall(r'name="(\w{3}-\d+-\w+)" value="([^"]*)"', page))
    assert client.post("/settings/hours", {**FORM, **shown}).status_code == 302
    assert _kept().hours == {"mon": [["09:00", "17:00"]], "tue": cut}


def test_what_is_wrong_with_a_third_span_is_said_there(world: World, enter: Enter) -> None:
    three = {f"fri-{n}-{end}": at for n, span in enumerate((("8", "9"), ("10", "11"), ("13", "12")))
             for end, at in zip(("from", "to"), span, strict=True)}  # fmt: skip
    page, marked = _refused(enter(world.ada), **three)
    assert "Friday, span 3: 13:00 is not before 12:00" in page
    assert marked == {"fri-2-from", "fri-2-to"}
    assert 'name="fri-2-to" value="12"' in page


def test_half_a_span_and_spans_that_overlap_are_refused(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    page, marked = _refused(client, **{"mon-0-to": ""})
    assert "Monday: Write both when it begins and when it ends." in page
    assert marked == {"mon-0-from", "mon-0-to"}
    page, marked = _refused(client, **{"mon-1-from": "16", "mon-1-to": "18"})
    assert "Monday: Two intervals overlap." in page
    assert len(marked) == 4


def test_what_is_no_date_is_refused_in_the_way_of_the_reader(world: World, enter: Enter) -> None:
    page, marked = _refused(enter(world.ada), holidays="26.12.2026\nChristmas Day")
    assert "“Christmas” is not a date. Write it like 25 Dec 2026." in page
    assert marked == {"holidays"}
    _page, marked = _refused(enter(world.ada), time_zone="Mars/Olympus")
    assert marked == {"time_zone"}
