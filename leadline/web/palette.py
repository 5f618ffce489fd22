"""Search over leads: the command palette and, on a phone, a page of its own."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leadline.cards import queries, time_box
from leadline.cards.queries import CardRow, Listing
from leadline.lib import clock, text
from leadline.web import access, pages

_SHOWN = 8
_ON_PAGE = 30


@dataclass(frozen=True)
class Command:
    """Something the palette can do besides opening a lead. `dialog` opens one of this page, `verb`
    presses the button with that letter: of the row in hand, else of the page."""

    label: str | Promise
    icon: str
    route: str = ""
    dialog: str = ""
    verb: str = ""
    keys: str = ""


COMMANDS = (
    Command(_("Profile and security"), "leads", "profile"),
    Command(_("Shortcuts"), "keyboard", dialog="help", keys="?"),
)
PLAN = Command(_("Plan a task"), "task", verb="t", keys="t")


@require_safe
@access.screen("see_leads")
def found(request: HttpRequest) -> HttpResponse:
    """Leads and commands for what is typed; the palette's list."""
    typed = _typed(request)
    shell = pages.Shell(request)
    commands = [
        Command(entry.label, entry.key, entry.route, keys=entry.shortcut) for entry in shell.entries
    ]
    wanted = text.fold(typed)
    plan = [PLAN] if _is_at_lead(request) and access.may(request, "edit_leads") else []
    shown = [c for c in (*plan, *commands, *COMMANDS) if wanted in text.fold(str(c.label))]
    context = {"rows": _rows(request, typed, _SHOWN), "commands": shown, "typed": typed}
    return pages.render(request, "palette_found.html", context)


@require_safe
@access.screen("see_leads")
def page(request: HttpRequest) -> HttpResponse:
    """Search as a page, for the phone's bottom bar."""
    typed = _typed(request)
    context = {"place": "search", "typed": typed, "rows": _rows(request, typed, _ON_PAGE)}
    block = "found" if pages.wants_fragment(request) else None
    return pages.render(request, "search.html", context, block=block)


def _is_at_lead(request: HttpRequest) -> bool:
    """Whether the page under the palette shows leads whose buttons can be pressed."""
    try:
        match = resolve(urlsplit(request.headers.get("HX-Current-URL", "")).path)
    except Resolver404:
        return False
    return match.url_name in ("lead", "today")


def _typed(request: HttpRequest) -> str:
    return text.clean(request.GET.get("q", ""), max_length=200).strip()


def _rows(request: HttpRequest, typed: str, limit: int) -> list[CardRow]:
    if not typed:
        return []
    listing = Listing(access.reader(request), clock.now(), search=typed)
    try:
        return queries.page(listing, limit=limit).rows
    except time_box.TooSlow:
        return []
