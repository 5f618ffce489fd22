"""Dates between people and rows: what was typed as a `Due` or a day, and a `Due` in a few words.

Zone, language and the first day of the week are those of the reader, whom the middleware has put in
force; the fiscal year is the workspace's.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadline.activities import due
from leadline.activities.due import Due
from leadline.lib import clock, formats, said_date
from leadline.lib.said_date import Habits, NotADate
from leadline.workspace import readers, settings, spoken

WHY: dict[str, str | Promise] = {
    "unclear": gettext_lazy("Write a day, such as “tue 3pm”, “+2w” or “end of month”."),
    "ambiguous": gettext_lazy("Day or month first? Write the month as a word: “3 apr”."),
    "timed": gettext_lazy("This is a day without a time: “fri”, “+2w” or “end of month”."),
    "past": gettext_lazy("That has passed."),
    "far": gettext_lazy("That is more than five years ahead."),
}
_MONTH_FIRST = {formats.MONTH_FIRST: True, formats.SLASHES: False}


def read(text: str, *, now: datetime) -> Due:
    """What somebody has typed. Raises said_date.NotADate."""
    zone = timezone.get_current_timezone()
    said = said_date.read(text, now=timezone.localtime(now), habits=habits_for(text))
    if said.at is None:
        return due.on_day(said.day, zone=zone)
    return Due(datetime.combine(said.day, said.at, tzinfo=zone))


def read_day(text: str, *, now: datetime) -> date:
    """The day that somebody has typed, also one that has passed. Raises said_date.NotADate."""
    return said_date.read_day(text, now=timezone.localtime(now), habits=habits_for(text))


def habits_for(text: str) -> Habits:
    """How the reader counts; "3/4" is unclear of who has chosen no way with slashes.

    One query where the text names a quarter or a fiscal year, else none.
    """
    chosen = readers.current_formats()
    fiscal = settings.current().fiscal_year_month if said_date.is_fiscal(text) else 1
    return Habits(_MONTH_FIRST.get(chosen.date), chosen.first_day, fiscal)


def understood_day(text: str) -> str:
    """What a text was understood as where only the day counts; "" when it means nothing."""
    try:
        return spoken.day(read_day(text, now=clock.now()))
    except NotADate:
        return ""


def typed_day(stored: object) -> str:
    """A stored day for a field, as the reader writes days; `read_day` takes it again."""
    try:
        return spoken.day_of_year(date.fromisoformat(str(stored)))
    except ValueError:
        return str(stored)


def understood(text: str) -> str:
    """What a text was understood as, for people; "" when it means nothing."""
    try:
        found = read(text, now=clock.now())
    except NotADate:
        return ""
    return spoken.day(found.on) if found.on else spoken.moment(found.at)


def problem(refusal: NotADate) -> str:
    return str(WHY[refusal.why])


def words(at: datetime, on: date | None) -> str:
    """ "Today", "Tomorrow, 15:00", "Fri 13 Mar 2026"."""
    day = on or timezone.localtime(at).date()
    near = {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}
    apart = day - timezone.localtime(clock.now()).date()
    said = near.get(apart // timedelta(days=1)) or spoken.day(day)
    return said if on else f"{said}, {spoken.time_of_day(at)}"


def typed(at: datetime, on: date | None) -> str:
    """The same for a field, in a way that `read` takes: "2026-03-13 15:00"."""
    return on.isoformat() if on else f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def is_overdue(at: datetime) -> bool:
    return at <= clock.now()
