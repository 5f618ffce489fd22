"""The part of a playbook that declares traits: `fields.yaml`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from leadline.workspace.models import Field

KINDS: Mapping[str, Literal["text", "number", "boolean", "date"]] = {
    "text": "text",
    "option": "text",
    "number": "number",
    "date": "date",
    "boolean": "boolean",
}
"""The type that rules see, by the type that people choose."""

Name = Annotated[str, msgspec.Meta(pattern=r"^(company\.)?[a-z][a-z0-9_]{0,50}$")]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One trait; `options` are the only values that an `option` may take."""

    name: Name
    type: Literal["text", "number", "date", "boolean", "option"]
    label: Label
    options: tuple[str, ...] = ()
    is_fact: bool = False


class Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All declared traits in the order in which they are shown."""

    fields: tuple[Declared, ...]


def read(document: object) -> Fields:
    """The traits in `document`; raises msgspec.ValidationError with the path."""
    found = msgspec.convert(document, Fields)
    seen: set[str] = set()
    for index, field in enumerate(found.fields):
        if field.name in seen:
            raise msgspec.ValidationError(f"{field.name!r} stands twice - at `$.fields[{index}]`")
        if (field.type == "option") != bool(field.options):
            raise msgspec.ValidationError(
                f"options belong to type option and only there - at `$.fields[{index}].options`"
            )
        seen.add(field.name)
    return found


def apply(document: Fields, *, now: datetime) -> None:
    """Declare the traits. Traits that are not named stay as they are, after the named ones.

    A trait that was archived and is named again comes back. Safe to run twice.
    """
    Field.objects.bulk_create(
        [
            Field(
                name=each.name,
                type=each.type,
                label=each.label,
                options=list(each.options),
                is_fact=each.is_fact,
                position=position,
                archived_at=None,
            )
            for position, each in enumerate(document.fields)
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["type", "label", "options", "is_fact", "position", "archived_at"],
    )
    named = {each.name for each in document.fields}
    others = Field.objects.exclude(name__in=named).order_by("position", "id")
    for position, field in enumerate(others, start=len(named)):
        field.position = position
        field.save(update_fields=["position"])


def export() -> Fields:
    """All declared traits that are not archived."""
    rows = Field.objects.filter(archived_at=None).order_by("position", "id")
    return Fields(
        tuple(
            Declared(row.name, row.type, row.label, tuple(row.options), row.is_fact)  # type: ignore[arg-type]  # checked when stored
            for row in rows
        )
    )
