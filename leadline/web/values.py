"""One value where it stands: as a page shows it, as a form in its place, twice in a conflict.

The same for a lead, a company and a deal; who may change what is theirs to say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from leadline.flow import edits
from leadline.flow.edits import Conflict, Place
from leadline.lib import clock, text
from leadline.lib.said_date import NotADate
from leadline.web import due_dates, pages
from leadline.workspace import spoken
from leadline.workspace.field_values import Shape
from leadline.workspace.models import User

_LONGEST = 4_000


@dataclass(frozen=True)
class Record:
    """What the values belong to, and the routes of its page, of a value and of its form."""

    kind: Literal["lead", "company", "deal"]
    id: UUID
    # Whose page shows it, where that is not its own: a deal stands on its lead's, or, when it has
    # none, on its company's.
    lead_id: UUID | None = None
    company_id: UUID | None = None

    @property
    def page_route(self) -> str:
        return "lead" if self.lead_id else "company" if self.company_id else self.kind

    @property
    def page_id(self) -> UUID:
        return self.lead_id or self.company_id or self.id

    @property
    def value_route(self) -> str:
        return "show_value" if self.kind == "lead" else f"show_{self.kind}_value"

    @property
    def edit_route(self) -> str:
        return "edit_value" if self.kind == "lead" else f"edit_{self.kind}_value"


@dataclass(frozen=True)
class Shown:
    """One value as a page shows it. `of` names one of several addresses, 0 a new one."""

    record: Record
    place: Place
    value: object
    shape: Shape | None
    of: int = 0

    @property
    def text(self) -> str:
        """The value in words, without letters that hide or turn others."""
        return "" if self.value is None else words(self.value, self.shape)

    @property
    def seen(self) -> str:
        """The value as JSON: what a change is based on."""
        return msgspec.json.encode(self.value).decode()

    @property
    def type(self) -> str:
        return self.shape.type if self.shape else self.place.name

    @property
    def group(self) -> str:
        return self.place.field.group if self.place.field else ""

    @property
    def key(self) -> str:
        key = f"{self.place.name.replace('.', '-')}-{self.of}"
        # A page shows several deals, but one lead or company.
        return f"{key}-{self.record.id}" if self.record.kind == "deal" else key


@dataclass(frozen=True)
class Group:
    """Values under one heading; those that are empty stand apart."""

    label: str
    filled: Sequence[Shown]
    empty: Sequence[Shown]


@dataclass(frozen=True)
class Both:
    """Two values of one thing: what stands there now, who wrote it when, and what was typed."""

    theirs: str
    seen: str
    mine: str
    by: User | None
    at: datetime | None


def seen(request: HttpRequest) -> object:
    """What the change is based on. Raises msgspec.DecodeError."""
    return msgspec.json.decode(request.POST.get("seen", "null")[:_LONGEST])


def typed(request: HttpRequest, shown: Shown) -> str | list[str]:
    if shown.type == "options":
        return [each[:_LONGEST] for each in request.POST.getlist("value")]
    return request.POST.get("value", "")[:_LONGEST]


def written(shown: Shown) -> str | list[str]:
    """The value as the form's input holds it."""
    if isinstance(shown.value, list):
        return [str(each) for each in shown.value]
    if isinstance(shown.value, bool):
        return "true" if shown.value else "false"
    if shown.value is None:
        return ""
    return due_dates.typed_day(shown.value) if shown.type == "date" else str(shown.value)


def _as_stored(shown: Shown, written: str | list[str]) -> str | list[str]:
    """What was typed; a day as people say it becomes a date. Raises NotADate."""
    if shown.type != "date" or isinstance(written, list) or not written.strip():
        return written
    return due_dates.read_day(written, now=clock.now()).isoformat()


def both(shown: Shown, conflict: Conflict, wanted: object) -> Both:
    return Both(
        "" if conflict.current is None else words(conflict.current, shown.shape),
        msgspec.json.encode(conflict.current).decode(),
        "" if wanted is None else words(wanted, shown.shape),
        conflict.by,
        conflict.at,
    )


def words(value: object, shape: Shape | None) -> str:
    return " ".join(text.clean(spoken.value(value, shape)).split())


def save(
    request: HttpRequest, shown: Shown, change: Callable[[object, object], Shown]
) -> HttpResponse:
    """Save what was typed by `change(wanted, seen)`, which gives the value as it is shown from now.

    What cannot be saved stays in the form, with the reason; in a conflict both values are shown.
    """
    written_so = typed(request, shown)

    def again(status: int = 422, **said: object) -> HttpResponse:
        return form(request, shown, {"typed": written_so, **said}, status)

    try:
        wanted = edits.read(shown.place, _as_stored(shown, written_so))
        saved = change(wanted, seen(request))
    except msgspec.DecodeError:
        return again(problem=_("Open the page again."))
    except NotADate as refusal:
        return again(problem=due_dates.problem(refusal))
    except edits.NotAValue as refusal:
        return again(problem=refusal.reason)
    except edits.Conflict as conflict:
        return again(409, both=both(shown, conflict, wanted))
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse(shown.record.page_route, args=[shown.record.page_id]))
    context = {"shown": saved, "may_edit": True, "is_saved": True}
    return pages.render(request, "edit_value.html", context)


def form(
    request: HttpRequest, shown: Shown, context: dict[str, object], status: int = 200
) -> HttpResponse:
    whole = {"problem": "", "other": None, "both": None, "shown": shown, **context}
    template = "edit_form.html" if pages.wants_fragment(request) else "edit_page.html"
    return pages.render(request, template, whole, status=status)


def group(label: str, members: Sequence[Shown]) -> Group:
    parts: tuple[list[Shown], list[Shown]] = ([], [])
    for each in members:
        parts[each.value in (None, "", [])].append(each)
    return Group(label, *parts)
