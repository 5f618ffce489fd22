"""What an entry of the audit holds, in words: it is kept as it was, and told to whoever reads.

What people gave a name themselves, and words of a later version, stand as they were kept.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadline.cards.models import SavedView
from leadline.web.labels import Label
from leadline.web.working_hours import DAYS
from leadline.workspace import audit, spoken
from leadline.workspace.models import Field, Role

HOW: Mapping[str, Label] = {
    "password": gettext_lazy("password"),
    "code": gettext_lazy("code"),
    "totp": gettext_lazy("authenticator app"),
    "app": gettext_lazy("authenticator app"),
    "recovery_codes": gettext_lazy("recovery code"),
    "webauthn": gettext_lazy("passkey"),
    "passkey": gettext_lazy("passkey"),
    "entrance": gettext_lazy("the link after the demo"),
    "by the old one": gettext_lazy("by the old one"),
    "for the first time": gettext_lazy("for the first time"),
    "by a link": gettext_lazy("by a link"),
}
SCOPES: Mapping[str, Label] = {
    "leads:read": gettext_lazy("read leads"),
    "leads:write": gettext_lazy("change leads"),
    "sensitive:read": gettext_lazy("read sensitive fields"),
    "fields:write": gettext_lazy("change fields"),
    "rules:write": gettext_lazy("change rules"),
    "ingest": gettext_lazy("send submissions"),
    "admin": gettext_lazy("everything"),
}
VIEW_PARTS: Mapping[str, Label] = {
    "filter": gettext_lazy("filter"),
    "sort": gettext_lazy("order"),
    "columns": gettext_lazy("columns"),
}
OLD: Mapping[str, Label] = {
    "skip": gettext_lazy("passed over"),
    "send": gettext_lazy("sent"),
}


def word(name: str, value: object) -> str:
    """The value of a fact in the reader's language."""
    if value is None or value == "":
        return _("nobody") if name in ("leads", "tasks", "deals") else _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return spoken.number(value)
    return _TOLD[name](str(value)) if name in _TOLD else str(value)


def origin(kept: str) -> str:
    """Where somebody did it: an address, or the server's own command line."""
    return _("command line") if kept == audit.COMMAND_LINE.origin else kept


def _of(table: Mapping[str, Label]) -> Callable[[str], str]:
    """Each of the words that were kept with commas between."""
    return lambda kept: ", ".join(str(table.get(each, each)) for each in kept.split(", "))


def _choices(choices: Sequence[tuple[str, Label]]) -> Callable[[str], str]:
    return lambda kept: str(dict(choices).get(kept, kept))


def _hours(kept: str) -> str:
    """ "mon 09:00–17:00; tue 09:00–12:00" with the days by their names."""
    parts = (each.partition(" ") for each in kept.split("; "))
    return "; ".join(f"{dict(DAYS).get(day, day)} {spans}" for day, _space, spans in parts)


def _days(kept: str) -> str:
    return ", ".join(_day(each) for each in kept.split(", "))


def _day(kept: str) -> str:
    try:
        return spoken.day_of_year(date.fromisoformat(kept))
    except ValueError:
        return kept


def _moment(kept: str) -> str:
    try:
        return spoken.moment(datetime.fromisoformat(kept))
    except ValueError:
        return kept


_TOLD: Mapping[str, Callable[[str], str]] = {
    "role": _choices(Role.choices),
    "reach": _choices(SavedView.Reach.choices),
    "type": _choices(Field.Type.choices),
    "language": _choices(settings.LANGUAGES),
    "fiscal_year_month": _choices([(str(number), said) for number, said in MONTHS.items()]),
    "how": _of(HOW),
    "parts": _of(VIEW_PARTS),
    "scopes": _of(SCOPES),
    "old": _of(OLD),
    "hours": _hours,
    "holidays": _days,
    "first": _day,
    "last": _day,
    "effective_at": _moment,
}
