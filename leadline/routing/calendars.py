"""Calendars as rows: saved only when they can give a deadline."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from leadline.routing import hours
from leadline.routing.hours import Hours
from leadline.routing.models import Calendar


def save(
    name: str,
    *,
    time_zone: str,
    week: Mapping[str, Sequence[Sequence[str]]],
    holidays: Sequence[str] = (),
    is_default: bool = False,
) -> Calendar:
    """Create the calendar of this name or change it. Raises hours.NotHours for nonsense.

    At most one calendar is the default; saving one as default takes it from the other.
    """
    hours.parse(time_zone, week=week, holidays=holidays)
    with transaction.atomic():
        if is_default:
            Calendar.objects.filter(is_default=True).exclude(name=name).update(is_default=False)
        calendar, _ = Calendar.objects.update_or_create(
            name=name,
            defaults={
                "time_zone": time_zone,
                "hours": {day: [list(span) for span in spans] for day, spans in week.items()},
                "holidays": list(holidays),
                "is_default": is_default,
            },
        )
    return calendar


def load() -> dict[int, Hours]:
    """The hours of every calendar, by id. One query."""
    return {calendar.id: of(calendar) for calendar in Calendar.objects.all()}


def default() -> Hours | None:
    """The hours of the default calendar, or of the only one; None when there is neither."""
    calendars = list(Calendar.objects.order_by("-is_default", "id")[:2])
    if not calendars or (len(calendars) == 2 and not calendars[0].is_default):
        return None
    return of(calendars[0])


def of(calendar: Calendar) -> Hours:
    """The hours that the row holds."""
    return hours.parse(calendar.time_zone, week=calendar.hours, holidays=calendar.holidays)
