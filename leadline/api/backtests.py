"""Backtests of score models: what a model would have been worth, and what it would change."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field

from leadline.analytics import client, orders
from leadline.analytics.client import AnalystError
from leadline.analytics.orders import Order
from leadline.api import callers, shapes, writing
from leadline.api.callers import Caller
from leadline.api.problems import Refusal, invalid
from leadline.cards import queries
from leadline.criteria.errors import CriterionError
from leadline.lib import clock
from leadline.scoring import rules

router = Router(tags=["Scoring"])
PATIENCE_S = 50.0

Json = dict[str, Any]


class BacktestIn(BaseModel):
    """Which model, and what the line is to be good for."""

    model_config = ConfigDict(extra="forbid")

    model: dict[str, shapes.Json] | None = Field(
        None, description="A score model; without it the version in force"
    )
    version_id: int | None = Field(None, description="A stored version instead of a model")
    horizon: int | None = Field(None, description="Won within so many days counts as won (90)")
    objective: dict[str, shapes.Json] | None = Field(
        None,
        description="`kind`: conversions_per_hour or value; `value` of a win, `cost` of a call;"
        " `reps` and `calls_a_day` of each",
    )
    line: str | None = Field(None, description="The threshold that leads cross, by name")
    against: Literal["published"] | None = Field(
        None, description="Answer `published`, `draft` and `crossing` instead of one document"
    )


class WhichIn(BaseModel):
    """A number of the answer to a backtest."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["now", "looks", "people", "up", "down"] = Field(
        "people",
        description="`now`: leads by their score today; `looks`: leads at month ends; `people`:"
        " the same, each once; `up`, `down`: who crosses the line",
    )
    model: Literal["draft", "published"] = Field("draft", description="By whose scores")
    begins: float | None = Field(None, ge=-1e9, le=1e9, description="From so many points")
    ends: float | None = Field(None, ge=-1e9, le=1e9, description="Below so many points")
    won: bool = Field(False, description="Only who was won within the horizon")
    alone: bool = Field(
        False, description="Of the model without the published one beside it, as a plain backtest"
    )
    skip: int = Field(0, ge=0, le=2**31 - 1, description="So many were read already")


class BehindIn(BacktestIn):
    """The backtest again, and the number of it."""

    which: WhichIn = Field(default_factory=lambda: WhichIn.model_validate({}))


class Counted(BaseModel):
    """A lead, or a look at one at a month end."""

    lead_id: UUID
    at: datetime | None = Field(description="The month end; null where it is about today")
    points: float = Field(description="By the model that was asked")
    won: bool | None


class Behind(BaseModel):
    """Of `count`, those of at most 100 that the caller may see."""

    count: int = Field(description="Of all leads, also those that the caller may not see")
    items: list[Counted]
    next_skip: int | None = Field(description="`skip` for the next ones; null at the end")
    lake_at: datetime = Field(description="As of when they were counted")


@router.post(
    "/backtests", response={200: Json, **writing.PROBLEMS}, summary="Backtest a score model"
)
def run_backtest(request: HttpRequest, body: BacktestIn) -> Json:
    """Scores every lead by the model at the end of each month, against who was won since.

    Nothing is stored or changed. Of the leads that would cross the line those are named that you
    may see; the counts are of all.
    """
    caller = callers.of(request, scope="leads:read", action="edit_scoring")
    found = _answer(caller, "backtest", body.model_dump(exclude_none=True))
    return _seen_by(caller, found)


@router.post(
    "/backtests/leads", response={200: Behind, **writing.PROBLEMS},
    summary="List the leads behind a number of a backtest",
)  # fmt: skip
def list_behind(request: HttpRequest, body: BehindIn) -> Behind:
    """Who is counted in a bar, in a band, or in who crosses the line, the highest score first.

    Nothing is stored or changed. Those are named that you may see; the count is of all.
    """
    caller = callers.of(request, scope="leads:read", action="edit_scoring")
    which = body.which.model_dump()
    asked = body.model_dump(exclude_none=True, exclude={"which"})
    found = _answer(caller, "leads_behind", asked, which=which)
    return _behind(caller, found, skip=body.which.skip)


def _answer(caller: Caller, question: str, asked: Json, **more: Json) -> Json:
    try:
        order = orders.read(asked, now=clock.now())
        _refuse_hidden(order, caller)
        documents = [asked["model"]] if "model" in asked else []
        said = asked | {"documents": documents} | more
        return client.ask(question, said, timeout_s=PATIENCE_S)
    except CriterionError as error:
        raise invalid(error.path, f"Found {error.found}; allowed: {error.allowed}.") from None
    except AnalystError as error:
        raise Refusal(422 if error.permanent else 503, str(error)) from None


def _behind(caller: Caller, found: Json, *, skip: int) -> Behind:
    rows = [(UUID(each["lead_id"]), each) for each in found["rows"]]
    seen = {card.lead_id for card in queries.many(caller.user, [key for key, _ in rows])}
    after = skip + len(rows)
    return Behind(
        count=found["count"],
        items=[
            Counted(lead_id=key, at=_instant(each["at_us"]), points=each["points"],
                    won=each["won"])
            for key, each in rows if key in seen
        ],
        next_skip=after if rows and after < found["count"] else None,
        lake_at=clock.from_micros(found["lake_us"]),
    )  # fmt: skip


def _instant(at_us: int | None) -> datetime | None:
    return None if at_us is None else clock.from_micros(at_us)


def _refuse_hidden(order: Order, caller: Caller) -> None:
    """Who would cross tells what stands in a field, also in one that the caller may not see."""
    if hidden := rules.reads(order.asked.model).traits & callers.hidden_from(caller):
        raise invalid("/model", f"You may not see the field {min(hidden)}, so no rule may ask it.")


def _seen_by(caller: Caller, found: Json) -> Json:
    crossing = found.get("crossing")
    if crossing is None:
        return found
    for way in ("up", "down"):
        ids = [UUID(each) for each in crossing[way]["lead_ids"]]
        seen = {row.lead_id for row in queries.many(caller.user, ids)}
        crossing[way]["lead_ids"] = [str(each) for each in ids if each in seen]
    return found
