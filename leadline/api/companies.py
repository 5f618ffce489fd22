"""Companies: listed, read and changed. Who may see a lead there may see the company."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from leadline.api import callers, reading, shapes, writing
from leadline.api.callers import Caller
from leadline.api.problems import Refusal, invalid
from leadline.cards import companies as cards
from leadline.cards.companies import CompanyRow
from leadline.flow import company_edits, edits
from leadline.leads import locks
from leadline.leads.models import Company
from leadline.lib import clock

router = Router(tags=["Companies"])


@router.get(
    "/companies",
    response={200: shapes.Companies, **reading.PROBLEMS},
    summary="List companies",
)
def list_companies(
    request: HttpRequest,
    search: Annotated[str, Query(max_length=200, description="Parts of name and domain")] = "",
    limit: reading.Limit = 50,
    after: reading.After = None,
) -> shapes.Companies:
    """Companies at which you may see somebody, by name."""
    caller = _reader(request, "search", "limit", "after")
    page = cards.page(caller.user, typed=search, after=after, limit=limit)
    return shapes.Companies(items=_documents(caller, page.rows), next=page.next)


@router.get(
    "/companies/{uuid:company_id}",
    response={200: shapes.CompanyRecord, **reading.PROBLEMS},
    summary="One company",
)
def get_company(
    request: HttpRequest, response: HttpResponse, company_id: UUID
) -> shapes.CompanyRecord:
    """The company; its ETag goes into `If-Match` of a change."""
    caller = _reader(request)
    row = _visible(caller, company_id)
    response["ETag"] = etag(Company.objects.get(pk=company_id), hidden=callers.hidden_from(caller))
    return _documents(caller, [row])[0]


@router.patch(
    "/companies/{uuid:company_id}",
    response={200: shapes.CompanyRecord, **writing.PROBLEMS},
    summary="Change a company",
)
def change_company(
    request: HttpRequest,
    response: HttpResponse,
    company_id: UUID,
    body: shapes.CompanyPatch,
    if_match: writing.IfMatch = None,
) -> shapes.CompanyRecord:
    """Changes what is named and nothing else, for everybody who works there.

    409 when `If-Match` is not the current ETag, with the values that stand there now."""
    caller = callers.of(request, scope="leads:write", action="edit_leads")
    with transaction.atomic():
        locks.passing()
        _visible(caller, company_id)
        if not cards.may_edit(caller.user, company_id):
            raise Refusal(403, "You may see this company, but not change it.")
        company = Company.objects.select_for_update().get(pk=company_id)
        hidden = callers.hidden_from(caller)
        if if_match is not None and if_match.strip() not in ("*", etag(company, hidden=hidden)):
            raise _changed_meanwhile(company, body, hidden=hidden)
        _change(caller, company, body)
    response["ETag"] = etag(Company.objects.get(pk=company_id), hidden=hidden)
    return _documents(caller, [_visible(caller, company_id)])[0]


def etag(company: Company, *, hidden: Collection[str]) -> str:
    """Everything that the caller may see and change of a company, as an entity tag.

    A hidden value is not in it: the tag of every value that it could have is soon worked out.
    """
    seen = _seen(company, hidden=hidden)
    said = msgspec.json.encode([company.name, seen], order="sorted")
    return f'"c{hashlib.sha256(said).hexdigest()[:16]}"'


def _change(caller: Caller, company: Company, body: shapes.CompanyPatch) -> None:
    """All values through the same verb as the screen's, over what stands there."""
    places, hidden = company_edits.places(), callers.hidden_from(caller)
    wanted = dict(body.traits) | ({"name": body.name} if body.name is not None else {})
    read: dict[str, tuple[edits.Place, object]] = {}
    for short, written in wanted.items():
        name, pointer = company_edits.PREFIX + short, _pointer(short)
        if name not in places or name in hidden:
            raise invalid(pointer, "There is no such field of companies that can be changed.")
        try:
            read[name] = places[name], edits.read(places[name], written)
        except edits.NotAValue as refusal:
            raise invalid(pointer, refusal.reason) from None
    try:
        company_edits.edit_many(company.pk, read, by=caller.user, now=clock.now())
    except company_edits.Taken as refusal:
        short = refusal.name.removeprefix(company_edits.PREFIX)
        raise invalid(_pointer(short), refusal.reason) from None


def _changed_meanwhile(
    company: Company, body: shapes.CompanyPatch, *, hidden: Collection[str]
) -> Refusal:
    """The values that stand there, of what was to be changed."""
    shorts = [*body.traits, *(["name"] if body.name is not None else [])]
    both = [
        (_pointer(short), f"It is {_json(company_edits.current(company, name))} now.")
        for short in shorts
        if (name := company_edits.PREFIX + short) not in hidden
    ]
    detail = "The company was changed in the meantime; read it again."
    return Refusal(409, detail, errors=both, headers={"ETag": etag(company, hidden=hidden)})


def _pointer(short: str) -> str:
    if short == "name":
        return "/name"
    return "/traits/" + short[:80].replace("~", "~0").replace("/", "~1")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _visible(caller: Caller, company_id: UUID) -> CompanyRow:
    row = cards.one(caller.user, company_id)
    if row is None:
        raise Refusal(404, "There is no such company, or you may not see it.")
    return row


def _reader(request: HttpRequest, *known: str) -> Caller:
    return callers.of(request, scope="leads:read", action="see_leads", known=known)


def _documents(caller: Caller, found: Sequence[CompanyRow]) -> list[shapes.CompanyRecord]:
    """The companies as they go out, without the fields that the caller may not see."""
    hidden = callers.hidden_from(caller)
    known = Company.objects.in_bulk([row.company_id for row in found])
    return [
        shapes.CompanyRecord(
            id=row.company_id,
            name=row.name,
            domain=row.domain or None,
            external_id=known[row.company_id].external_id,
            traits=_seen(known[row.company_id], hidden=hidden),
            lead_count=row.lead_count,
            open_deal_count=row.open_deal_count,
            created_at=known[row.company_id].created_at,
        )
        for row in found
        if row.company_id in known
    ]


def _seen(company: Company, *, hidden: Collection[str]) -> dict[str, object]:
    return {
        name: value
        for name, value in company.traits.items()
        if company_edits.PREFIX + name not in hidden
    }
