"""Declared fields: listed, declared, described anew, archived and brought back."""

from dataclasses import replace
from typing import Annotated, cast

from django.http import HttpRequest
from ninja import Query, Router
from ninja.responses import Status

from leadline.api import callers, field_shapes, reading, writing
from leadline.api.callers import Caller
from leadline.api.field_shapes import DeclaredField, FieldIn, FieldPatch, OptionIn
from leadline.api.problems import Refusal
from leadline.flow import fields as flow
from leadline.lib import clock, text
from leadline.workspace import fields
from leadline.workspace.fields import FieldRefused, Wanted
from leadline.workspace.models import Field

router = Router(tags=["Fields"])


@router.get(
    "/fields",
    response={200: field_shapes.DeclaredFields, **reading.PROBLEMS},
    summary="List the declared fields",
)
def list_fields(
    request: HttpRequest, archived: Annotated[bool, Query()] = False
) -> field_shapes.DeclaredFields:
    """What leads, companies and deals may hold; with `archived` what they held before."""
    callers.of(request, scope="leads:read", action="see_leads", known=["archived"])
    rows = fields.archived() if archived else fields.everything()
    return field_shapes.DeclaredFields(items=[_document(row) for row in rows])


@router.post(
    "/fields", response={201: DeclaredField, **writing.PROBLEMS}, summary="Declare a field"
)
def add_field(request: HttpRequest, body: FieldIn) -> Status[DeclaredField]:
    """At once in lists, filters, forms, imports, rules and `traits`."""
    caller = _writer(request)
    said = body.model_dump(exclude={"options", "currency"})
    wanted = Wanted(**said, options=_options(body.options), currency=body.currency or "")
    try:
        row = flow.add(_clean(wanted), by=callers.doer(caller, request), now=clock.now())
    except FieldRefused as refused:
        raise _refused(refused) from None
    return Status(201, _document(row))


@router.patch(
    "/fields/{str:name}", response={200: DeclaredField, **writing.PROBLEMS},
    summary="Describe a field anew",
)  # fmt: skip
def change_field(request: HttpRequest, name: str, body: FieldPatch) -> DeclaredField:
    """Changes what is named and nothing else; 409 while a rule compares with an option that goes.

    Values of options that go change in a job."""
    caller = _writer(request)
    row = _row(name)
    said = body.model_dump(exclude_none=True, exclude={"options", "becomes"})
    wanted = replace(fields.as_wanted(row), **said)
    if body.options is not None:
        wanted = replace(wanted, options=_options(body.options))
    by, now = callers.doer(caller, request), clock.now()
    try:
        changed = flow.change(row, _clean(wanted), becomes=body.becomes, by=by, now=now)
    except FieldRefused as refused:
        raise _refused(refused) from None
    except flow.StillUsed as used:
        raise _still_used(used) from None
    return _document(changed)


@router.post(
    "/fields/{str:name}/archive", response={200: DeclaredField, **writing.PROBLEMS},
    summary="Take a field out of use",
)  # fmt: skip
def archive_field(request: HttpRequest, name: str) -> DeclaredField:
    """Its values stay. 409 while something names it, with the places."""
    caller = _writer(request)
    row = _row(name)
    try:
        flow.archive(row, by=callers.doer(caller, request), now=clock.now())
    except flow.StillUsed as used:
        raise _still_used(used) from None
    except flow.AlwaysNeeded:
        raise Refusal(409, "Leadline itself works with this field.") from None
    return _document(fields.get(name))


@router.post(
    "/fields/{str:name}/restore", response={200: DeclaredField, **writing.PROBLEMS},
    summary="Bring an archived field back",
)  # fmt: skip
def restore_field(request: HttpRequest, name: str) -> DeclaredField:
    """With its values, and with what was said meanwhile."""
    caller = _writer(request)
    row = _row(name, is_archived=True)
    flow.restore(row, by=callers.doer(caller, request), now=clock.now())
    return _document(fields.get(name))


def _writer(request: HttpRequest) -> Caller:
    return callers.of(request, scope="fields:write", action="edit_settings")


def _row(name: str, *, is_archived: bool = False) -> Field:
    try:
        row = fields.get(text.clean(name, max_length=64))
    except fields.UnknownField:
        row = None
    if row is None or (row.archived_at is not None) != is_archived:
        raise Refusal(404, "There is no such field.")
    return row


def _options(given: list[OptionIn]) -> tuple[tuple[str, str], ...]:
    return tuple((text.clean(each.value), text.clean(each.label).strip()) for each in given)


def _clean(wanted: Wanted) -> Wanted:
    label, help, group = (
        text.clean(each).strip() for each in (wanted.label, wanted.help, wanted.group)
    )
    return replace(wanted, label=label, help=help, group=group)


def _refused(refused: FieldRefused) -> Refusal:
    errors = [(f"/{name}", said) for name, said in refused.errors.items()]
    return Refusal(422, str(refused), errors=errors)


def _still_used(used: flow.StillUsed) -> Refusal:
    detail = "Something still names it; change that first."
    return Refusal(409, detail, errors=[("", f"{each.where}: {each.name}") for each in used.uses])


def _document(row: Field) -> DeclaredField:
    return DeclaredField(
        name=row.name,
        about=fields.about(row.name),
        label=row.label,
        type=cast(field_shapes.Type, row.type),
        help=row.help,
        group=row.group,
        options=[
            field_shapes.Option(value=each.value, label=each.label)
            for each in fields.options_of(row)
        ],
        currency=row.currency,
        is_fact=row.is_fact,
        is_unique=row.is_unique,
        is_sensitive=row.is_sensitive,
        archived_at=row.archived_at,
    )
