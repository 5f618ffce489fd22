"""Declared fields and what hangs on them: declared, described, their options changed, archived.

The rows are `workspace.fields`', the values `leads.by_field`'s; here stands what a change causes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadline.capture import form_fields, import_columns, traits
from leadline.deals import values as deal_values
from leadline.flow import checkups, field_audit, field_uses, hushing
from leadline.flow.rule_places import Use
from leadline.leads import by_field, locks, uniques
from leadline.lib import clock
from leadline.workspace import audit, fields, jobs, settings
from leadline.workspace.audit import Doer
from leadline.workspace.fields import FieldRefused, Wanted
from leadline.workspace.models import Field, User

TAKE_IN = "fields.take_in"
REPLACE_OPTION = "fields.replace_option"
PORTION = 200

NEEDED = frozenset({
    "name", "first_name", "last_name", "title", "title_seniority", "email_kind", "phone",
    "country", "time_zone", "lead_source", "company.name", "company.domain",
    "company.employee_count",
})  # fmt: skip
"""What names, cards, duplicates and answers are made of: never archived."""

RESERVED = import_columns.RESERVED | traits.RESERVED
"""Names under which values mean something else where they come in."""


class StillUsed(Exception):
    """The field, or an option of it, is named in these places."""

    permanent = True

    def __init__(self, uses: Sequence[Use]) -> None:
        super().__init__(", ".join(f"{each.where}: {each.name}" for each in uses))
        self.uses = uses


class AlwaysNeeded(Exception):
    """Leadline itself works with this field, so it cannot be archived."""

    permanent = True


@dataclass(frozen=True)
class Affected:
    """What becomes of records when options go: how many of them hold each."""

    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def add(wanted: Wanted, *, by: Doer, now: datetime) -> Field:
    """Declare a field; what leads said under its name before is taken in by a job.

    Raises FieldRefused.
    """
    with transaction.atomic():
        row = fields.add(wanted, currency=settings.current().currency, reserved=RESERVED)
        _take_in_later(row, now=now)
        field_audit.note("field.added", row, {}, field_audit.facts(row), by=by, now=now)
    return row


def affected(row: Field, wanted: Wanted, *, by: Doer) -> Affected:
    """How many records hold an option that `wanted` has no more. Raises StillUsed.

    Nothing is changed.
    """
    gone = _gone(row, wanted)
    uses = field_uses.of_options(row.name, gone, reader=_reader(by)) if gone else []
    if uses:
        raise StillUsed(uses)
    if fields.about(row.name) == "deal":
        return Affected(deal_values.counts_of_options(row.name, gone))
    shape = fields.shape_of(row, currency="")
    return Affected(by_field.counts_of_options(row.name, gone, shape=shape))


def change(
    row: Field, wanted: Wanted, *, becomes: Mapping[str, str | None] | None = None, by: Doer,
    now: datetime,
) -> Field:  # fmt: skip
    """Describe the field anew; its name and type stay, so rules, forms and views go on.

    `becomes` says for each option that goes and that is held which option is held instead, or
    None for nothing; a job puts it there. Raises FieldRefused, StillUsed, and FieldRefused for an
    option that is held and not in `becomes`.
    """
    before = field_audit.facts(row)
    with transaction.atomic():
        # Whoever writes values under the old description is done before it changes, and nobody
        # says a value that shall be unique a second time meanwhile.
        locks.passing()
        gone = _gone(row, wanted)
        _refuse_loose_ends(row, wanted, becomes or {}, by=by)
        if wanted.is_sensitive and row.name in NEEDED:
            raise FieldRefused({"is_sensitive": _("Everybody who sees a lead sees this.")})
        if wanted.is_unique and not row.is_unique:
            _refuse_duplicates(row)
        was_open, label = not row.is_sensitive, row.label
        changed = fields.change(row, wanted)
        if changed.is_sensitive and was_open:
            hushing.later(changed, label=label, now=now)
        for value in gone:
            arguments = {"name": row.name, "value": value, "becomes": (becomes or {}).get(value)}
            key = f"{REPLACE_OPTION}:{row.name}:{value}"
            jobs.enqueue(REPLACE_OPTION, arguments, now=now, unique_key=key)
        after = field_audit.facts(changed)
        field_audit.note("field.changed", changed, before, after, by=by, now=now)
    return changed


def _reader(by: Doer) -> User | None:
    """Who is told where a field is used; None on the command line, who has no views."""
    return User.objects.filter(pk=by.user_id).first() if by.user_id else None


def _refuse_loose_ends(
    row: Field, wanted: Wanted, becomes: Mapping[str, str | None], *, by: Doer
) -> None:
    kept = {value for value, _label in wanted.options}
    for value, number in affected(row, wanted, by=by).counts.items():
        if value not in becomes:
            raise FieldRefused({"options": _still_held(value, number)})
    for instead in becomes.values():
        if instead is not None and instead not in kept:
            raise FieldRefused({"options": _("“%s” is no option any more.") % instead})


def archive(row: Field, *, by: Doer, now: datetime) -> None:
    """Take the field out of use; values stay. Raises StillUsed and AlwaysNeeded."""
    if row.name in NEEDED:
        raise AlwaysNeeded(row.name)
    with transaction.atomic():
        uses = field_uses.of(row.name, reader=_reader(by))
        if uses:
            raise StillUsed(uses)
        fields.archive(row, now=now)
        field_audit.note("field.archived", row, by=by, now=now)


def restore(row: Field, *, by: Doer, now: datetime) -> None:
    """Bring the field back, with what was said meanwhile. Safe to run twice."""
    with transaction.atomic():
        fields.restore(row)
        _take_in_later(row, now=now)
        field_audit.note("field.restored", row, by=by, now=now)


def move(row: Field, *, is_up: bool, by: Doer, now: datetime) -> bool:
    """One place up or down among the fields of its kind; False at the end of them."""
    with transaction.atomic():
        if not fields.move(row, is_up=is_up):
            return False
        after: dict[str, audit.Value] = {"position": "up" if is_up else "down"}
        field_audit.note("field.moved", row, {}, after, by=by, now=now)
    return True


def ask(row: Field, *, slugs: Collection[str], by: Doer, now: datetime) -> list[str]:
    """Let exactly these forms ask for the field; returns those that changed.

    Raises form_fields.NotForForms.
    """
    with transaction.atomic():
        before = form_fields.asking(row.name)
        changed = form_fields.ask(row, slugs=slugs, now=now)
        if changed:
            both = [{"forms": ", ".join(each)} for each in (before, form_fields.asking(row.name))]
            field_audit.note("field.asked", row, *both, by=by, now=now)
    return changed


# Jobs


def take_in(arguments: Mapping[str, object], now: datetime) -> int:
    """The job: what was said before becomes values, a portion at a time. Returns how many leads."""
    name, done, after = str(arguments["name"]), 0, by_field.FIRST
    while found := by_field.undeclared_after(name, after=after, limit=PORTION):
        with transaction.atomic():
            row = Field.objects.filter(name=name, archived_at=None).first()
            if row is None:
                return done
            shape = fields.shape_of(row, currency=settings.current().currency)
            changed = by_field.take_in(name, shape=shape, lead_ids=found, now_us=clock.micros(now))
            checkups.ask_for(changed, at_us=clock.micros(now))
        done, after = done + len(changed), found[-1]
    return done


def replace_option(arguments: Mapping[str, object], now: datetime) -> int:
    """The job: one option in the place of another, a portion at a time. Returns how many leads."""
    name, value = str(arguments["name"]), str(arguments["value"])
    instead = arguments.get("becomes")
    becomes = str(instead) if isinstance(instead, str) else None
    if fields.about(name) == "deal":
        with transaction.atomic():
            return deal_values.replace_option(name, value, becomes=becomes)
    shape = fields.shape_of(fields.get(name), currency="")
    if name.startswith(fields.COMPANY):
        with transaction.atomic():
            by_field.replace_option_of_companies(name, value, becomes=becomes)
    done, after = 0, by_field.FIRST
    while found := by_field.option_after(name, value, shape=shape, after=after, limit=PORTION):
        changed = _replace(name, value, becomes=becomes, lead_ids=found, now=now)
        done, after = done + len(changed), found[-1]
    return done


def _replace(
    name: str, value: str, *, becomes: str | None, lead_ids: Sequence[UUID], now: datetime
) -> list[UUID]:
    now_us = clock.micros(now)
    with transaction.atomic():
        changed = by_field.replace_option(
            name, value, becomes=becomes, lead_ids=lead_ids, now_us=now_us
        )
        checkups.ask_for(changed, at_us=now_us)
    return changed


def _take_in_later(row: Field, *, now: datetime) -> None:
    jobs.enqueue(TAKE_IN, {"name": row.name}, now=now, unique_key=f"{TAKE_IN}:{row.name}")


def _gone(row: Field, wanted: Wanted) -> list[str]:
    kept = {value for value, _label in wanted.options}
    return [each.value for each in fields.options_of(row) if each.value not in kept]


def _refuse_duplicates(row: Field) -> None:
    about = fields.about(row.name)
    if about == "lead":
        number = by_field.duplicates(row.name)
        said = ngettext(
            "%(num)d value is held by more than one lead.",
            "%(num)d values are held by more than one lead each.",
            number,
        )
    elif about == "company":
        number = uniques.duplicates_of_companies(row.name)
        said = ngettext(
            "%(num)d value is held by more than one company.",
            "%(num)d values are held by more than one company each.",
            number,
        )
    else:
        number = deal_values.duplicates(row.name)
        said = ngettext(
            "%(num)d value is held by more than one deal.",
            "%(num)d values are held by more than one deal each.",
            number,
        )
    if number:
        raise FieldRefused({"is_unique": said % {"num": number}})


def _still_held(value: str, number: int) -> str:
    said = ngettext(
        "%(num)d record holds “%(value)s”: say what becomes of it.",
        "%(num)d records hold “%(value)s”: say what becomes of it.",
        number,
    )
    return said % {"num": number, "value": value}
