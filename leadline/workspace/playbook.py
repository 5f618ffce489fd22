"""The part of a playbook that declares traits: `fields.yaml`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from leadline.workspace.models import Field

Kind = Literal["text", "number", "boolean", "date", "list"]

KINDS: Mapping[str, Kind] = {
    "text": "text",
    "long_text": "text",
    "link": "text",
    "person": "text",
    "option": "text",
    "options": "list",
    "number": "number",
    "money": "number",
    "date": "date",
    "boolean": "boolean",
}
"""The type that rules see, by the type that people choose."""

WITH_OPTIONS = ("option", "options")
NEVER_UNIQUE = ("boolean", "option", "options", "long_text", "person", "number", "money")
"""What two people may well share. A number that names somebody (a customer's) is text."""

Name = Annotated[str, msgspec.Meta(pattern=r"^(company\.|deal\.)?[a-z][a-z0-9_]{0,50}$")]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Currency = Annotated[str, msgspec.Meta(pattern="^([A-Z]{3})?$")]
Value = Annotated[
    str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[^\s;]([^;\n]*[^\s;])?$")
]


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a field may hold, and what people call it."""

    value: Value
    label: Label


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One trait; `options` are the only values that an `option` or `options` may take.

    An option may be written as its value alone, which is its label then. Money without a currency
    is in the workspace's.
    """

    name: Name
    type: Literal[
        "text", "long_text", "number", "money", "date", "boolean", "option", "options", "link",
        "person",
    ]  # fmt: skip
    label: Label
    options: tuple[Option | Value, ...] = ()
    is_fact: bool = False
    help: Annotated[str, msgspec.Meta(max_length=300)] = ""
    group: Annotated[str, msgspec.Meta(max_length=80)] = ""
    currency: Currency = ""
    is_unique: bool = False
    is_sensitive: bool = False


class Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All declared traits in the order in which they are shown."""

    fields: tuple[Declared, ...]


def read(document: object) -> Fields:
    """The traits in `document`; raises msgspec.ValidationError with the path."""
    found = msgspec.convert(document, Fields)
    seen: set[str] = set()
    for index, field in enumerate(found.fields):
        at = f"$.fields[{index}]"
        if field.name in seen:
            raise msgspec.ValidationError(f"{field.name!r} stands twice - at `{at}`")
        _check(field, at=at)
        seen.add(field.name)
    return Fields(tuple(_settled(field) for field in found.fields))


def _check(field: Declared, *, at: str) -> None:
    if (field.type in WITH_OPTIONS) != bool(field.options):
        raise msgspec.ValidationError(
            f"options belong to type option and options, and only there - at `{at}.options`"
        )
    values = [each.value for each in options(field)]
    if len(set(values)) < len(values):
        raise msgspec.ValidationError(f"an option stands twice - at `{at}.options`")
    if field.is_unique and field.type in NEVER_UNIQUE:
        raise msgspec.ValidationError(
            f"values of type {field.type} cannot be unique - at `{at}.is_unique`"
        )
    if field.is_fact and field.is_sensitive:
        raise msgspec.ValidationError(
            f"what is sensitive is no fact for analytics - at `{at}.is_sensitive`"
        )
    if field.currency and field.type != "money":
        raise msgspec.ValidationError(f"only money has a currency - at `{at}.currency`")


def _settled(field: Declared) -> Declared:
    return msgspec.structs.replace(field, options=options(field))


def options(field: Declared) -> tuple[Option, ...]:
    """The options with their labels, however they were written."""
    return tuple(each if isinstance(each, Option) else Option(each, each) for each in field.options)


_STORED = ("type", "label", "options", "is_fact", "help", "group", "currency", "is_unique",
           "is_sensitive")  # fmt: skip


def apply(document: Fields, *, now: datetime) -> None:
    """Declare the traits. Traits that are not named stay as they are, after the named ones.

    A trait that was archived and is named again comes back. Safe to run twice.
    """
    Field.objects.bulk_create(
        [
            Field(
                **{name: getattr(each, name) for name in _STORED if name != "options"},
                name=each.name,
                options=msgspec.to_builtins(options(each)),
                position=position,
                archived_at=None,
            )
            for position, each in enumerate(document.fields)
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=[*_STORED, "position", "archived_at"],
    )
    named = {each.name for each in document.fields}
    others = Field.objects.exclude(name__in=named).order_by("position", "id")
    for position, field in enumerate(others, start=len(named)):
        field.position = position
        field.save(update_fields=["position"])


def export() -> Fields:
    """All declared traits that are not archived."""
    rows = Field.objects.filter(archived_at=None).order_by("position", "id")
    return Fields(tuple(declared(row) for row in rows))


def declared(row: Field) -> Declared:
    """A row as a playbook writes it."""
    values = {name: getattr(row, name) for name in _STORED}
    found = msgspec.convert({**values, "name": row.name}, Declared)
    return _settled(found)
