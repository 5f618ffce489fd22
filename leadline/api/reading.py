"""Reading leads: lists, one lead, its timeline, its score."""

import re
from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from leadline.api import callers, documents, hiding, problems, shapes
from leadline.api.callers import Caller
from leadline.api.problems import Problem, invalid
from leadline.cards import history, queries, sorts
from leadline.cards.queries import Listing
from leadline.criteria.nodes import Node
from leadline.leads.models import Binding, Lead
from leadline.lib import clock, email_address, json_text, phone_number, text
from leadline.scoring import queries as scoring
from leadline.timeline import moments
from leadline.timeline.moments import Kind, Moment
from leadline.workspace import permissions, settings

router = Router(tags=["Leads"])

PROBLEMS = dict.fromkeys((400, 401, 403, 404, 422, 429, 503), Problem)
Limit = Annotated[int, Query(ge=1, le=queries.MOST_ROWS)]
After = Annotated[str | None, Query(max_length=4_096, description="`next` of the page before")]


class Asked(Schema):
    """The parameters of a list."""

    email: shapes.Short | None = None
    user_id: shapes.Short | None = None
    anonymous_id: shapes.Short | None = None
    external_id: shapes.Short | None = None
    filter: Annotated[str, Field(max_length=20_000)] | None = Field(
        None, description='A criterion as JSON, such as `{"stage": "mql"}`'
    )
    search: Annotated[str, Field(max_length=200)] = Field(
        "", description="Parts of name, e-mail address, company, phone"
    )
    sort: Annotated[str, Field(max_length=20)] = Field(
        "-score", description=f"One of {', '.join(sorts.NAMES)}"
    )
    limit: Annotated[int, Field(ge=1, le=queries.MOST_ROWS)] = 50
    after: Annotated[str, Field(max_length=4_096)] | None = Field(
        None, description="`next` of the page before"
    )


@router.get("/leads", response={200: shapes.Leads, **PROBLEMS}, summary="List leads")
def list_leads(request: HttpRequest, asked: Query[Asked]) -> shapes.Leads:
    """Leads that you may see. With an identifier: the one lead that has it, or none."""
    caller = _reader(request, *Asked.model_fields)
    hidden = callers.hidden_from(caller)
    given = {
        kind: (field, value)
        for kind, field in _IDENTIFIERS.items()
        if (value := getattr(asked, field)) is not None
    }
    if given:
        only = documents.leads(_identified(caller, given), hidden=hidden)
        return shapes.Leads(items=only, next=None)
    listing = Listing(
        caller.user,
        clock.now(),
        _rule(asked.filter, hidden=hidden),
        search=asked.search,
        sort=asked.sort,
    )
    page = queries.page(listing, after=asked.after, limit=asked.limit)
    found = documents.leads([row.lead_id for row in page.rows], hidden=hidden)
    return shapes.Leads(items=found, next=page.next)


_IDENTIFIERS = {
    "email": "email", "user": "user_id", "anonymous": "anonymous_id", "external": "external_id",
}  # fmt: skip


@router.get("/leads/{uuid:lead_id}", response={200: shapes.Lead, **PROBLEMS}, summary="One lead")
def get_lead(request: HttpRequest, response: HttpResponse, lead_id: UUID) -> shapes.Lead:
    """The lead; its ETag goes into `If-Match` of a change."""
    caller = _reader(request)
    row = visible(caller, lead_id)
    response["ETag"] = etag(row)
    return documents.leads([row.pk], hidden=callers.hidden_from(caller))[0]


@router.get(
    "/leads/{uuid:lead_id}/timeline",
    response={200: shapes.Timeline, **PROBLEMS},
    summary="What happened",
)
def get_timeline(
    request: HttpRequest,
    lead_id: UUID,
    kind: Annotated[Kind | None, Query()] = None,
    limit: Limit = 50,
    after: After = None,
) -> shapes.Timeline:
    """Events, scores, stages, assignments, sends, consents, merges, notes, deals, newest first."""
    caller = _reader(request, "kind", "limit", "after")
    row = visible(caller, lead_id)
    kinds = moments.KINDS if kind is None else (kind,)
    page = history.page(row.pk, kinds=kinds, after=after, limit=limit)
    hidden = () if permissions.may(caller.user, "see_amounts") else ("amount_minor",)
    context = {"traits"} if callers.hidden_from(caller) else set()
    items = [_item(moment, without={*hidden, *context}) for moment in page.moments]
    return shapes.Timeline(items=items, next=page.next)


@router.get(
    "/leads/{uuid:lead_id}/score",
    response={200: shapes.ExplainedScore, **PROBLEMS},
    summary="The score, line by line",
)
def get_score(
    request: HttpRequest,
    lead_id: UUID,
    as_of: Annotated[
        str | None, Query(max_length=40, description="ISO 8601; now when it is missing")
    ] = None,
) -> shapes.ExplainedScore:
    """The score as it stands, or stood at an instant; the points of its lines add up to it."""
    row = visible(_reader(request, "as_of"), lead_id)
    try:
        # A "+" of a zone that nobody escaped arrives as a space.
        at = None if as_of is None else clock.parse_iso(_BARE_ZONE.sub(r"\1+\2", as_of))
    except clock.NotATime as error:
        raise invalid("?as_of", str(error)) from None
    found = scoring.explained(row.pk, as_of=at)
    if found is None:
        raise problems.Refusal(404, "The lead had no score yet.")
    return documents.explained(found)


def visible(caller: Caller, lead_id: UUID) -> Lead:
    """The lead if the caller may see it or what it was merged into; else 404, like a random id."""
    row = Lead.objects.filter(pk=lead_id).first()
    shown = row
    for _ in range(_MOST_MERGES):
        if shown is None or shown.merged_into_id is None:
            break
        shown = shown.merged_into
    # Asked in any case, so that a lead that is hidden takes no longer than one that is not there.
    card = queries.one(caller.user, lead_id if shown is None else shown.pk)
    if row is None or card is None:
        raise problems.not_found()
    return row


_BARE_ZONE = re.compile(r"([Tt][\d:.,]+) (\d\d:?\d\d)$")
_MOST_MERGES = 20
_NOBODYS = UUID(int=0)


def etag(row: Lead) -> str:
    """The version of a lead as an entity tag."""
    return f'"v{row.version}"'


def canonical(kind: str, value: str, *, pointer: str) -> str:
    """An identifier as bindings hold it. Raises Refusal 422 at the pointer."""
    try:
        if kind == "email":
            return email_address.canonical(value)
        if kind == "phone":
            return phone_number.canonical(value, region=settings.current().country or None)
    except (email_address.NotAnAddress, phone_number.NotAPhone) as error:
        raise invalid(pointer, str(error)) from None
    settled = text.clean(value).strip()
    if not settled:
        raise invalid(pointer, "There is nothing to be seen in it.")
    return settled


def _reader(request: HttpRequest, *known: str) -> Caller:
    """The caller of a read; parameters that the operation does not have are refused."""
    return callers.of(request, scope="leads:read", action="see_leads", known=known)


def _identified(caller: Caller, given: dict[str, tuple[str, str]]) -> list[UUID]:
    if len(given) > 1:
        raise invalid("?", "Give one identifier at a time.")
    kind, (field, value) = next(iter(given.items()))
    bound = Binding.objects.filter(
        kind=kind, value=canonical(kind, value, pointer=f"?{field}"), closed_at=None
    )
    lead_id = bound.values_list("lead", flat=True).first()
    # Asked in any case, so that a lead that is hidden takes no longer than one that is not there.
    card = queries.one(caller.user, lead_id or _NOBODYS)
    return [] if lead_id is None or card is None else [lead_id]


def _rule(written: str | None, *, hidden: frozenset[str]) -> Node | None:
    """The filter as a rule; raises Refusal 422."""
    if written is None:
        return None
    try:
        document = json_text.decode(written.encode("utf-8", "surrogatepass"))
    except json_text.NotJson as error:
        raise invalid("?filter", str(error)) from None
    if not isinstance(document, dict):
        raise invalid("?filter", "A filter is a JSON object.")
    return hiding.rule(document, hidden=hidden, pointer="?filter")


def _item(moment: Moment, *, without: Collection[str]) -> shapes.Item:
    return shapes.Item(
        id=str(moment.id),
        kind=moment.kind,
        name=moment.name,
        at=moment.at,
        received_at=moment.received_at,
        message_id=moment.message_id,
        properties={k: v for k, v in moment.properties.items() if k not in without},
        context={k: v for k, v in moment.context.items() if k not in without},
        sentence=moment.sentence,
        actor=moment.actor,
    )
