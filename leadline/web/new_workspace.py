"""The form of a new workspace: on the set-up page, and on the way out of the demo."""

import zoneinfo

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from leadline.lib import clock, phone_number
from leadline.playbooks import folder as playbooks
from leadline.web import set_up_guesses
from leadline.workspace import owners

FIELDS = ("workspace_name", "name", "email", "time_zone", "country", "currency", "language",
          "playbook")  # fmt: skip


def said(request: HttpRequest) -> dict[str, str]:
    """What was filled in, but the password; what was not asked for is guessed from the browser."""
    guessed = _guessed(request)
    found = {name: request.POST.get(name, guessed.get(name, "")).strip() for name in FIELDS}
    return {**found, "time_zone": found["time_zone"] or "UTC"}


def problems(request: HttpRequest) -> dict[str, str]:
    """What of it cannot be, by field."""
    given = said(request)
    found = owners.problems(
        email=given["email"], password=request.POST.get("password", ""),
        workspace_name=given["workspace_name"], time_zone=given["time_zone"], now=clock.now(),
    )  # fmt: skip
    if given["currency"] not in set_up_guesses.CURRENCIES:
        found["currency"] = _("Choose a currency from the list.")
    if given["language"] not in dict(settings.LANGUAGES):
        found["language"] = _("Choose a language from the list.")
    if given["playbook"] not in dict(playbooks.shipped()):
        found["playbook"] = _("Choose a playbook from the list.")
    if given["country"] and given["country"] not in phone_number.countries():
        found["country"] = _("Choose a country from the list.")
    return found


def context(request: HttpRequest, *, problems: dict[str, str]) -> dict[str, object]:
    """What the form shows: what was typed, else what the browser tells."""
    guessed = _guessed(request)
    return {
        "values": {name: request.POST.get(name, guessed.get(name, "")) for name in FIELDS},
        "problems": problems,
        "zones": sorted(zoneinfo.available_timezones()),
        "currencies": [(code, code) for code in set_up_guesses.CURRENCIES],
        "countries": countries(),
        "languages": settings.LANGUAGES,
        "playbooks": playbooks.shipped(),
    }


def countries() -> list[tuple[str, str]]:
    """Every country by its code, with how its numbers begin; first none at all."""
    found = phone_number.countries()
    return [("", _("None")), *((code, f"{code} (+{number})") for code, number in found.items())]


def _guessed(request: HttpRequest) -> dict[str, str]:
    return {
        "language": set_up_guesses.language(request),
        "currency": set_up_guesses.currency(request),
        "country": set_up_guesses.country(request),
        "playbook": next(name for name, _label in playbooks.shipped()),
    }
