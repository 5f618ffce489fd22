"""Declared fields as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Type = Literal[
    "text", "long_text", "number", "money", "date", "boolean", "option", "options", "link", "person"
]
About = Literal["lead", "company", "deal"]
Label = Annotated[str, Field(min_length=1, max_length=120)]
Help = Annotated[str, Field(max_length=300)]
Group = Annotated[str, Field(max_length=80)]


class Option(BaseModel):
    """What a field may hold, and what people call it."""

    value: str
    label: str


class DeclaredField(BaseModel):
    """A declared field. `name` is what rules, forms and `traits` say; it never changes."""

    name: str
    about: About
    label: str
    type: Type
    help: str
    group: str
    options: list[Option]
    currency: str
    is_fact: bool
    is_unique: bool
    is_sensitive: bool
    archived_at: datetime | None


class DeclaredFields(BaseModel):
    """All declared fields in the order shown."""

    items: list[DeclaredField]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class OptionIn(_In):
    """An option; without a value it gets one from its label."""

    value: Annotated[str, Field(max_length=60)] = ""
    label: Annotated[str, Field(min_length=1, max_length=120)]


Options = Annotated[list[OptionIn], Field(max_length=200)]


class FieldIn(_In):
    """A field to be declared. Its name follows from the label."""

    label: Annotated[str, Field(max_length=120, description="Required")] = ""
    type: Type = "text"
    about: About = "lead"
    help: Help = ""
    group: Group = ""
    options: Options = []
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        None, description="Of money; the workspace's when it is missing"
    )
    is_fact: bool = False
    is_unique: bool = False
    is_sensitive: bool = False


class FieldPatch(_In):
    """What may be changed about a field. What is not named stays as it is.

    `options` names all that will be. For one that goes and that records hold, `becomes` says which
    option they hold instead, or null for nothing.
    """

    label: Label | None = None
    help: Help | None = None
    group: Group | None = None
    options: Options | None = None
    becomes: Annotated[dict[str, str | None], Field(max_length=200)] = {}
    is_fact: bool | None = None
    is_unique: bool | None = None
    is_sensitive: bool | None = None
