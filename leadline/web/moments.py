"""Instants as people read them: "3 min ago", "in 2 h", with the exact time for the title.

The reader's zone and formats are those that `middleware.LanguageMiddleware` activates.
"""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from leadline.lib import clock
from leadline.workspace import spoken


def span(seconds: float) -> str:
    """A length of time in one short unit: "45 s", "3 min", "2 h", "5 d", "3 mo", "2 y"."""
    whole = max(0, int(seconds))
    if whole < 60:
        return _("%(n)d s") % {"n": whole}
    if whole < 3600:
        return _("%(n)d min") % {"n": whole // 60}
    if whole < 86_400:
        return _("%(n)d h") % {"n": whole // 3600}
    if whole < 60 * 86_400:
        return _("%(n)d d") % {"n": whole // 86_400}
    if whole < 730 * 86_400:
        return _("%(n)d mo") % {"n": whole // (30 * 86_400)}
    return _("%(n)d y") % {"n": whole // (365 * 86_400)}


def relative(at: datetime, *, now: datetime) -> str:
    """ "just now", "3 min ago", "in 2 h"."""
    seconds = (now - at).total_seconds()
    if -5 < seconds < 45:
        return _("just now")
    if seconds < 0:
        return _("in %(span)s") % {"span": span(-seconds)}
    return _("%(span)s ago") % {"span": span(seconds)}


def exact(at: datetime) -> str:
    """ "Tue 10 Mar 2026, 10:30 CET" in the reader's zone."""
    return spoken.exact(at)


def day(at: datetime) -> str:
    """ "Tue 10 Mar 2026" in the reader's zone."""
    return spoken.day(at)


def heading(at: datetime, *, now: datetime) -> str:
    """What stands above the entries of a day: "Today", "Yesterday" or the date."""
    apart = (timezone.localtime(now).date() - timezone.localtime(at).date()).days
    return {0: _("Today"), 1: _("Yesterday")}.get(apart) or day(at)


def time_of_day(at: datetime) -> str:
    """ "10:30" in the reader's zone."""
    return spoken.time_of_day(at)


def countdown(due_at: datetime, *, now: datetime) -> str:
    """ "4:07" until due (minutes and seconds), "2 h 05" from an hour on, "12 min late" after."""
    seconds = int((due_at - now).total_seconds())
    if seconds < 0:
        return _("%(span)s late") % {"span": span(-seconds)}
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02d}"
    if seconds < 86_400:
        return _("%(h)d h %(m)02d") % {"h": seconds // 3600, "m": seconds % 3600 // 60}
    return _("%(d)d d %(h)d h") % {"d": seconds // 86_400, "h": seconds % 86_400 // 3600}


def urgency(due_at: datetime, *, now: datetime) -> str:
    """`late`, `soon` (under two minutes left) or `calm`: the colour of a countdown."""
    left = due_at - now
    if left < timedelta(0):
        return "late"
    return "soon" if left < timedelta(minutes=2) else "calm"


def now() -> datetime:
    return clock.now()
