"""Doing one thing to many leads: the same verbs, rights and history as on the screens."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import BaseModel, ConfigDict, Field

from leadline.api import callers, hiding, problems, shapes, writing
from leadline.api.callers import Caller
from leadline.api.problems import Problem, Refusal, invalid
from leadline.cards import queries, selection
from leadline.cards.queries import Listing
from leadline.flow import bulk_actions, bulk_acts, bulk_choice, bulk_history, bulk_once
from leadline.flow.bulk_actions import CountChanged, NotAllowed
from leadline.flow.bulk_choice import Choice, NotAChoice
from leadline.flow.bulk_once import Once, UsedOtherwise
from leadline.flow.bulk_wanted import NotWanted, Wanted
from leadline.flow.models import BulkAction
from leadline.lib import clock
from leadline.workspace.models import User

router = Router(tags=["Bulk"])
PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 422, 429, 503), Problem)
EXAMPLES = 5
_UNDER_WAY = (BulkAction.State.GATHERING, BulkAction.State.WORKING)
_NOT_FOUND = "There is no such bulk action, or you may not see it."


class BulkIn(BaseModel):
    """What to do to which leads: some by id, or a whole list by its filter."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["assign", "stage", "field", "list", "task", "log", "trash"]
    wanted: dict[str, shapes.Json] = Field(
        {},
        description="assign: `owner` (e-mail address, or null for nobody). stage: `stage`, "
        "`reason`. field: `field`, `value`. list: `list` (a name), `is_off`. task: `text`, "
        "`due_at`, `owner`. log: `kind`, `outcome`, `text`.",
    )  # fmt: skip
    leads: Annotated[list[UUID], Field(max_length=bulk_choice.MOST_CHOSEN)] | None = None
    filter: dict[str, shapes.Json] | None = Field(
        None, description="A criterion; an empty one is refused unless `everything` is true"
    )
    search: Annotated[str, Field(max_length=200)] = ""
    everything: bool = False
    count: Annotated[int, Field(ge=0, le=10**9)] | None = Field(
        None, description="How many leads the list held when you looked; needed with `filter`"
    )
    preview: bool = Field(False, description="Only say what would happen")


class BulkPreview(BaseModel):
    """What would happen; nothing has."""

    count: int
    editable_count: int
    not_found: list[UUID]
    examples: list[UUID]


class Bulk(BaseModel):
    """A bulk action. Leads that one may see but not change are left out; `not_found` are ids that
    name no lead that you may see."""

    id: UUID
    act: str
    state: str
    by: str | None
    lead_count: int
    done_count: int
    same_count: int
    left_out_count: int
    returned_count: int
    kept_count: int
    not_found: list[UUID] = []
    at: datetime
    ended_at: datetime | None
    may_undo: bool


@router.post(
    "/bulk",
    response={200: BulkPreview, 201: Bulk, 202: Bulk, **PROBLEMS},
    summary="Do one thing to many leads",
)
def do_to_many(
    request: HttpRequest, body: BulkIn, idempotency_key: writing.IdempotencyKey = None
) -> Status[BulkPreview | Bulk]:
    """201 when it is done (up to 100 leads), 202 while a job does it; 200 with a preview.

    Look again with `GET /bulk/{id}`. 409 when the list holds far more or fewer leads than `count`,
    and when the `Idempotency-Key` was used for something else.
    """
    act = bulk_acts.of(body.act)
    caller, now = callers.of(request, scope="leads:write", action=act.action), clock.now()
    sent = None if body.preview else _sent(caller, body, idempotency_key)
    try:
        action = bulk_once.begun(sent, by=caller.user.pk)
        if action is None:
            choice, wanted = _choice(caller, body, now=now), _wanted(caller, body, now=now)
            if body.preview:
                return Status(200, _preview(body, choice, caller.user, now=now))
            by = callers.doer(caller, request)
            action = bulk_actions.begin(body.act, choice, wanted, by=by, now=now, sent=sent)
    except NotWanted as refusal:
        raise invalid(f"/wanted/{refusal.field}", refusal.reason) from None
    except NotAChoice as refusal:
        raise invalid("/leads" if body.leads is not None else "/filter", refusal.reason) from None
    except NotAllowed:
        raise Refusal(403, "Your role does not allow this.") from None
    except CountChanged as changed:
        detail = f"{changed.seen} leads were seen, {changed.found} are there now."
        raise Refusal(409, detail, errors=[("/count", detail)]) from None
    except UsedOtherwise:
        raise Refusal(409, "This Idempotency-Key was used for something else.") from None
    shown = _shown(action, caller.user, now=now, not_found=_not_meant(body, action))
    return Status(202 if action.state in _UNDER_WAY else 201, shown)


@router.get("/bulk/{uuid:action_id}", response={200: Bulk, **PROBLEMS}, summary="A bulk action")
def get_bulk(request: HttpRequest, action_id: UUID) -> Bulk:
    """How far it is: your own, and for owners, admins and managers everybody's."""
    caller = callers.of(request, scope="leads:read", action="edit_leads")
    return _shown(_found(caller, action_id), caller.user, now=clock.now())


@router.post(
    "/bulk/{uuid:action_id}/undo", response={200: Bulk, **PROBLEMS}, summary="Undo within a day"
)
def undo_bulk(request: HttpRequest, action_id: UUID) -> Bulk:
    """Gives back what nobody changed since; the rest is counted as `kept_count`."""
    caller, now = callers.of(request, scope="leads:write", action="edit_leads"), clock.now()
    row = _found(caller, action_id)
    undone = bulk_actions.undo(row.pk, by=callers.doer(caller, request), now=now)
    if undone is None:
        raise Refusal(409, "It cannot be undone: it is not over, not yours, or too long ago.")
    return _shown(undone, caller.user, now=now)


def _sent(caller: Caller, body: BulkIn, key: str | None) -> Once | None:
    if key is None:
        return None
    return bulk_once.once(writing.id_of(caller, "bulk", key), body.model_dump(mode="json"))


def _choice(caller: Caller, body: BulkIn, *, now: datetime) -> Choice:
    if (body.leads is None) == (body.filter is None):
        raise invalid("/leads", "Give either leads or a filter.")
    if body.leads is not None:
        return bulk_choice.of_leads(body.leads)
    rule = hiding.rule(
        body.filter or {}, hidden=callers.hidden_from(caller), pointer="/filter"
    )  # fmt: skip
    if body.count is None:
        raise invalid("/count", "Say how many leads the list held when you looked at it.")
    listing = Listing(caller.user, now, rule, search=body.search, sort="-score")
    return bulk_choice.of_listing(listing, is_everything=body.everything, seen=body.count)


def _wanted(caller: Caller, body: BulkIn, *, now: datetime) -> Wanted:
    if body.act == "field":
        name, hidden = str(body.wanted.get("field")), callers.hidden_from(caller)
        hiding.refuse(name, hidden=hidden, pointer="/wanted/field")
    said: dict[str, Any] = dict(body.wanted)  # JSON
    if body.act in ("assign", "task") and isinstance(said.get("owner"), str):
        found = User.objects.filter(email__iexact=said["owner"]).first()
        said["owner"] = str(found.pk) if found else said["owner"]
    return bulk_acts.of(body.act).read(said, caller.user, now)


def _preview(body: BulkIn, choice: Choice, user: User, *, now: datetime) -> BulkPreview:
    count = bulk_choice.count(choice, user, now=now)
    if choice.is_list:
        listing = bulk_choice.listing_of(choice, user, now=now)
        editable = selection.count_editable(listing)
        examples = queries.page(listing, limit=EXAMPLES).rows
    else:
        editable = len(selection.editable(user, choice.leads))
        examples = queries.many(user, choice.leads)[:EXAMPLES]
    if bulk_acts.of(body.act).is_for_all_seen:
        editable = count
    return BulkPreview(
        count=count, editable_count=editable, not_found=_not_found(body, user),
        examples=[each.lead_id for each in examples],
    )  # fmt: skip


def _not_found(body: BulkIn, user: User) -> list[UUID]:
    """Ids that name no lead, or none that the caller may see: nobody can tell which."""
    if body.leads is None:
        return []
    seen = selection.visible(user, body.leads)
    return [each for each in dict.fromkeys(body.leads) if each not in seen]


def _not_meant(body: BulkIn, action: BulkAction) -> list[UUID]:
    """The same of an action that has begun, from its rows: what it threw away was there."""
    if body.leads is None:
        return []
    meant = bulk_history.meant(action)
    return [each for each in dict.fromkeys(body.leads) if each not in meant]


def _found(caller: Caller, action_id: UUID) -> BulkAction:
    row = bulk_history.one(caller.user, action_id)
    if row is None:
        raise problems.Refusal(404, _NOT_FOUND)
    return row


def _shown(
    row: BulkAction, user: User, *, now: datetime, not_found: list[UUID] | None = None
) -> Bulk:
    return Bulk(
        id=row.pk, act=row.kind, state=row.state, by=row.by.email if row.by else None,
        lead_count=row.lead_count, done_count=row.done_count, same_count=row.same_count,
        left_out_count=row.left_out_count, returned_count=row.returned_count,
        kept_count=row.kept_count, not_found=not_found or [], at=row.at, ended_at=row.ended_at,
        may_undo=bulk_actions.may_undo(row, user, now=now),
    )  # fmt: skip
