"""Settings → Working hours: the default calendar's zone, spans per day and days off.

Times and dates are taken as people write them; what is stored is always "08:00" and 2026-12-25.
"""

import zoneinfo
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from leadline.lib import clock, formats, refusal, said_date, wall_time
from leadline.routing import calendars, hours
from leadline.routing.models import Calendar
from leadline.web import access, checklist, due_dates, pages
from leadline.workspace import audit, readers, reasons, spoken
from leadline.workspace import settings as workspace_settings
from leadline.workspace.audit import Change, Value

DAYS: Sequence[tuple[str, str | Promise]] = (
    ("mon", gettext_lazy("Monday")), ("tue", gettext_lazy("Tuesday")),
    ("wed", gettext_lazy("Wednesday")), ("thu", gettext_lazy("Thursday")),
    ("fri", gettext_lazy("Friday")), ("sat", gettext_lazy("Saturday")),
    ("sun", gettext_lazy("Sunday")),
)  # fmt: skip
_SPANS = 2
"""So many spans of a day have a place in the page; more, when a day has more."""
_EXAMPLE = date(2026, 12, 25)

Spans = dict[str, list[list[str]]]
Problems = dict[str, str]
"""What is wrong, by input: "mon-0" (the first span of Monday), "holidays" or "time_zone"."""


@dataclass(frozen=True)
class Cell:
    """One span of a day as it stands in the page: its name, and what is in it."""

    name: str
    begins: str
    ends: str


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_settings")
def page(request: HttpRequest) -> HttpResponse:
    """The page, and saving it."""
    calendar = Calendar.objects.order_by("-is_default", "id").first()
    if calendar is None:
        calendar = Calendar(name="Business hours", time_zone="UTC", hours={}, holidays=[])
    problems: Problems = {}
    if request.method == "POST":
        problems = _save(request, calendar)
        if not problems:
            return HttpResponseRedirect(f"{reverse('hours')}?saved=1")
    post = request.POST
    width = _width(calendar, post)
    context = {
        "place": "settings",
        "section": "hours",
        "time_zone": post.get("time_zone") or calendar.time_zone,
        "days": [
            (said, _cells(key, calendar.hours.get(key, ()), post, width=width))
            for key, said in _week_of_reader()
        ],
        "width": width,
        "holidays": post.get("holidays", _as_read(calendar.holidays)),
        "example": spoken.day_of_year(_EXAMPLE),
        "problems": problems,
        "is_saved": "saved" in request.GET,
        "zones": sorted(zoneinfo.available_timezones()),
    }
    return pages.render(request, "working_hours.html", context, status=422 if problems else 200)


def _save(request: HttpRequest, calendar: Calendar) -> Problems:
    """What is wrong; {} when it is saved."""
    post, before = request.POST, _facts(calendar)
    week, problems = _week(post)
    days_off, unread = _days_off(post.get("holidays", ""))
    if problems or unread:
        return {**problems, **unread}
    try:
        with transaction.atomic():
            saved = calendars.save(
                calendar.name, time_zone=post.get("time_zone", ""), week=week, holidays=days_off,
                is_default=True,
            )  # fmt: skip
            workspace_settings.rules_changed()
            checklist.note_hours()
            _note(request, saved, before)
    except hours.NotHours as refused:
        return _why(refused, post)
    return {}


def _week_of_reader() -> Sequence[tuple[str, str | Promise]]:
    """The days, from the one on which the reader's week begins."""
    first = readers.current_formats().first_day
    return (*DAYS[first:], *DAYS[:first])


# What was written


def _week(post: QueryDict) -> tuple[Spans, Problems]:
    """The spans of each day that has any, and those of which one end is missing."""
    week: Spans = {}
    problems: Problems = {}
    for key, _said in DAYS:
        for n in _written(key, post):
            begins, ends = (post.get(f"{key}-{n}-{end}", "").strip() for end in ("from", "to"))
            if not (begins and ends):
                said = _("Write both when it begins and when it ends.")
                problems[f"{key}-{n}"] = f"{_place(key, n, post)}: {said}"
            week.setdefault(key, []).append([_time(begins), _time(ends, is_end=True)])
    return week, problems


def _written(key: str, post: QueryDict) -> list[int]:
    """Which of the day's spans have something in them."""
    ends = ("from", "to")
    spans = range(hours.MOST_INTERVALS)
    return [n for n in spans if any(post.get(f"{key}-{n}-{end}", "").strip() for end in ends)]


def _time(text: str, *, is_end: bool = False) -> str:
    """ "08:00"; what is no time stays as it is, to be refused. Midnight ends a day as 24:00."""
    minute = wall_time.minute_of_day(text)
    if minute is None:
        return text
    return wall_time.written(minute or 24 * 60 if is_end else minute)


def _days_off(text: str) -> tuple[list[str], Problems]:
    """The dates, in order and once each; or the first that is none."""
    found = set()
    for piece in _pieces(text):
        day = _date(piece)
        if day is None:
            said = _("“%(day)s” is not a date. Write it like %(example)s.") % {
                "day": refusal.shown(piece), "example": spoken.day_of_year(_EXAMPLE),
            }  # fmt: skip
            return [], {"holidays": said}
        found.add(day)
    return [day.isoformat() for day in sorted(found)], {}


def _pieces(text: str) -> Iterator[str]:
    """One date each: a line, which may have spaces in it, or else its words."""
    for line in text.replace(";", "\n").splitlines():
        if line.strip():
            yield from [line.strip()] if _date(line) else line.replace(",", " ").split()


def _date(text: str) -> date | None:
    try:
        return due_dates.read_day(text, now=clock.now())
    except said_date.NotADate:
        return None


# What is wrong with it


def _why(refused: hours.NotHours, post: QueryDict) -> Problems:
    """The reason, where it is: a span of a day, all of them, the days off, or the time zone."""
    said = reasons.sentence(refused)
    part, *rest = refused.path.split("/")
    if part != "hours" or not rest:
        return {part: said}
    key, *place = rest
    there = _written(key, post)
    if place:
        n = there[int(place[0])]
        return {f"{key}-{n}": f"{_place(key, n, post)}: {said}"}
    sentence = f"{dict(DAYS)[key]}: {said}"
    return {f"{key}-{n}": sentence for n in there}


def _place(key: str, n: int, post: QueryDict) -> str:
    """ "Friday", or which span of it when there are several."""
    day = str(dict(DAYS)[key])
    if _written(key, post) == [0]:
        return day
    if n < _SPANS:
        return (_("%(day)s, second span") if n else _("%(day)s, first span")) % {"day": day}
    return _("%(day)s, span %(number)s") % {"day": day, "number": n + 1}


# How it is shown


def _width(calendar: Calendar, post: QueryDict) -> int:
    """How many spans of each day the page shows: as many as the fullest day has, at least two."""
    written = [1 + max(_written(key, post), default=0) for key, _said in DAYS]
    return max(_SPANS, *map(len, calendar.hours.values()), *written)


def _cells(key: str, spans: Sequence[Sequence[str]], post: QueryDict, *, width: int) -> list[Cell]:
    """The spans of a day: as they were written, else as they are kept, in the reader's way."""
    kept = [*([_time_as_read(each) for each in span] for span in spans), *[("", "")] * width]
    return [
        Cell(
            f"{key}-{n}",
            post.get(f"{key}-{n}-from", "" if post else kept[n][0]),
            post.get(f"{key}-{n}-to", "" if post else kept[n][1]),
        )
        for n in range(width)
    ]


def _time_as_read(text: str) -> str:
    """ "08:00" as the reader writes it; 24:00 has no other way."""
    if text == "24:00":
        return text
    return formats.time_of_day(time.fromisoformat(text), readers.current_formats())


def _as_read(days: Sequence[str]) -> str:
    """The days off, one a line, as the reader writes dates."""
    return "\n".join(spoken.day_of_year(date.fromisoformat(day)) for day in days)


def _note(request: HttpRequest, saved: Calendar, before: dict[str, Value]) -> None:
    """Into the audit, unless everything stayed as it was."""
    differing = audit.differing(before, _facts(saved))
    if differing[1]:
        change = Change("hours.changed", "calendar", saved.pk, saved.name, *differing)
        audit.record(change, by=access.doer(request), now=clock.now())


def _facts(calendar: Calendar) -> dict[str, Value]:
    """Zone, spans and days off as the audit shows them."""
    spans = [
        f"{day} {', '.join('–'.join(span) for span in calendar.hours[day])}"
        for day, _said in DAYS
        if calendar.hours.get(day)
    ]
    return {
        "time_zone": calendar.time_zone, "hours": "; ".join(spans),
        "holidays": ", ".join(map(str, calendar.holidays)),
    }  # fmt: skip
