"""Declared fields: what is known of leads and companies, and what its values must be."""

from collections.abc import Iterable, Mapping

from leadline.workspace import field_values, playbook
from leadline.workspace.field_values import Shape
from leadline.workspace.models import Field

COMPANY = "company."


def declared() -> list[Field]:
    """The fields that are not archived, in the order shown. One query."""
    return list(Field.objects.filter(archived_at=None).order_by("position", "id"))


def shapes(rows: Iterable[Field], *, currency: str) -> dict[str, Shape]:
    """What values must be, by name; money without a currency of its own is in `currency`."""
    return {row.name: shape_of(row, currency=currency) for row in rows}


def shape_of(row: Field, *, currency: str) -> Shape:
    """What values of the field must be."""
    own = (row.currency or currency) if row.type == Field.Type.MONEY else ""
    options = [(each.value, each.label) for each in options_of(row)]
    return field_values.shape(row.type, options=options, currency=own, is_unique=row.is_unique)


def options_of(row: Field) -> tuple[playbook.Option, ...]:
    """The options in the order shown; () for fields that have none."""
    return playbook.options(playbook.declared(row)) if row.options else ()


def kinds(rows: Iterable[Field]) -> dict[str, playbook.Kind]:
    """The type that rules see, by name."""
    return {row.name: playbook.KINDS[row.type] for row in rows}


def option_labels(rows: Iterable[Field]) -> dict[str, Mapping[str, str]]:
    """What people call the values, by name, of the fields that have options."""
    return {
        row.name: {each.value: each.label for each in options_of(row)}
        for row in rows
        if row.options
    }
