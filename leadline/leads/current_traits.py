"""The typed side tables behind list filters: one row per lead and current trait, and one per
company and trusted trait, which counts before what the leads of the company claim."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import F, Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from leadline.leads.models import Company, CompanyTrait, CurrentTrait
from leadline.lib import json_list, rows
from leadline.workspace.fields import COMPANY

Traits = Mapping[str, Any]  # JSON values by name
_TEXT = 255
_LIST = 1_000
_COLUMNS = ["lead_id", "name", "text", "number"]
_OF_COMPANIES = ["company_id", *_COLUMNS[1:]]


def write(cursor: rows.Cursor, changed: Collection[tuple[UUID, Traits, str]]) -> None:
    """Set the rows of (lead, its traits, name of the changed one). One statement."""
    rows.upsert(
        cursor,
        "leads_currenttrait",
        _COLUMNS,
        _rows(changed),
        key=["lead_id", "name"],
        vendor=connection.vendor,
    )


def add(cursor: rows.Cursor, fresh: Collection[tuple[UUID, Traits, str]]) -> None:
    """The same for leads that have no rows yet: COPY without a stage, a third of the time."""
    rows.insert(cursor, "leads_currenttrait", _COLUMNS, _rows(fresh), vendor=connection.vendor)


def write_all(lead_id: UUID, traits: Traits) -> None:
    """The rows of one lead are its traits and nothing else."""
    CurrentTrait.objects.filter(lead_id=lead_id).exclude(name__in=list(traits)).delete()
    with connection.cursor() as cursor:
        write(cursor, [(lead_id, traits, name) for name in traits])


def write_companies(
    cursor: rows.Cursor, changed: Collection[tuple[UUID, Mapping[str, Any], str]]
) -> None:
    """Set the rows of (company, its traits by short name, whole name of the changed one).

    One statement. Each has a value: `follow_companies` also takes away.
    """
    rows.upsert(
        cursor,
        "leads_companytrait",
        _OF_COMPANIES,
        [(key, name, *columns(held[name.removeprefix(COMPANY)])) for key, held, name in changed],
        key=["company_id", "name"],
        vendor=connection.vendor,
    )


def follow_companies(changed: Collection[Company], name: str) -> None:
    """The rows of these companies for one field are what they hold of it. Two statements.

    What the leads of a company claim counts again where it holds nothing any more.
    """
    short = name.removeprefix(COMPANY)
    with connection.cursor() as cursor:
        write_companies(cursor, [(c.pk, c.traits, name) for c in changed if short in c.traits])
    gone = [each.pk for each in changed if short not in each.traits]
    CompanyTrait.objects.filter(name=name, company__in=gone).delete()


def has_member(value: str) -> Q:
    """Rows whose value is a list that has this member."""
    first, later = json_list.marks(value)
    return Q(_contains(first)) | Q(_contains(later))


def _contains(mark: str) -> "GreaterThan[Any]":  # generic for mypy only
    return GreaterThan(StrIndex(F("text"), Value(mark)), 0)


def _rows(changed: Collection[tuple[UUID, Traits, str]]) -> list[tuple[object, ...]]:
    return [(lead_id, name, *columns(traits.get(name))) for lead_id, traits, name in changed]


def columns(value: object) -> tuple[str | None, float | None]:
    """(text, number) of a value as it stands in the row."""
    if isinstance(value, bool):
        return ("true" if value else "false", None)
    if isinstance(value, int | float):
        return (None, float(value))
    if value is None:
        return (None, None)
    if isinstance(value, str):
        return (value[:_TEXT], None)
    # A list of options is never longer than the column: `field_values.MAX_LIST_BYTES`.
    return (msgspec.json.encode(value).decode()[:_LIST], None)
