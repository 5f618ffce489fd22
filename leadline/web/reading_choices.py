"""How one wants to read, as the profile offers it: each way beside an example of today."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from leadline.lib import formats
from leadline.workspace import readers, spoken
from leadline.workspace.models import User

FIELDS = ("language", "date_format", "time_format", "number_format", "week_start")
_KNOWN = {
    "date_format": formats.DATES,
    "time_format": formats.TIMES,
    "number_format": formats.NUMBERS,
    "week_start": formats.WEEK_STARTS,
}
# A language has to be said; of everything else "" is what is usual in it.
_USUAL = {"language": (), **dict.fromkeys(_KNOWN, ("",))}
_SAMPLE = Decimal("12431.5")

Option = tuple[str, str]


def read(post: QueryDict) -> dict[str, str] | None:
    """What was chosen, by column, of what the form asked; None when anything is not on offer."""
    chosen = {name: str(post[name]) for name in FIELDS if name in post}
    offers = {"language": tuple(dict(settings.LANGUAGES)), **_KNOWN}
    fits = all(value in (*offers[name], *_USUAL[name]) for name, value in chosen.items())
    return chosen if fits else None


def offered(user: User, *, now: datetime) -> Sequence[tuple[str, str, Sequence[Option]]]:
    """(column, label, options) of each choice; "" stands for what is usual in the language."""
    return (
        ("language", _("Language"), settings.LANGUAGES),
        ("date_format", _("Dates"), _examples(user, "date", now)),
        ("time_format", _("Times"), _examples(user, "time", now)),
        ("number_format", _("Numbers"), _examples(user, "number", now)),
        ("week_start", _("Weeks begin on"), _examples(user, "week_start", now)),
    )


def _examples(user: User, slot: str, now: datetime) -> list[Option]:
    ways = _KNOWN["week_start" if slot == "week_start" else f"{slot}_format"]
    usual = _("Usual: %(example)s") % {"example": _example(user, slot, "", now)}
    return [("", usual), *((way, _example(user, slot, way, now)) for way in ways)]


def _example(user: User, slot: str, way: str, now: datetime) -> str:
    chosen = formats.of_language(user.language, **{slot: way})
    if slot == "week_start":
        return str(WEEKDAYS[chosen.first_day])
    reader = readers.Reader(
        readers.known_language(user.language), readers.zone(user.time_zone), chosen
    )
    with readers.speaking_to(reader):
        if slot == "date":
            return spoken.day_of_year(now.date())
        return spoken.time_of_day(now) if slot == "time" else spoken.number(_SAMPLE, places=1)
