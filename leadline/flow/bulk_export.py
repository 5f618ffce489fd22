"""Exported leads: one file for its asker, written by a job, fetched once within a day.

The file holds what its asker may see at the moment of writing. It lies in the data folder outside
of what a backup copies, readable by nobody else, and goes when it was fetched or a day has passed.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings as django_settings
from django.db import transaction
from django.utils.translation import gettext as _

from leadline.cards import queries as cards
from leadline.cards.queries import CardRow
from leadline.flow.models import BulkAction, BulkChange
from leadline.leads.models import Lead
from leadline.lib import csv_file
from leadline.workspace import audit, field_values, fields, readers, settings
from leadline.workspace.audit import Change
from leadline.workspace.field_values import Shape
from leadline.workspace.models import User

PORTION = 500
KEPT = timedelta(days=1)
Progress = Callable[[int], bool]
_OF_THE_CARD = frozenset({"name", "company.name"})


class Stopped(Exception):
    """Somebody cancelled the export while it was written."""

    permanent = True


def write(action: BulkAction, *, go_on: Progress) -> int:
    """Write the file anew; how many leads are in it. `go_on` hears how many there are so far and
    says whether to go on; raises Stopped, and nothing is left of the file."""
    assert action.by is not None
    path = _path(action.pk)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        asker = readers.speaking_to(readers.of(action.by))
        with asker, os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
            columns = _columns(action.by)
            header = [*_headings(), *(label for _name, label, _shape in columns)]
            count = csv_file.write(file, header, _rows(action, columns, go_on))
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def fetch(action_id: UUID, user: User, *, origin: str, now: datetime) -> BinaryIO | None:
    """The file, open for reading, for who asked for it, once and within a day; else None."""
    mine = BulkAction.objects.filter(
        pk=action_id, by=user.pk, kind=BulkAction.Kind.EXPORT, state=BulkAction.State.DONE,
        fetched_at=None, ended_at__gt=now - KEPT,
    )  # fmt: skip
    with transaction.atomic():
        if not mine.update(fetched_at=now):
            return None
        said = Change("export.fetched", "bulk", action_id, str(action_id))
        audit.record(said, by=audit.by(user, origin=origin), now=now)
    try:
        file = _path(action_id).open("rb")
    except FileNotFoundError:
        return None
    # It can be read to its end by whoever has opened it, and by nobody after.
    _path(action_id).unlink(missing_ok=True)
    return file


def is_there(action: BulkAction, user: User, *, now: datetime) -> bool:
    """Can this person fetch the file now?"""
    is_ready = action.kind == BulkAction.Kind.EXPORT and action.state == BulkAction.State.DONE
    is_fresh = action.fetched_at is None and (action.ended_at or action.at) > now - KEPT
    return is_ready and is_fresh and action.by_id == user.pk and _path(action.pk).exists()


def clear(*, now: datetime) -> int:
    """Remove files that nobody fetched within a day; how many. Safe to run twice."""
    old = [
        path
        for path in _folder().glob("*")
        if path.stat().st_mtime < (now - KEPT).timestamp()
    ]  # fmt: skip
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _rows(action: BulkAction, columns: "_Columns", go_on: Progress) -> Iterator[list[str]]:
    """One row per lead that the asker may see, five queries for five hundred of them."""
    assert action.by is not None
    mine = BulkChange.objects.filter(action=action).order_by("lead")
    beyond, count = UUID(int=0), 0
    while lead_ids := list(mine.filter(lead__gt=beyond).values_list("lead", flat=True)[:PORTION]):
        traits = _traits(lead_ids)
        for card in cards.many(action.by, lead_ids):
            yield _row(card, traits.get(card.lead_id, {}), columns)
            count += 1
        beyond = lead_ids[-1]
        if not go_on(count):
            raise Stopped


def _traits(lead_ids: Sequence[UUID]) -> dict[UUID, dict[str, object]]:
    """What is known of each lead, its company's fields as `company.x`. One query."""
    found = Lead.objects.filter(pk__in=lead_ids)
    return {
        lead_id: {**traits, **{f"company.{name}": v for name, v in (company or {}).items()}}
        for lead_id, traits, company in found.values_list("pk", "traits", "company__traits")
    }


_Columns = Sequence[tuple[str, str, Shape]]


def _columns(user: User) -> _Columns:
    """The declared fields that the person may see: name, label, shape. Two queries."""
    currency = settings.current().currency
    return [
        (each.name, each.label, fields.shape_of(each, currency=currency))
        for each in fields.declared_for(user)
        if each.name not in _OF_THE_CARD
    ]


def _headings() -> list[str]:
    return [
        _("Lead"), _("Name"), _("E-mail"), _("Phone"), _("Company"), _("Stage"), _("Temperature"),
        _("Score"), _("Owner"), _("Team"), _("Source"), _("Created"),
    ]  # fmt: skip


def _row(card: CardRow, traits: dict[str, object], columns: _Columns) -> list[str]:
    own = [
        str(card.lead_id), card.name, card.email, card.phone, card.company_name, card.stage,
        card.temperature, str(card.points), card.owner_name or card.owner_email or "",
        card.team_name or "", card.source, card.created_at.isoformat(timespec="seconds"),
    ]  # fmt: skip
    return [*own, *_cells(traits, columns)]


def _cells(traits: dict[str, object], columns: _Columns) -> Iterable[str]:
    """Numbers and money as plain numbers, so that a spreadsheet can count with them."""
    for name, _label, shape in columns:
        value = traits.get(name)
        if value is None:
            yield ""
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield str(value)
        else:
            yield field_values.shown(value, shape)


def _folder() -> Path:
    return Path(django_settings.ENVIRONMENT.data) / "exports"


def _path(action_id: UUID) -> Path:
    return _folder() / f"{action_id}.csv"
