"""Renders a page or one block of it, with the shell around it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import jinja2_fragments
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from jinja2 import Environment

from leadline.cards import visibility
from leadline.cards.models import Card
from leadline.cards.queries import CALLED
from leadline.delivery.models import Sender
from leadline.leads import trash
from leadline.routing.models import Notification, Ring
from leadline.web import access, help_texts, moments
from leadline.workspace.models import User, Workspace
from leadline.workspace.permissions import Action

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Entry:
    """One place in the rail: its name for `aria-current`, its address, who may see it."""

    key: str
    label: str | Promise
    route: str
    group: str | Promise
    action: Action | None = None
    shortcut: str = ""


ENTRIES = (
    Entry("today", _("Today"), "today", "", "see_leads", "g t"),
    Entry("leads", _("Leads"), "leads", "", "see_leads", "g l"),
    Entry("company", _("Companies"), "companies", "", "see_leads", "g c"),
    Entry("capture", _("Capture"), "capture", _("Build"), "see_capture", "g f"),
    Entry("scoring", _("Scoring"), "scoring", _("Build"), "see_scoring", "g s"),
    Entry("settings", _("Settings"), "settings", _("Manage"), None, "g ,"),
)


class Shell:
    """What stands around every page. Each part is asked for at most once, and only when shown."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        chosen = request.COOKIES.get("theme", "auto")
        self.theme = chosen if chosen in THEMES else "auto"

    @property
    def user(self) -> User | None:
        return self.request.user if self.request.user.is_authenticated else None

    @property
    def help(self) -> str:
        """What this screen is for, in at most 80 words; "" where nothing is said."""
        return str(help_texts.of(self.request))

    @property
    def is_viewing_as(self) -> bool:
        """Whether this is the demo's owner behind somebody else's eyes."""
        return access.VIEWING_AS in self.request.session

    @cached_property
    def workspace(self) -> Workspace | None:
        held = Sender.objects.filter(held_at__isnull=False)
        return Workspace.objects.annotate(sending_is_held=Exists(held)).first()

    @property
    def may_edit_settings(self) -> bool:
        return access.may(self.request, "edit_settings")

    @cached_property
    def entries(self) -> list[Entry]:
        return [e for e in ENTRIES if e.action is None or access.may(self.request, e.action)]

    @property
    def may_delete_leads(self) -> bool:
        return access.may(self.request, "delete_leads")

    @property
    def may_edit_leads(self) -> bool:
        return access.may(self.request, "edit_leads")

    @property
    def may_remove_files(self) -> bool:
        """Those of others; one's own everybody may."""
        return access.may(self.request, "assign_leads")

    @property
    def may_add_leads(self) -> bool:
        return access.may(self.request, "create_leads")

    @cached_property
    def notices(self) -> list[Notification]:
        """The reader's newest 20, read or not, about leads that are here. One query.

        Each knows the newest ring (what the page has heard already) and, where the reader may see
        the lead, what it is called.
        """
        if self.user is None:
            return []
        rung = Ring.objects.filter(user=OuterRef("user")).order_by("-id").values("id")[:1]
        seen = Card.objects.filter(visibility.leads_visible_to(self.user), pk=OuterRef("lead"))
        called = seen.values_list(CALLED)
        mine = Notification.objects.filter(user=self.user, in_bell=True)
        present = mine.exclude(trash.absent("lead")).annotate(
            ring=Subquery(rung), about=Subquery(called)
        )
        return list(present.order_by("-at", "-id")[:20])

    @property
    def newest_ring(self) -> int:
        """The newest ring that this page knows; 0: it asks for all."""
        return getattr(self.notices[0], "ring", None) or 0 if self.notices else 0

    @property
    def unread_count(self) -> int:
        return sum(1 for notice in self.notices if notice.read_at is None)


def render(  # request, template and what may be chosen about them
    request: HttpRequest,
    template: str,
    context: Mapping[str, object] | None = None,
    *,
    block: str | None = None,
    status: int = 200,
    now: datetime | None = None,
) -> HttpResponse:
    """The page, or only `block` of it (a fragment for htmx)."""
    values = {
        "request": request,
        "shell": Shell(request),
        "csrf_token": get_token(request),
        "nonce": str(getattr(request, "csp_nonce", "")),
        "language": get_language() or "en",
        "at": now or moments.now(),
        **(context or {}),
    }
    if block is None:
        text = _environment().get_template(template).render(values)
    else:
        text = jinja2_fragments.render_block(_environment(), template, block, values)
    response = HttpResponse(text, status=status)
    response["Vary"] = "Cookie, HX-Request"
    return response


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page (not when it restores one from history)."""
    headers = request.headers
    return bool(headers.get("HX-Request")) and not headers.get("HX-History-Restore-Request")


def _environment() -> Environment:
    engine = engines["jinja2"]
    assert isinstance(engine, Jinja2)
    return engine.env
