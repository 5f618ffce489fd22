"""Creating and changing leads: through the same steps as everything that arrives."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Header
from ninja.responses import Status

from leadline.api import callers, documents, hiding, problems, reading, shapes, submitting
from leadline.api.callers import Caller
from leadline.api.problems import Problem, Refusal, invalid
from leadline.api.submitting import Arrived
from leadline.capture import traits
from leadline.cards import queries
from leadline.flow import edits, intake, reactions
from leadline.leads import locks
from leadline.leads.models import Lead
from leadline.lib import clock, ids
from leadline.lifecycle import standings
from leadline.routing import assignments
from leadline.workspace import permissions
from leadline.workspace.models import User

# One path, one router: Django asks the first that has the path, whatever the method.
router = reading.router

PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503), Problem)
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", max_length=100, pattern="^[!-~]+$",
        description="Sending the same again with the same key has no second effect",
    ),
]  # fmt: skip
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=100, description="The ETag that the change is based on"),
]


@router.post(
    "/leads",
    response={200: shapes.Lead, 201: shapes.Lead, **PROBLEMS},
    summary="Create a lead, or add to the one that has an identifier",
)
def create_lead(
    request: HttpRequest,
    response: HttpResponse,
    body: shapes.LeadIn,
    idempotency_key: IdempotencyKey = None,
) -> Status[shapes.Lead]:
    """201 with a new lead; 200 when one of the identifiers was known, or the key was repeated.

    A trusted statement: identifiers of two leads in one body merge them.
    """
    caller = _writer(request, action="create_leads")
    now = clock.now()
    arrived = _arrived(caller, request, now=now, message_id=idempotency_key)
    submission = submitting.of_body(body, arrived=arrived)
    hidden = _refuse_hidden(caller, body)
    with transaction.atomic():
        locks.passing()
        known = submitting.known_leads(submission)
        _may_change(caller, known)
        outcome = intake.run([submission], now=now)
    if not outcome.is_new[0]:
        lead_id = submitting.repeated(submission, known)
    else:
        lead_id = outcome.lead_ids[0]
    if lead_id is None:
        raise Refusal(409, "This Idempotency-Key was used for something else.")
    response["ETag"] = reading.etag(Lead.objects.get(pk=lead_id))
    is_created = lead_id in outcome.created_lead_ids
    return Status(201 if is_created else 200, documents.leads([lead_id], hidden=hidden)[0])


@router.patch(
    "/leads/{uuid:lead_id}", response={200: shapes.Lead, **PROBLEMS}, summary="Change a lead"
)
def change_lead(
    request: HttpRequest,
    response: HttpResponse,
    lead_id: UUID,
    body: shapes.LeadPatch,
    if_match: IfMatch = None,
) -> shapes.Lead:
    """Changes what is named and nothing else; null empties a trait.

    409 when `If-Match` is not the current ETag, with the values that stand there now."""
    caller = _writer(request, action="edit_leads")
    now, hidden = clock.now(), _refuse_hidden(caller, body)
    with transaction.atomic():
        locks.passing()
        locks.hold([lead_id])
        row = reading.visible(caller, lead_id)
        if row.merged_into_id is not None:
            raise Refusal(409, f"The lead was merged into {row.merged_into_id}.")
        if not queries.may_edit(caller.user, lead_id):
            raise Refusal(403, "You may see this lead, but not change it.")
        if if_match is not None and if_match.strip() not in ("*", reading.etag(row)):
            raise _changed_meanwhile(row, body)
        _say(row, body, arrived=_arrived(caller, request, now=now))
        _clear(caller, row, body, now=now)
        _decide(caller, row, body, now=now)
    response["ETag"] = reading.etag(Lead.objects.get(pk=lead_id))
    return documents.leads([lead_id], hidden=hidden)[0]


def _changed_meanwhile(row: Lead, body: shapes.LeadPatch) -> Refusal:
    """Both values of what was to be changed, so that nothing of either is lost."""
    both = [
        (f"/traits/{name}", f"It is {msgspec.json.encode(row.traits.get(name)).decode()} now.")
        for name in body.traits
    ]
    detail = f"The lead is at version {row.version} now; read it again."
    return Refusal(409, detail, errors=both, headers={"ETag": reading.etag(row)})


def id_of(caller: Caller, what: str, key: str) -> UUID:
    """One id per caller and key, so that the second request finds what the first has made."""
    return uuid5(NAMESPACE_URL, f"{what}:{caller.source}:{key}")


def _writer(request: HttpRequest, *, action: permissions.Action) -> Caller:
    return callers.of(request, scope="leads:write", action=action)


def _refuse_hidden(caller: Caller, body: shapes.LeadIn | shapes.LeadPatch) -> frozenset[str]:
    """The fields that the caller may not see; whoever may not see one may not set it either."""
    hidden = callers.hidden_from(caller)
    named = {*traits.of_person(body.traits).traits, *traits.emptied(body.traits)}
    for name in sorted(named):
        hiding.refuse(name, hidden=hidden, pointer=f"/traits/{name}")
    return hidden


def _may_change(caller: Caller, lead_ids: Mapping[UUID, str]) -> None:
    for lead_id, pointer in lead_ids.items():
        if not queries.may_edit(caller.user, lead_id):
            detail = "This identifier belongs to a lead that you may not change."
            raise Refusal(409, detail, errors=[(pointer, detail)])


def _arrived(
    caller: Caller, request: HttpRequest, *, now: datetime, message_id: str | None = None
) -> Arrived:
    identity = message_id or f"auto-{ids.uuid7()}"
    return Arrived(caller.source, identity, request.body.decode(), now)


def _say(row: Lead, body: shapes.LeadPatch, *, arrived: Arrived) -> None:
    """Traits and consents, as a statement about the lead that wakes nobody."""
    if body.consents or any(value is not None for value in body.traits.values()):
        submission = submitting.of_patch(row.pk, body, arrived=arrived)
        intake.run([submission], now=arrived.now)


def _clear(caller: Caller, row: Lead, body: shapes.LeadPatch, *, now: datetime) -> None:
    """Empty the traits that are null."""
    names = traits.emptied(body.traits)
    try:
        if names:
            edits.clear(row.pk, names, by=caller.user, now=now)
    except edits.NotAValue as error:
        raise invalid("/traits", error.reason) from None


def _decide(caller: Caller, row: Lead, body: shapes.LeadPatch, *, now: datetime) -> None:
    """Stage and owner, as a person's decision."""
    by = caller.user.pk
    reason = body.reason or "set through the API"
    if body.stage is not None:
        try:
            reactions.set_stage(row.pk, body.stage, by=by, reason=reason, now=now)
        except standings.UnknownStage as error:
            raise invalid("/stage", str(error)) from None
    if "owner" not in body.model_fields_set:
        return
    owner = _owner(caller, row, body.owner)
    try:
        owner_id = None if owner is None else owner.pk
        reactions.assign(row.pk, owner_id, by=by, because=reason, now=now)
    except assignments.NotAssignable as error:
        raise invalid("/owner", str(error)) from None


def _owner(caller: Caller, row: Lead, email: str | None) -> User | None:
    """The new owner. Whoever may not assign may still take a lead that nobody owns."""
    owner = None if email is None else User.objects.filter(email__iexact=email).first()
    if email is not None and owner is None:
        raise invalid("/owner", "Nobody here has this address.")
    card = queries.one(caller.user, row.pk)
    takes = owner == caller.user and card is not None and card.owner_id is None
    if not takes and not permissions.may(caller.user, "assign_leads"):
        raise problems.Refusal(403, "Your role may take unowned leads, but not hand them on.")
    return owner
