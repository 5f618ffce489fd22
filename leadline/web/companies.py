"""Companies: the list, the page of one, the panel beside the list, its values where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from leadline.cards import companies, queries, sorts, time_box
from leadline.cards.companies import CompanyRow
from leadline.cards.queries import CardRow
from leadline.deals import sums
from leadline.deals.models import Deal
from leadline.deals.sums import Total
from leadline.flow import company_edits
from leadline.leads.models import Company, TraitValue
from leadline.lib import clock, text
from leadline.web import access, deal_values, pages, values
from leadline.web.deal_values import DealSheet
from leadline.web.values import Group, Record, Shown
from leadline.workspace import fields, permissions, reasons, settings

_ROWS = 50
_PEOPLE = 50
_CHANGES = 5
_NAME = "company.name"


@dataclass(frozen=True)
class Change:
    """What somebody said about the company; "" when they emptied it."""

    label: str
    value: str
    at: datetime


@dataclass(frozen=True)
class Sums:
    """What the reader's deals of a company come to."""

    open: Total
    won: Total


@dataclass(frozen=True)
class Sheet:
    """A company with what stands around it, as its page shows it."""

    row: CompanyRow
    company: Company
    heading: Shown | None
    groups: Sequence[Group]
    people: Sequence[CardRow]
    deals: Sequence[DealSheet]
    # None for who may not see amounts.
    sums: Sums | None
    may_edit: bool


@require_safe
@access.screen("see_leads")
def page(request: HttpRequest) -> HttpResponse:
    """Companies by name, with a search; the next page as a fragment or a plain link."""
    typed = text.clean(request.GET.get("q", ""), max_length=200).strip()
    found, problem = companies.Page([], None), ""
    try:
        found = companies.page(
            access.reader(request), typed=typed, after=request.GET.get("after"), limit=_ROWS
        )
    except (sorts.InvalidCursor, time_box.TooSlow) as refusal:
        problem = reasons.told(refusal)
    context = {"place": "company", "found": found, "typed": typed, "problem": problem}
    if pages.wants_fragment(request) and "after" in request.GET:
        return pages.render(request, "companies_rows.html", context)
    block = "found" if pages.wants_fragment(request) else None
    return pages.render(
        request, "companies.html", context, block=block, status=422 if problem else 200
    )


@require_safe
@access.screen("see_leads")
def company(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """One company: its values, its people that the reader may see, its deals."""
    found = _sheet(request, company_id)
    context = {"place": "company", "found": found, "changes": _changes(found)}
    block = "company" if pages.wants_fragment(request) else None
    return pages.render(request, "company.html", context, block=block)


@require_safe
@access.screen("see_leads")
def peek(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """The panel beside the list."""
    return pages.render(request, "company_peek.html", {"found": _sheet(request, company_id)})


@require_safe
@access.screen("see_leads")
def value(request: HttpRequest, company_id: UUID, name: str) -> HttpResponse:
    """The value as it stands: what Escape goes back to."""
    user = access.reader(request)
    shown = _one(request, company_id, name)
    context = {"shown": shown, "may_edit": companies.may_edit(user, company_id)}
    return pages.render(request, "edit_value.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_leads")
def edit(request: HttpRequest, company_id: UUID, name: str) -> HttpResponse:
    """The little form in the place of a value; a POST saves it."""
    user = access.reader(request)
    shown = _one(request, company_id, name)
    if not companies.may_edit(user, company_id):
        raise PermissionDenied
    if request.method != "POST":
        return values.form(request, shown, {"typed": values.written(shown)})

    def change(wanted: object, seen: object) -> Shown:
        company_edits.edit(company_id, shown.place, wanted, seen=seen, by=user, now=clock.now())
        return Shown(shown.record, shown.place, wanted, shown.shape)

    return values.save(request, shown, change)


def _sheet(request: HttpRequest, company_id: UUID) -> Sheet:
    user = access.reader(request)
    row = companies.one(user, company_id)
    if row is None:
        raise Http404
    deals, sees_amounts = companies.deals(user, company_id), permissions.may(user, "see_amounts")
    found = Company.objects.get(pk=company_id)
    groups: dict[str, list[Shown]] = {}
    heading = None
    for shown in _values(request, found):
        if shown.place.name == _NAME and shown.text:
            heading = shown
        else:
            groups.setdefault(shown.group, []).append(shown)
    return Sheet(
        row,
        found,
        heading,
        [values.group(label, members) for label, members in groups.items()],
        queries.of_company(user, company_id, limit=_PEOPLE),
        deal_values.sheets(user, deals),
        _sums(deals.order_by()) if sees_amounts else None,
        companies.may_edit(user, company_id),
    )


def _one(request: HttpRequest, company_id: UUID, name: str) -> Shown:
    if companies.one(access.reader(request), company_id) is None:
        raise Http404
    found = _values(request, Company.objects.get(pk=company_id))
    shown = next((each for each in found if each.place.name == name), None)
    if shown is None:
        raise Http404
    return shown


def _values(request: HttpRequest, company: Company) -> list[Shown]:
    """Every value that the reader may see. Three queries at most."""
    hidden = fields.hidden_from(access.reader(request))
    currency = settings.current().currency
    return [
        Shown(
            Record("company", company.pk),
            place,
            company_edits.current(company, name),
            fields.shape_of(place.field, currency=currency),
        )
        for name, place in company_edits.places().items()
        if place.field is not None and name not in hidden
    ]


def _changes(sheet: Sheet) -> list[Change]:
    """What was said about the company lately, as far as the reader may see it. One query."""
    known = {
        each.place.name: each for group in sheet.groups for each in (*group.filled, *group.empty)
    }
    if sheet.heading is not None:
        known[_NAME] = sheet.heading
    said = TraitValue.objects.filter(company=sheet.row.company_id, name__in=list(known))
    newest = said.filter(took_effect=True).order_by("-id")[:_CHANGES]
    return [
        Change(
            known[row.name].place.label,
            "" if row.value is None else values.words(row.value, known[row.name].shape),
            row.known_at,
        )
        for row in newest
    ]


def _sums(deals: QuerySet[Deal]) -> Sums:
    return Sums(sums.of_open(deals, now=clock.now()), sums.of_won(deals))
