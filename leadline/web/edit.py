"""Editing in place: each value where it stands; a second save shows both values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leadline.cards import queries as cards
from leadline.flow import edits
from leadline.flow.edits import Place
from leadline.leads import by_hand_values as values
from leadline.leads import discretion
from leadline.leads.models import Binding, Lead
from leadline.lib import clock, text
from leadline.timeline import queries as timeline
from leadline.timeline.queries import Identifier
from leadline.web import access, pages
from leadline.workspace import field_values, fields, settings
from leadline.workspace.field_values import Shape
from leadline.workspace.models import Field, User

_LONGEST = 4_000


@dataclass(frozen=True)
class Shown:
    """One value as a page shows it. `of` names one of several addresses, 0 a new one."""

    lead_id: UUID
    place: Place
    value: object
    shape: Shape | None
    of: int = 0

    @property
    def text(self) -> str:
        """The value in words, without letters that hide or turn others."""
        return "" if self.value is None else _words(self.value, self.shape)

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
        return f"{self.place.name.replace('.', '-')}-{self.of}"


@dataclass(frozen=True)
class Group:
    """Values under one heading; those that are empty stand apart."""

    label: str
    filled: Sequence[Shown]
    empty: Sequence[Shown]


@dataclass(frozen=True)
class Sheet:
    """Everything about a lead that can be changed in place."""

    # The name where it is the heading of the page; else it stands among the others.
    heading: Shown | None
    reach: Sequence[Shown]
    company: Group
    groups: Sequence[Group]


@dataclass(frozen=True)
class Both:
    """Two values of one thing: what stands there now, who wrote it when, and what was typed."""

    theirs: str
    seen: str
    mine: str
    by: User | None
    at: datetime | None


def sheet(lead: Lead, *, known: Sequence[Identifier], heading: str) -> Sheet:
    """The values of a lead by group; `known` are its identifiers, `heading` its name on the page.

    Two queries.
    """
    top, reach, theirs = None, [], []
    groups: dict[str, list[Shown]] = {}
    for each in _all(lead, known):
        name = each.place.name
        if name in edits.IDENTIFIERS:
            reach.append(each)
        elif name.startswith("company."):
            theirs.append(each)
        elif name == "name" and each.text == heading:
            top = each
        else:
            groups.setdefault(each.group, []).append(each)
    rest = [_group(label, members) for label, members in groups.items()]
    return Sheet(top, reach, _group(_("Company"), theirs), rest)


@require_safe
@access.screen("see_leads")
def value(request: HttpRequest, lead_id: UUID, name: str) -> HttpResponse:
    """The value as it stands: what Escape goes back to."""
    lead, may_edit = _find(request, lead_id)
    context = {"shown": _one(lead, name, request.GET.get("of", "0")), "may_edit": may_edit}
    return pages.render(request, "edit_value.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_leads")
def edit(request: HttpRequest, lead_id: UUID, name: str) -> HttpResponse:
    """The little form in the place of a value; a POST saves it."""
    lead, may_edit = _find(request, lead_id)
    if not may_edit:
        raise PermissionDenied
    shown = _one(lead, name, request.GET.get("of", "0"))
    if request.method != "POST":
        return _form(request, shown, {"typed": _written(shown)})
    return _save(request, lead, shown)


def _save(request: HttpRequest, lead: Lead, shown: Shown) -> HttpResponse:
    """Save, and show the value with a tick; what cannot be saved stays in the form."""
    user, typed = access.reader(request), _typed(request, shown)
    try:
        seen = msgspec.json.decode(request.POST.get("seen", "null")[:_LONGEST])
        wanted = edits.read(shown.place, typed)
        edits.edit(lead.pk, shown.place, wanted, seen=seen, by=user, now=clock.now())
    except msgspec.DecodeError:
        return _form(request, shown, {"typed": typed, "problem": _("Open the page again.")}, 422)
    except edits.NotAValue as refusal:
        return _form(request, shown, {"typed": typed, "problem": refusal.reason}, 422)
    except values.Taken as refusal:
        return _form(request, shown, {"typed": typed, **_taken(user, refusal.lead_id)}, 422)
    except edits.Conflict as conflict:
        return _form(request, shown, {"typed": typed, "both": _both(shown, conflict, wanted)}, 409)
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("lead", args=[lead.pk]))
    saved = _saved(lead.pk, shown, wanted)
    context = {"shown": saved, "may_edit": True, "is_saved": True}
    return pages.render(request, "edit_value.html", context)


def _saved(lead_id: UUID, shown: Shown, wanted: object) -> Shown:
    """The value as it was stored; of an address the binding that it is now."""
    if shown.place.name not in edits.IDENTIFIERS:
        return Shown(lead_id, shown.place, wanted, shown.shape)
    mine = Binding.objects.filter(lead=lead_id, kind=shown.place.name, closed_at=None)
    of = mine.filter(value=wanted).values_list("pk", flat=True).first() or 0
    return Shown(lead_id, shown.place, wanted, None, of)


def _both(shown: Shown, conflict: edits.Conflict, wanted: object) -> Both:
    return Both(
        "" if conflict.current is None else _words(conflict.current, shown.shape),
        msgspec.json.encode(conflict.current).decode(),
        "" if wanted is None else _words(wanted, shown.shape),
        conflict.by,
        conflict.at,
    )


def _words(value: object, shape: Shape | None) -> str:
    return " ".join(text.clean(field_values.shown(value, shape)).split())


def _taken(user: User, lead_id: UUID) -> dict[str, object]:
    """Whose it is, for those who may see that lead; else only that it cannot be used."""
    card = cards.one(user, lead_id)
    if card is None:
        return {"problem": _("This cannot be used here. Ask who runs the workspace.")}
    return {"problem": _("This belongs to another lead."), "other": card}


def _form(
    request: HttpRequest, shown: Shown, context: dict[str, object], status: int = 200
) -> HttpResponse:
    whole = {"problem": "", "other": None, "both": None, "shown": shown, **context}
    template = "edit_form.html" if pages.wants_fragment(request) else "edit_page.html"
    return pages.render(request, template, whole, status=status)


def _find(request: HttpRequest, lead_id: UUID) -> tuple[Lead, bool]:
    user = access.reader(request)
    seen = cards.with_right(user, lead_id)
    if seen is None:
        raise Http404
    lead = Lead.objects.select_related("company").get(pk=lead_id)
    return discretion.without(lead, fields.hidden_from(user)), seen[1]


def _one(lead: Lead, name: str, of: str) -> Shown:
    known = timeline.identifiers(lead.pk)
    found = [each for each in _all(lead, known) if each.place.name == name]
    for each in found:
        if name not in edits.IDENTIFIERS or str(each.of) == of:
            return each
    if not found and name not in edits.IDENTIFIERS:
        raise Http404
    # Somebody closed that address meanwhile: saving will say so.
    return Shown(lead.pk, edits.places()[name], None, None)


def _all(lead: Lead, known: Sequence[Identifier]) -> list[Shown]:
    places = edits.places().values()
    asks = any(place.field and place.field.type == Field.Type.MONEY for place in places)
    currency = settings.current().currency if asks else ""
    found = []
    for place in places:
        if place.field is not None and place.name not in lead.hidden:
            shape = fields.shape_of(place.field, currency=currency)
            found.append(Shown(lead.pk, place, edits.current(lead, place.name), shape))
    for kind in edits.IDENTIFIERS:
        place = Place(kind, str({"email": _("E-mail"), "phone": _("Phone")}[kind]))
        mine = [each for each in known if each.kind == kind and each.is_open]
        found += [Shown(lead.pk, place, each.value, None, each.id) for each in mine]
        found.append(Shown(lead.pk, place, None, None))
    return found


def _group(label: str, members: Sequence[Shown]) -> Group:
    parts: tuple[list[Shown], list[Shown]] = ([], [])
    for each in members:
        parts[each.value in (None, "", [])].append(each)
    return Group(label, *parts)


def _typed(request: HttpRequest, shown: Shown) -> str | list[str]:
    if shown.type == "options":
        return [each[:_LONGEST] for each in request.POST.getlist("value")]
    return request.POST.get("value", "")[:_LONGEST]


def _written(shown: Shown) -> str | list[str]:
    """The value as the form's input holds it."""
    if isinstance(shown.value, list):
        return [str(each) for each in shown.value]
    if isinstance(shown.value, bool):
        return "true" if shown.value else "false"
    return "" if shown.value is None else str(shown.value)
