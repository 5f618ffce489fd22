"""Segments as they go in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from leadline.api.shapes import Person

Name = Annotated[str, Field(min_length=1, max_length=80)]
Rule = Annotated[
    dict[str, Any],  # JSON
    Field(description='A criterion, such as `{"did": "Page Viewed", "within": "7d"}`'),
]


class Segment(BaseModel):
    """A saved group of leads. `key` is what rules and filters call it. `dynamic`: filled by `rule`;
    `static`: a list that people put leads on. `leads` are those in it that you may see. While
    `filled` is not null, so large a share of all leads was looked at under the newest rule."""

    id: int
    key: str
    name: str
    kind: Literal["static", "dynamic"]
    rule: dict[str, Any] | None  # JSON
    version: int | None
    filled: float | None
    leads: int
    created_by: Person | None
    created_at: datetime
    changed_at: datetime


class Segments(BaseModel):
    """All segments, by name."""

    items: list[Segment]


class Member(BaseModel):
    """A lead that is in a segment, and since when."""

    lead: UUID
    since: datetime


class Members(BaseModel):
    """A page of members; `next` goes into `after`."""

    items: list[Member]
    next: str | None


class Change(BaseModel):
    """A lead entered a segment with a rule, or left it; because of what, with the events that the
    rule rested on."""

    id: int
    segment: str
    lead: UUID
    entered: bool
    at: datetime
    because: str
    events: list[int]


class Changes(BaseModel):
    """What has happened since `after`, in order; `next` goes into `after` of the next request, and
    stays as it was while nothing happens."""

    items: list[Change]
    next: str


class SegmentIn(BaseModel):
    """A segment with a rule."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Name
    rule: Rule
