"""Deals: listed, read, stated and changed. Amounts are absent for roles that may not see them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router
from ninja.responses import Status

from leadline.api import callers, deal_shapes, problems, reading, writing
from leadline.api.callers import Caller
from leadline.api.deal_shapes import DealIn, DealPatch
from leadline.api.problems import Refusal, invalid
from leadline.api.shapes import Person
from leadline.cards import deals as cards
from leadline.cards import queries, time_box
from leadline.deals import values
from leadline.deals.deals import Entry, NotADeal
from leadline.deals.models import Deal
from leadline.flow import deals as flow
from leadline.flow.deals import Wanted
from leadline.leads import locks
from leadline.lib import clock
from leadline.workspace import permissions, settings
from leadline.workspace.fields import DEAL

router = Router(tags=["Deals"])
_BECAUSE = "set through the API"


@router.get(
    "/deals", response={200: deal_shapes.Deals, **reading.PROBLEMS}, summary="List deals",
    exclude_unset=True,
)  # fmt: skip
def list_deals(
    request: HttpRequest,
    lead: Annotated[UUID | None, Query()] = None,
    state: Annotated[deal_shapes.State | None, Query()] = None,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    limit: reading.Limit = 50,
    after: Annotated[UUID | None, Query(description="`next` of the page before")] = None,
) -> deal_shapes.Deals:
    """Deals of leads that you may see, the newest first."""
    caller = _reader(request, "lead", "state", "external_id", "limit", "after")
    asked = {"lead": lead, "state": state, "external_id": external_id, "pk__lt": after}
    given = {name: value for name, value in asked.items() if value is not None}
    mine = cards.visible_to(caller.user).filter(**given).select_related("owner")
    with time_box.at_most():
        found = list(mine.order_by("-id")[: limit + 1])
    items = _documents(caller, found[:limit])
    return deal_shapes.Deals(items=items, next=found[limit - 1].pk if len(found) > limit else None)


@router.get(
    "/deals/{uuid:deal_id}", response={200: deal_shapes.Deal, **reading.PROBLEMS},
    summary="One deal", exclude_unset=True,
)  # fmt: skip
def get_deal(request: HttpRequest, deal_id: UUID) -> deal_shapes.Deal:
    """The deal, if you may see its lead."""
    caller = _reader(request)
    return _documents(caller, [_visible(caller, deal_id)])[0]


@router.post(
    "/deals", response={200: deal_shapes.Deal, 201: deal_shapes.Deal, **writing.PROBLEMS},
    summary="Create a deal, or bring the one with an external id up to date", exclude_unset=True,
)  # fmt: skip
def create_deal(request: HttpRequest, body: DealIn) -> Status[deal_shapes.Deal]:
    """201 with a new deal; 200 when the external id was known. The same again changes nothing."""
    caller = _writer(request, body)
    try:
        with transaction.atomic():
            locks.passing()
            known, now = _known(body), clock.now()
            _refuse_foreign(caller, body, known)
            found = flow.state(_entry(caller, body, known, now=now), because=_BECAUSE, now=now)
    except (NotADeal, values.Misfit) as error:
        raise _refused(error) from None
    document = _documents(caller, [_visible(caller, found.deal_id)])[0]
    return Status(201 if found.is_new else 200, document)


@router.patch(
    "/deals/{uuid:deal_id}", response={200: deal_shapes.Deal, **writing.PROBLEMS},
    summary="Change a deal", exclude_unset=True,
)  # fmt: skip
def change_deal(request: HttpRequest, deal_id: UUID, body: DealPatch) -> deal_shapes.Deal:
    """Changes what is named and nothing else; null empties a field."""
    caller = _writer(request, body)
    said = body.model_dump(exclude_unset=True)
    said["closed_at"] = _instant(body.closed_at, "/closed_at")
    try:
        with transaction.atomic():
            locks.passing()
            if not cards.may_edit(caller.user, _visible(caller, deal_id)):
                raise Refusal(403, "You may see this deal, but not change it.")
            flow.change(deal_id, Wanted(**said), because=_BECAUSE, now=clock.now())
    except (NotADeal, values.Misfit) as error:
        raise _refused(error) from None
    return _documents(caller, [_visible(caller, deal_id)])[0]


def _reader(request: HttpRequest, *known: str) -> Caller:
    return callers.of(request, scope="leads:read", action="see_leads", known=known)


def _writer(request: HttpRequest, body: DealIn | DealPatch) -> Caller:
    """Whoever may not see an amount or a field may not set it."""
    caller = callers.of(request, scope="leads:write", action="edit_leads")
    money = sorted(_MONEY & body.model_fields_set)
    if money and not permissions.may(caller.user, "see_amounts"):
        raise invalid(f"/{money[0]}", "Your role may not see amounts, so it may not set them.")
    hidden = _hidden_from(caller)
    for name in body.traits:
        if DEAL + name in hidden:
            raise invalid(f"/traits/{name}", "You may not see this field, so you may not set it.")
    return caller


def _hidden_from(caller: Caller) -> frozenset[str]:
    """Fields that are sensitive, and those of money for who may not see what deals are worth."""
    return callers.hidden_from(caller) | values.amounts_hidden_from(caller.user)


def _visible(caller: Caller, deal_id: UUID) -> Deal:
    found = cards.visible_to(caller.user).select_related("owner").filter(pk=deal_id).first()
    if found is None:
        raise Refusal(404, "There is no such deal, or you may not see it.")
    return found


def _known(body: DealIn) -> Deal | None:
    """The deal of this external id, locked: what is not said again is written as it stands."""
    if body.external_id is None:
        return None
    return Deal.objects.select_for_update().filter(external_id=body.external_id).first()


def _refuse_foreign(caller: Caller, body: DealIn, known: Deal | None) -> None:
    """The lead must be the caller's to change, and so must the deal that is known already."""
    if body.lead is not None and queries.one(caller.user, body.lead) is None:
        raise invalid("/lead", "There is no such lead, or you may not see it.")
    if body.lead is not None and not queries.may_edit(caller.user, body.lead):
        raise Refusal(403, "You may see this lead, but not change it.")
    if known is None:
        return
    if not (cards.visible_to(caller.user).filter(pk=known.pk).exists()
            and cards.may_edit(caller.user, known)):  # fmt: skip
        detail = "This external id belongs to a deal that you may not change."
        raise Refusal(409, detail, errors=[("/external_id", detail)])


def _entry(caller: Caller, body: DealIn, known: Deal | None, *, now: datetime) -> Entry:
    """The deal as it is stated; what is known already and not said again stays."""
    entry = Entry(
        currency=body.currency or settings.current().currency,
        opened_at=_instant(body.opened_at, "/opened_at") or now,
        external_id=body.external_id,
        lead_id=body.lead,
        owner_id=caller.user.pk,
        name=body.name,
        amount_minor=body.amount_minor,
        state=body.state,
        reason=body.reason,
        traits=body.traits,
    )
    if known is not None:
        said = {_COLUMNS.get(name, name) for name in body.model_fields_set}
        kept = {name: getattr(known, name) for name in _KEPT if name not in said}
        entry = msgspec.structs.replace(entry, **kept)
    closed_at = _closed_at(body, known, state=entry.state, now=now)
    return msgspec.structs.replace(entry, closed_at=closed_at)


_MONEY = {"amount_minor", "currency"}
_COLUMNS = {"lead": "lead_id"}
_KEPT = ("currency", "opened_at", "lead_id", "company_id", "owner_id", "name", "amount_minor",
         "state", "reason")  # fmt: skip


def _closed_at(body: DealIn, known: Deal | None, *, state: str, now: datetime) -> datetime | None:
    """When it was closed as far as anybody has said, else now; an open deal is not closed."""
    said = _instant(body.closed_at, "/closed_at")
    if said is not None or state == Deal.State.OPEN:
        return said
    return known.closed_at if known is not None and known.closed_at is not None else now


def _instant(written: str | None, pointer: str) -> datetime | None:
    try:
        return None if written is None else clock.parse_iso(written)
    except clock.NotATime as error:
        raise invalid(pointer, str(error)) from None


def _refused(error: NotADeal | values.Misfit) -> Refusal:
    if isinstance(error, values.Misfit):
        name = error.name[:80].replace("~", "~0").replace("/", "~1")
        return invalid(f"/traits/{name}", error.reason)
    return problems.invalid("", str(error))


def _documents(caller: Caller, found: Iterable[Deal]) -> list[deal_shapes.Deal]:
    hidden, sees_amounts = _hidden_from(caller), permissions.may(caller.user, "see_amounts")
    return [_document(deal, hidden=hidden, sees_amounts=sees_amounts) for deal in found]


def _document(deal: Deal, *, hidden: frozenset[str], sees_amounts: bool) -> deal_shapes.Deal:
    owner = deal.owner
    amount: dict[str, Any] = {"amount_minor": deal.amount_minor} if sees_amounts else {}
    return deal_shapes.Deal(
        id=deal.pk,
        external_id=deal.external_id,
        name=deal.name,
        state=cast(deal_shapes.State, deal.state),
        reason=deal.reason,
        currency=deal.currency,
        lead=deal.lead_id,
        company=deal.company_id,
        owner=None if owner is None else Person(id=owner.pk, email=owner.email, name=str(owner)),
        opened_at=deal.opened_at,
        closed_at=deal.closed_at,
        traits={name: v for name, v in deal.traits.items() if DEAL + name not in hidden},
        **amount,
    )
