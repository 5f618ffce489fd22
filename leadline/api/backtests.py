"""Backtests of score models: what a model would have been worth, and what it would change."""

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


@router.post(
    "/backtests", response={200: Json, **writing.PROBLEMS}, summary="Backtest a score model"
)
def run_backtest(request: HttpRequest, body: BacktestIn) -> Json:
    """Scores every lead by the model at the end of each month, against who was won since.

    Nothing is stored or changed. Of the leads that would cross the line those are named that you
    may see; the counts are of all.
    """
    caller = callers.of(request, scope="leads:read", action="edit_scoring")
    asked = body.model_dump(exclude_none=True)
    try:
        order = orders.read(asked, now=clock.now())
        _refuse_hidden(order, caller)
        documents = [asked["model"]] if "model" in asked else []
        found = client.ask("backtest", asked | {"documents": documents}, timeout_s=PATIENCE_S)
    except CriterionError as error:
        raise invalid(error.path, f"Found {error.found}; allowed: {error.allowed}.") from None
    except AnalystError as error:
        raise Refusal(422 if error.permanent else 503, str(error)) from None
    return _seen_by(caller, found)


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
