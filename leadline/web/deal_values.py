"""Deals on the pages of their lead and their company, their values edited where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from leadline.cards import deals as cards
from leadline.deals.models import Deal
from leadline.flow import deal_edits
from leadline.flow.edits import Place
from leadline.lib import clock
from leadline.lib.money import Money
from leadline.web import access, labels, pages, values
from leadline.web.values import Group, Record, Shown
from leadline.workspace import fields, permissions, settings, spoken
from leadline.workspace.models import User

_MOST = 20


@dataclass(frozen=True)
class DealSheet:
    """A deal as a page shows it. `amount` is "" for who may not see it."""

    name: str
    state: str
    amount: str
    opened_at: datetime
    values: Group
    may_edit: bool


def of_lead(user: User, lead_id: UUID) -> list[DealSheet]:
    """The newest deals of a lead that the user may see."""
    return sheets(user, cards.visible_to(user).filter(lead=lead_id).order_by("-opened_at", "-id"))


def sheets(user: User, deals: QuerySet[Deal]) -> list[DealSheet]:
    """The first of these deals, all of which the user may see. One query, three more when there are
    some."""
    found = list(deals[:_MOST])
    if not found:
        return []
    theirs = cards.editable(user, found)
    places, currency = list(deal_edits.places(user).values()), settings.current().currency
    sees_amounts = permissions.may(user, "see_amounts")
    return [
        DealSheet(
            deal.name,
            labels.of(labels.DEAL_STATES, deal.state),
            _amount(deal) if sees_amounts else "",
            deal.opened_at,
            values.group("", _values(deal, places, currency=currency)),
            deal.pk in theirs,
        )
        for deal in found
    ]


@require_safe
@access.screen("see_leads")
def value(request: HttpRequest, deal_id: UUID, name: str) -> HttpResponse:
    """The value as it stands: what Escape goes back to."""
    deal, shown = _find(request, deal_id, name)
    context = {"shown": shown, "may_edit": cards.may_edit(access.reader(request), deal)}
    return pages.render(request, "edit_value.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_leads")
def edit(request: HttpRequest, deal_id: UUID, name: str) -> HttpResponse:
    """The little form in the place of a value; a POST saves it."""
    user = access.reader(request)
    deal, shown = _find(request, deal_id, name)
    if not cards.may_edit(user, deal):
        raise PermissionDenied
    if request.method != "POST":
        return values.form(request, shown, {"typed": values.written(shown)})

    def change(wanted: object, seen: object) -> Shown:
        deal_edits.edit(deal.pk, shown.place, wanted, seen=seen, by=user, now=clock.now())
        return Shown(shown.record, shown.place, wanted, shown.shape)

    return values.save(request, shown, change)


def _find(request: HttpRequest, deal_id: UUID, name: str) -> tuple[Deal, Shown]:
    """The deal and the value of it; 404 for one of no lead and no company, which is on no page."""
    user = access.reader(request)
    deal = cards.visible_to(user).exclude(lead=None, company=None).filter(pk=deal_id).first()
    place = deal_edits.places(user).get(name)
    if deal is None or place is None:
        raise Http404
    return deal, _values(deal, [place], currency=settings.current().currency)[0]


def _values(deal: Deal, places: Sequence[Place], *, currency: str) -> list[Shown]:
    record = Record("deal", deal.pk, deal.lead_id, deal.company_id)
    return [
        Shown(
            record,
            place,
            deal_edits.current(deal, place.name),
            fields.shape_of(place.field, currency=currency),
        )
        for place in places
        if place.field is not None
    ]


def _amount(deal: Deal) -> str:
    if deal.amount_minor is None:
        return ""
    return spoken.amount(Money(deal.amount_minor, deal.currency))
