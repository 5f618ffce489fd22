"""Editing in place: each value where it stands; a second save shows both values."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leadline.cards import queries as cards
from leadline.flow import edits
from leadline.flow.edits import Place
from leadline.leads import by_hand_values as by_hand
from leadline.leads import discretion
from leadline.leads.models import Binding, Lead
from leadline.lib import clock
from leadline.timeline import queries as timeline
from leadline.timeline.queries import Identifier
from leadline.web import access, pages, values
from leadline.web.values import Group, Record, Shown
from leadline.workspace import fields, settings
from leadline.workspace.models import Field, User


@dataclass(frozen=True)
class Sheet:
    """Everything about a lead that can be changed in place."""

    # The name where it is the heading of the page; else it stands among the others.
    heading: Shown | None
    reach: Sequence[Shown]
    company: Group
    groups: Sequence[Group]


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
    rest = [values.group(label, members) for label, members in groups.items()]
    return Sheet(top, reach, values.group(_("Company"), theirs), rest)


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
        return values.form(request, shown, {"typed": values.written(shown)})
    return _save(request, lead, shown)


def _save(request: HttpRequest, lead: Lead, shown: Shown) -> HttpResponse:
    """Save, and show the value with a tick; what cannot be saved stays in the form."""
    user = access.reader(request)

    def change(wanted: object, seen: object) -> Shown:
        edits.edit(lead.pk, shown.place, wanted, seen=seen, by=user, now=clock.now())
        return _saved(lead.pk, shown, wanted)

    try:
        return values.save(request, shown, change)
    except by_hand.Taken as refusal:
        typed = values.typed(request, shown)
        return values.form(request, shown, {"typed": typed, **_taken(user, refusal.lead_id)}, 422)


def _saved(lead_id: UUID, shown: Shown, wanted: object) -> Shown:
    """The value as it was stored; of an address the binding that it is now."""
    if shown.place.name not in edits.IDENTIFIERS:
        return Shown(_record(lead_id), shown.place, wanted, shown.shape)
    mine = Binding.objects.filter(lead=lead_id, kind=shown.place.name, closed_at=None)
    of = mine.filter(value=wanted).values_list("pk", flat=True).first() or 0
    return Shown(_record(lead_id), shown.place, wanted, None, of)


def _taken(user: User, lead_id: UUID) -> dict[str, object]:
    """Whose it is, for those who may see that lead; else only that it cannot be used."""
    card = cards.one(user, lead_id)
    if card is None:
        return {"problem": _("This cannot be used here. Ask who runs the workspace.")}
    return {"problem": _("This belongs to another lead."), "other": card}


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
    return Shown(_record(lead.pk), edits.places()[name], None, None)


def _all(lead: Lead, known: Sequence[Identifier]) -> list[Shown]:
    places = edits.places().values()
    asks = any(place.field and place.field.type == Field.Type.MONEY for place in places)
    currency = settings.current().currency if asks else ""
    found = []
    for place in places:
        if place.field is not None and place.name not in lead.hidden:
            shape = fields.shape_of(place.field, currency=currency)
            found.append(Shown(_record(lead.pk), place, edits.current(lead, place.name), shape))
    for kind in edits.IDENTIFIERS:
        place = Place(kind, str({"email": _("E-mail"), "phone": _("Phone")}[kind]))
        mine = [each for each in known if each.kind == kind and each.is_open]
        found += [Shown(_record(lead.pk), place, each.value, None, each.id) for each in mine]
        found.append(Shown(_record(lead.pk), place, None, None))
    return found


def _record(lead_id: UUID) -> Record:
    return Record("lead", lead_id)
