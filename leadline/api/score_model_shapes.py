"""Score models and their versions as they go in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from leadline.api.shapes import Person

State = Literal["draft", "scheduled", "published", "retired"]
Document = Annotated[
    dict[str, Any],  # JSON
    Field(description="A score model, as `/api/v1/schema/score-model` says"),
]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
When = Annotated[str, Field(max_length=40)]


class Version(BaseModel):
    """A version of a score model. Only a draft changes; `revision` counts how often."""

    number: int
    state: State
    effective_at: datetime | None
    retired_at: datetime | None
    made_from: int | None = Field(description="The number of the version that it was made from")
    revision: int
    saved_at: datetime | None
    by: Person | None


class FullVersion(Version):
    """A version with its rules, what differs from the one it follows, and a word of warning."""

    document: Document
    changes: list[str]
    warning: str = Field(description="When the model is complex, else empty")


class ScoreModel(BaseModel):
    """A score model. The one with `is_default` makes the scores."""

    id: int
    name: str
    is_default: bool
    in_force: Version | None
    open: Version | None = Field(description="The draft, or the version that is scheduled")


class Compared(BaseModel):
    """The newest nightly comparison of all scores with what computing them again gives."""

    as_of: datetime
    leads: int
    differing: int
    lead_ids: list[UUID] = Field(
        description="Of those that differ, at most 1,000, and of these whom the caller may see"
    )


class ScoreModels(BaseModel):
    items: list[ScoreModel]
    compared: Compared | None = Field(description="Null before the first night")


class Versions(BaseModel):
    """The newest first."""

    items: list[Version]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Template(BaseModel):
    """Rules to begin a model from, in the workspace's language."""

    key: str
    name: str
    playbook: str
    document: Document


class Templates(BaseModel):
    items: list[Template]


class ScoreModelIn(_In):
    """A new model: its name, and the rules of its first draft."""

    name: Annotated[str, Field(max_length=1_000, description="At most 120 characters")]
    document: Document


class ChooseIn(_In):
    """Which model made the scores when you looked: its id."""

    over: Annotated[int, Field(ge=1, le=2**63 - 1)] | None


class DraftIn(_In):
    """The rules of a draft. `revision` is the one that the change is based on; without a draft,
    leave it out to begin one."""

    document: Document
    revision: Number | None = None


class PublishIn(_In):
    """What was looked at: the revision of the draft and the number of the version in force."""

    revision: Number
    over: Number | None
    effective_at: When | None = Field(
        None, description="ISO 8601, within the year ahead; now when it is missing"
    )


class RollBackIn(_In):
    """Which version returns, and the number of the one in force that was looked at."""

    to: Number
    over: Number | None
