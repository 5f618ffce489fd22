"""What the audit says of a declared field."""

import json
from collections.abc import Mapping
from datetime import datetime

from leadline.workspace import audit, fields
from leadline.workspace.audit import Act, Change, Doer, Value
from leadline.workspace.models import AuditEntry, Field


def facts(row: Field) -> dict[str, Value]:
    """Everything that people decide about a field, as the audit compares it."""
    return {
        "label": row.label, "type": row.type, "help": row.help, "group": row.group,
        "options": ", ".join(each.label for each in fields.options_of(row)),
        "is_fact": row.is_fact, "is_unique": row.is_unique, "is_sensitive": row.is_sensitive,
    }  # fmt: skip


def labels() -> dict[str, frozenset[str]]:
    """What every field is called and was called before, by name; archived ones too. Two queries.

    Former labels are those that the audit tells: its details may have been blanked.
    """
    rows = Field.objects.values_list("pk", "name", "label")
    found = {str(pk): (name, {label}) for pk, name, label in rows}
    changed = AuditEntry.objects.filter(act="field.changed", object_kind="field")
    for key, details in changed.values_list("object_id", "details").iterator():
        if key in found and details:
            said = json.loads(details)
            both = [said[side].get("label") for side in ("before", "after")]
            found[key][1].update(label for label in both if isinstance(label, str))
    return {name: frozenset(each) for name, each in found.values()}


def note(
    act: Act, row: Field, before: Mapping[str, Value] | None = None,
    after: Mapping[str, Value] | None = None, *, by: Doer, now: datetime,
) -> None:  # fmt: skip
    """One entry about the field, with what differs; none when a change changed nothing."""
    both = audit.differing(before or {}, after or {})
    if after and not both[1]:
        return
    # A new field begins with what was chosen for it; what was left alone says nothing.
    chosen = both if before else ({}, {name: value for name, value in both[1].items() if value})
    audit.record(Change(act, "field", row.pk, row.name, *chosen), by=by, now=now)
