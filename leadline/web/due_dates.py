"""Due dates between people and rows: what was typed as a `Due`, and a `Due` in a few words.

Zone and language are those of the reader, whom the middleware has put in force.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadline.activities import due
from leadline.activities.due import Due
from leadline.lib import clock, formats, said_date
from leadline.lib.said_date import NotADate
from leadline.workspace import readers, spoken

WHY: dict[str, str | Promise] = {
    "unclear": gettext_lazy("Write a day, such as “tue 3pm”, “+2w” or “end of month”."),
    "ambiguous": gettext_lazy("Day or month first? Write the month as a word: “3 apr”."),
    "past": gettext_lazy("That has passed."),
    "far": gettext_lazy("That is more than five years ahead."),
}
_MONTH_FIRST = {formats.MONTH_FIRST: True, formats.SLASHES: False}


def read(text: str, *, now: datetime) -> Due:
    """What somebody has typed. Raises said_date.NotADate."""
    zone = timezone.get_current_timezone()
    said = said_date.read(text, now=timezone.localtime(now), is_month_first=is_month_first())
    if said.at is None:
        return due.on_day(said.day, zone=zone)
    return Due(datetime.combine(said.day, said.at, tzinfo=zone))


def is_month_first() -> bool | None:
    """How the reader means "3/4"; None for who has chosen no way with slashes."""
    return _MONTH_FIRST.get(readers.current_formats().date)


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
