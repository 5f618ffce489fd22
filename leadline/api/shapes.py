"""What goes in and out, with the names that webhooks, CSV and everything else use too.

Plain pydantic: the library's own base class looks every attribute up through a wrapper, which
made half of the time of a page of leads.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Json = Any  # a value of JSON, whatever it is
Number = int | float


class Touch(BaseModel):
    """Where somebody came from, once."""

    source: str
    medium: str
    campaign: str
    term: str
    content: str
    channel: str
    referrer: str
    landing_page: str
    click_id: str
    at: datetime


class Sources(BaseModel):
    """The first and the last touch."""

    first: Touch | None
    last: Touch | None


class Company(BaseModel):
    """The organisation a lead works for."""

    id: UUID
    name: str
    domain: str | None


class CompanyRecord(Company):
    """An organisation with what is known of it; counts are of what you may see."""

    external_id: str | None
    traits: dict[str, Json]
    lead_count: int
    open_deal_count: int
    created_at: datetime


class Companies(BaseModel):
    """A page of companies by name; `next` goes into `after`."""

    items: list[CompanyRecord]
    next: str | None


class Person(BaseModel):
    """Somebody of the team."""

    id: UUID
    email: str
    name: str


class Score(BaseModel):
    """Points, and the model version that gave them; `until` is when to look again."""

    total: Number
    fit: Number
    engagement: Number
    model: str
    version: int
    at: datetime
    until: datetime | None


class Line(BaseModel):
    """The points of one rule, and the events behind them; or what a person gave by hand."""

    rule: str
    group: str
    points: Number
    because: list[str]
    sentence: str


class ExplainedScore(Score):
    """A score with its lines, which add up to the total."""

    lines: list[Line]


class Lead(BaseModel):
    """A person (or a person's role) we know by at least one identifier."""

    id: UUID
    name: str
    emails: list[str]
    phones: list[str]
    user_ids: list[str]
    company: Company | None
    traits: dict[str, Json]
    stage: str
    stage_since: datetime | None
    temperature: str
    score: Score | None
    probability: float | None
    owner: Person | None
    team: str | None
    response_due_at: datetime | None
    responded_at: datetime | None
    source: Sources
    origin: Literal["inbound", "outbound", "referral"]
    consents: dict[str, str]
    created_at: datetime
    updated_at: datetime
    merged_into: UUID | None


class Leads(BaseModel):
    """A page of leads; `next` goes into `after`."""

    items: list[Lead]
    next: str | None


class Item(BaseModel):
    """One line of a timeline."""

    id: str
    kind: str
    name: str
    at: datetime
    received_at: datetime
    message_id: str | None
    properties: dict[str, Json]
    context: dict[str, Json]
    sentence: str
    actor: Literal["human", "machine", "unsure", "system"]


class Trashed(BaseModel):
    """A lead in the trash; `restorable_until` is when it goes for good."""

    id: UUID
    restorable_until: datetime


class Timeline(BaseModel):
    """A page of a timeline, newest first."""

    items: list[Item]
    next: str | None


class Me(BaseModel):
    """Who the key or session acts as, and what it may do."""

    id: UUID
    email: str
    name: str
    role: str
    team: str | None
    scopes: list[str]


# What comes in: unknown fields are refused, types are taken as they are.

Short = Annotated[str, Field(min_length=1, max_length=254)]
Text = Annotated[str, Field(max_length=255)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ConsentIn(_In):
    """A permission given or refused."""

    purpose: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]
    channel: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,11}$")]
    state: Literal["granted", "denied", "withdrawn"]
    text: Annotated[str, Field(max_length=4_000)] = ""


class SourceIn(_In):
    """Where the lead came from, if that is known."""

    source: Text = ""
    medium: Text = ""
    campaign: Text = ""
    term: Text = ""
    content: Text = ""
    referrer: Text = ""
    landing_page: Text = ""


Traits = Annotated[dict[str, Json], Field(max_length=200)]
Consents = Annotated[list[ConsentIn], Field(max_length=20)]


class LeadIn(_In):
    """A lead to be created, or found by one of its identifiers and added to."""

    email: Short | None = None
    phone: Short | None = None
    user_id: Short | None = None
    anonymous_id: Short | None = None
    external_id: Annotated[str, Field(pattern="^[^:]{1,60}:.{1,190}$")] | None = Field(
        None, description="`system:value`, such as `hubspot:123`"
    )
    traits: Traits = {}
    consents: Consents = []
    source: SourceIn | None = None
    origin: Literal["inbound", "outbound", "referral"] = "inbound"
    occurred_at: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="ISO 8601; now when it is missing"
    )
    history: bool = Field(
        False, description="Recorded and scored; nobody is assigned, told or written to"
    )


class CompanyPatch(_In):
    """What may be changed about a company. What is not named stays as it is."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    traits: Traits = Field({}, description="By name; null empties one")


class LeadPatch(_In):
    """What may be changed about a lead. What is not named stays as it is."""

    traits: Traits = Field({}, description="By name; null empties one")
    consents: Consents = []
    stage: Annotated[str, Field(min_length=1, max_length=24)] | None = None
    owner: Short | None = Field(
        None, description="E-mail address of the new owner; null takes the lead from its owner"
    )
    reason: Annotated[str, Field(max_length=200)] = ""
