"""Search over leads, companies and notes: the command palette, and a page of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from leadline.cards import companies, queries, visits
from leadline.cards.models import Visit
from leadline.lib import clock, text
from leadline.web import access, hits, pages, presence
from leadline.workspace.models import User

_SHOWN = 6
_ON_PAGE = 20


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
    Command(_("My tasks"), "task", "tasks"),
    Command(_("Lists"), "team", "static_lists"),
    Command(_("Shortcuts"), "keyboard", dialog="help", keys="?"),
)
PLAN = Command(_("Plan a task"), "task", verb="t", keys="t")


@require_safe
@access.screen("see_leads")
def found(request: HttpRequest) -> HttpResponse:
    """What is found and the commands for what is typed; the palette's list."""
    typed = _typed(request)
    shell = pages.Shell(request)
    commands = [
        Command(entry.label, entry.key, entry.route, keys=entry.shortcut) for entry in shell.entries
    ]
    wanted = text.fold(typed)
    plan = [PLAN] if _is_at_lead(request) and access.may(request, "edit_leads") else []
    shown = [c for c in (*plan, *commands, *COMMANDS) if wanted in text.fold(str(c.label))]
    groups = hits.groups(access.reader(request), typed, limit=_SHOWN)
    context = {"groups": groups, "commands": shown, "typed": typed}
    return pages.render(request, "palette_found.html", context)


@require_safe
@access.screen("see_leads")
def page(request: HttpRequest) -> HttpResponse:
    """Search as a page: from the top bar, and from a phone's bottom bar."""
    typed = _typed(request)
    groups = hits.groups(access.reader(request), typed, limit=_ON_PAGE)
    context = {"place": "search", "typed": typed, "groups": groups}
    block = "found" if pages.wants_fragment(request) else None
    return pages.render(request, "search.html", context, block=block)


def _is_at_lead(request: HttpRequest) -> bool:
    """Whether the page under the palette shows leads whose buttons can be pressed."""
    try:
        match = resolve(access.asked_from(request).path)
    except Resolver404:
        return False
    return match.url_name in ("lead", "today")


def _typed(request: HttpRequest) -> str:
    return text.clean(request.GET.get("q", ""), max_length=200).strip()


@require_POST
@access.screen("see_leads")
def visited(request: HttpRequest) -> HttpResponse:
    """The page of a lead or company is open: an empty search offers it from now on.

    An open lead asks twice a minute, says what is being done with it, and hears who else is on it.
    """
    user, now = access.reader(request), clock.now()
    for kind, is_seen in _SEEN.items():
        key = _key(request.POST.get(kind, ""))
        if key is not None and is_seen(user, key):
            if kind == "company":
                visits.note(user, kind, key, now=now)
            else:
                visits.note_doing(user, key, _doing(request), now=now)
            if kind == "company" or not pages.wants_fragment(request):
                return HttpResponse(status=204)
            on = presence.on([key], user, now=now).get(key)
            return pages.render(request, "lead_here.html", {"on": on})
    raise Http404


def _doing(request: HttpRequest) -> str:
    asked = request.POST.get("doing", "")
    return asked if asked in Visit.Doing.values else Visit.Doing.LOOKING


_SEEN: Mapping[visits.Kind, Callable[[User, UUID], object]] = {
    "lead": queries.one,
    "company": companies.one,
}


def _key(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
