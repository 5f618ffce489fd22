"""Deals as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from leadline.api.shapes import Json, Person

State = Literal["open", "won", "lost"]
_MOST = 10**15
Amount = Annotated[int, Field(ge=-_MOST, le=_MOST, description="In minor units")]
Traits = Annotated[dict[str, Json], Field(max_length=200)]
Instant = Annotated[str, Field(max_length=40, description="ISO 8601")]
Name = Annotated[str, Field(max_length=200)]


class Deal(BaseModel):
    """A chance to sell something. `amount_minor` is absent for roles that see no amounts."""

    id: UUID
    external_id: str | None
    name: str
    state: State
    reason: str
    currency: str
    amount_minor: int | None = None
    lead: UUID | None
    company: UUID | None
    owner: Person | None
    opened_at: datetime
    closed_at: datetime | None
    traits: dict[str, Json]


class Deals(BaseModel):
    """A page of deals; `next` goes into `after`."""

    items: list[Deal]
    next: UUID | None


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class DealIn(_In):
    """A deal to be created, or found by its external id and brought up to date."""

    external_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    lead: Annotated[UUID, Field(strict=False)] | None = None
    name: Name = ""
    amount_minor: Amount | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        None, description="The workspace's when it is missing"
    )
    state: State = Field(
        "open", description="A deal that is known stays as it is when this is missing"
    )
    reason: Name = ""
    opened_at: Instant | None = None
    closed_at: Instant | None = None
    traits: Traits = Field({}, description="Declared fields of deals by name; null empties one")


class DealPatch(_In):
    """What may be changed about a deal. What is not named stays as it is."""

    name: Name | None = None
    amount_minor: Amount | None = None
    state: State | None = None
    reason: Name | None = None
    closed_at: Instant | None = None
    traits: Traits = Field({}, description="By name; null empties one")
