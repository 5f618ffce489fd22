"""Settings → General: what the workspace is called and speaks, and how it counts."""

import zoneinfo

from django.conf import settings as django_settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leadline.lib import clock, text
from leadline.web import access, new_workspace, pages
from leadline.workspace import audit, settings
from leadline.workspace.audit import Change, Value
from leadline.workspace.models import Workspace

_FIELDS = ("name", "time_zone", "language", "country", "fiscal_year_month")


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_settings")
def page(request: HttpRequest) -> HttpResponse:
    """Name, zone, language, country of phone numbers, and when a fiscal year begins."""
    problems: dict[str, str] = {}
    if request.method == "POST":
        problems = _save(request)
        if not problems:
            return HttpResponseRedirect(reverse("general") + "?saved=1")
    workspace = settings.current()
    values = {name: str(getattr(workspace, name)) for name in _FIELDS}
    context = {
        "place": "settings",
        "section": "general",
        "problems": problems,
        "values": {name: request.POST.get(name, value) for name, value in values.items()},
        "zones": sorted(zoneinfo.available_timezones()),
        "languages": django_settings.LANGUAGES,
        "countries": new_workspace.countries(),
        "months": [(str(number), said) for number, said in MONTHS.items()],
        "is_saved": "saved" in request.GET,
    }
    return pages.render(request, "general.html", context, status=422 if problems else 200)


def _save(request: HttpRequest) -> dict[str, str]:
    """Keep what was chosen and note what changed; what is wrong by field, and then nothing is."""
    wanted = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    wanted["name"] = text.clean(wanted["name"], max_length=120)
    if problems := _problems(wanted):
        return problems
    with transaction.atomic():
        row = Workspace.objects.select_for_update().get(id=1)
        before: dict[str, Value] = {name: str(getattr(row, name)) for name in _FIELDS}
        changed = {name: value for name, value in wanted.items() if before[name] != value}
        if changed:
            Workspace.objects.filter(id=1).update(**changed)
            settings.rules_changed()
            then = {name: before[name] for name in changed}
            change = Change("workspace.changed", "workspace", 1, wanted["name"], then, {**changed})
            audit.record(change, by=access.doer(request), now=clock.now())
    return {}


def _problems(wanted: dict[str, str]) -> dict[str, str]:
    found = {}
    if not wanted["name"]:
        found["name"] = _("Give the workspace a name, for example your company's.")
    if wanted["time_zone"] not in zoneinfo.available_timezones():
        found["time_zone"] = _("Choose a time zone from the list, for example Europe/Berlin.")
    if wanted["language"] not in dict(django_settings.LANGUAGES):
        found["language"] = _("Choose a language from the list.")
    if wanted["country"] not in dict(new_workspace.countries()):
        found["country"] = _("Choose a country from the list.")
    if wanted["fiscal_year_month"] not in map(str, MONTHS):
        found["fiscal_year_month"] = _("Choose a month from the list.")
    return found
