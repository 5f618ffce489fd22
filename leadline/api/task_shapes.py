"""Tasks as they go in and out."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from leadline.api.shapes import Person, Short

Words = Annotated[str, Field(min_length=1, max_length=500)]
Instant = Annotated[str, Field(max_length=40, description="ISO 8601: due at a time of day")]
Day = Annotated[
    date,
    Field(strict=False, ge=date(1970, 1, 2), le=date(2199, 12, 30),
          description="Due on a day, until it ends in the zone of whoever says it"),
]  # fmt: skip


class Task(BaseModel):
    """What somebody will do about a lead. Overdue from `due_at` on; `due_on` when a day was named
    and no time of day."""

    id: UUID
    lead: UUID
    text: str
    due_at: datetime
    due_on: date | None
    owner: Person | None
    created_by: Person | None
    created_at: datetime
    done_at: datetime | None
    done_by: Person | None


class Tasks(BaseModel):
    """A page of tasks; `next` goes into `after`."""

    items: list[Task]
    next: str | None


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TaskIn(_In):
    """A task to be planned: `lead`, `text` and one of `due_at` and `due_on` are needed. Who may not
    plan at all is told so before what is missing."""

    lead: Annotated[UUID, Field(strict=False)] | None = None
    text: Words | None = None
    due_at: Instant | None = None
    due_on: Day | None = None
    owner: Short | None = Field(
        None, description="E-mail address of who shall do it; you when it is missing"
    )


class TaskPatch(_In):
    """What may be changed about a task. What is not named stays as it is."""

    text: Words | None = None
    due_at: Instant | None = None
    due_on: Day | None = None
    owner: Short | None = Field(None, description="E-mail address of who shall do it; null: nobody")
    done: bool | None = None
