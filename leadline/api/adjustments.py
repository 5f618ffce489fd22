"""Points by hand: listed, given, taken back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import BaseModel, ConfigDict, Field

from leadline.api import callers, reading, shapes, writing
from leadline.api.callers import Caller
from leadline.api.problems import Refusal, invalid
from leadline.cards import queries
from leadline.criteria import parse
from leadline.criteria.errors import CriterionError
from leadline.flow import adjustments as flow
from leadline.lib import clock
from leadline.scoring import adjustments
from leadline.scoring import queries as scoring
from leadline.scoring.adjustments import Given, NotAnAdjustment
from leadline.scoring.models import ScoreAdjustment

router = Router(tags=["Scoring"])


class Adjustment(BaseModel):
    """Points that a person gave (or took, below zero) by hand."""

    id: int
    points: shapes.Number
    half_life_days: int | None
    reason: str
    by: shapes.Person | None
    at: datetime
    undone_at: datetime | None


class Adjustments(BaseModel):
    """Those that count, the oldest first."""

    items: list[Adjustment]


class AdjustmentIn(BaseModel):
    """What is given or taken, and why."""

    model_config = ConfigDict(extra="forbid")

    points: int | float = Field(description="From -1000 to 1000, not 0, at most six decimals")
    reason: Annotated[str, Field(min_length=1, max_length=adjustments.LONGEST_REASON)]
    half_life_days: int | None = Field(
        None, description="After so many days half of it is left; it stays when missing"
    )


@router.get(
    "/leads/{uuid:lead_id}/adjustments", response={200: Adjustments, **reading.PROBLEMS},
    summary="List the points by hand",
)  # fmt: skip
def list_adjustments(request: HttpRequest, lead_id: UUID) -> Adjustments:
    """Without those that were taken back."""
    caller = callers.of(request, scope="leads:read", action="see_leads")
    row = reading.visible(caller, lead_id)
    return Adjustments(items=[_document(each) for each in adjustments.of_lead(row.pk)])


@router.post(
    "/leads/{uuid:lead_id}/adjustments", response={201: Adjustment, **writing.PROBLEMS},
    summary="Give or take points by hand",
)  # fmt: skip
def add_adjustment(
    request: HttpRequest, lead_id: UUID, body: AdjustmentIn,
    idempotency_key: writing.IdempotencyKey = None,
) -> Status[Adjustment]:  # fmt: skip
    """The score follows at once, with a line that says who and why. The same key twice does it
    once."""
    caller = _writer(request, lead_id)
    key = None if idempotency_key is None else writing.id_of(caller, "adjust", idempotency_key)
    try:
        made = flow.add(
            lead_id, Given(_micro(body.points), body.reason, body.half_life_days),
            by=caller.user, doer=callers.doer(caller, request), now=clock.now(), key=key,
        )  # fmt: skip
    except NotAnAdjustment as error:
        if error.field == "key":
            detail = "This Idempotency-Key was used for something else."
            raise Refusal(409, detail) from None
        raise invalid(f"/{error.field}", error.reason) from None
    return Status(201, _document(made))


@router.delete(
    "/leads/{uuid:lead_id}/adjustments/{int:adjustment_id}",
    response={200: Adjustment, **writing.PROBLEMS}, summary="Take points by hand back",
)  # fmt: skip
def undo_adjustment(request: HttpRequest, lead_id: UUID, adjustment_id: int) -> Adjustment:
    """Its effect and its line go; what the score was before stays told. 404 the second time."""
    caller = _writer(request, lead_id)
    mine = {each.pk for each in adjustments.of_lead(lead_id)}
    by, now = callers.doer(caller, request), clock.now()
    is_there = adjustment_id in mine
    undone = flow.undo(adjustment_id, by=caller.user, doer=by, now=now) if is_there else None
    if undone is None:
        raise Refusal(404, "There is no such adjustment of this lead.")
    return _document(undone)


def _writer(request: HttpRequest, lead_id: UUID) -> Caller:
    """The caller, who may change this lead."""
    caller = callers.of(request, scope="leads:write", action="edit_leads")
    row = reading.visible(caller, lead_id)
    if row.merged_into_id is not None:
        raise Refusal(409, f"The lead was merged into {row.merged_into_id}.")
    if not queries.may_edit(caller.user, lead_id):
        raise Refusal(403, "You may see this lead, but not change it.")
    return caller


def _micro(points: int | float) -> int:
    most = adjustments.MOST_POINTS
    try:
        return parse.micro(points, path="/points", lowest=-most, highest=most)
    except CriterionError as error:
        raise invalid("/points", error.allowed) from None


def _document(row: ScoreAdjustment) -> Adjustment:
    by = row.by
    return Adjustment(
        id=row.pk,
        points=scoring.points(row.points_micro),
        half_life_days=row.half_life_days,
        reason=row.reason,
        by=None if by is None else shapes.Person(id=by.pk, email=by.email, name=str(by)),
        at=row.at,
        undone_at=row.undone_at,
    )
