"""Declared fields on forms: which forms ask for one, and how a question about it looks.

A question about a field with options has none of its own: it offers what the field has now, in
the words of now, so that a changed option is changed on every form.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from leadline.capture.models import Form
from leadline.workspace import fields
from leadline.workspace.models import Field

TYPES: Mapping[str, str] = {
    "text": "text",
    "long_text": "textarea",
    "number": "number",
    "money": "number",
    "date": "date",
    "boolean": "checkbox",
    "option": "select",
    "options": "checkboxes",
    "link": "url",
}
"""How a form asks, by the type of the field. Nobody outside chooses a person of the team."""

WITH_OPTIONS = ("select", "checkboxes")

Question = dict[str, Any]  # JSON of `Form.fields`


def asking(name: str) -> list[str]:
    """The slugs of the forms that ask for the field."""
    rows = Form.objects.order_by("slug").values_list("slug", "fields")
    return [slug for slug, asked in rows if any(each.get("name") == name for each in asked)]


def may_ask(row: Field) -> bool:
    """Whether a form can ask for the field: nobody outside is asked about our deals."""
    return row.type in TYPES and fields.about(row.name) != "deal"


def ask(row: Field, *, slugs: Collection[str], now: datetime) -> list[str]:
    """Let exactly these forms ask for the field; returns the slugs of the forms that changed.

    A form that asks already keeps its own words. Safe to run twice. Raises NotForForms.
    """
    if not may_ask(row):
        raise NotForForms(row.type)
    changed = []
    with transaction.atomic():
        found = Form.objects.order_by("id")
        if connection.vendor == "postgresql":
            found = found.select_for_update()
        for form in found:
            others = [each for each in form.fields if each.get("name") != row.name]
            is_asking = len(others) < len(form.fields)
            if is_asking == (form.slug in slugs):
                continue
            form.fields = others if is_asking else [*form.fields, question(row)]
            form.updated_at = now
            form.save(update_fields=["fields", "updated_at"])
            changed.append(form.slug)
    return changed


class NotForForms(ValueError):
    """A field of this type cannot be asked for on a public form."""

    permanent = True


def question(row: Field) -> Question:
    """The question as a form stores it; it begins with the field's label and help."""
    label = f"{row.label} ({row.currency})" if row.currency else row.label
    asked: Question = {"name": row.name, "label": label[:160], "type": TYPES[row.type]}
    if row.help:
        asked["help"] = row.help
    return asked


def with_options(
    asked: Iterable[Question], declared: Mapping[str, list[dict[str, str]]]
) -> list[Question]:
    """The questions; those about options that name none offer the field's. `declared` maps
    names to options."""
    return [
        {**each, "options": declared[each["name"]]}
        if each.get("type") in WITH_OPTIONS
        and not each.get("options")
        and each.get("name") in declared
        else each
        for each in asked
    ]


def options() -> dict[str, list[dict[str, str]]]:
    """The options of the declared fields that have some, as forms take them. One query."""
    return {
        row.name: [{"value": each.value, "label": each.label} for each in fields.options_of(row)]
        for row in fields.declared()
        if row.options
    }
