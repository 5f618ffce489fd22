"""Which backups stay: the newest of each of 7 days and of each of 4 weeks."""

from collections.abc import Collection, Hashable
from datetime import UTC, datetime, timedelta

DAYS = 7
WEEKS = 4


def kept(instants: Collection[datetime], *, now: datetime) -> set[datetime]:
    """Which of these instants to keep, at most 11; days and weeks (from Monday) are UTC.

    Counted from `now`, not from the newest: what was erased must be gone from every backup after
    28 days. The newest of all stays however old it is.
    """
    today = now.astimezone(UTC).date()
    this_monday = today - timedelta(days=today.weekday())
    newest: dict[Hashable, datetime] = {}
    for instant in sorted(instants):
        day = instant.astimezone(UTC).date()
        monday = day - timedelta(days=day.weekday())
        if (today - day).days < DAYS:
            newest["day", day] = instant
        if (this_monday - monday).days < WEEKS * 7:
            newest["week", monday] = instant
        newest["last"] = instant
    return set(newest.values())
