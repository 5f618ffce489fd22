"""Declared fields: what is known of leads, companies and deals, and what its values must be.

What is known of a lead and its company is asked for together, in rules, lists and forms; what is
known of deals stands apart (`of_deals`).
"""

import itertools
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from leadline.lib import text
from leadline.workspace import field_values, permissions, playbook, settings
from leadline.workspace.field_values import Shape
from leadline.workspace.models import Field, User

COMPANY = "company."
DEAL = "deal."
About = Literal["lead", "company", "deal"]
PREFIXES: Mapping[About, str] = {"lead": "", "company": COMPANY, "deal": DEAL}
MOST_OPTIONS = 200
_WRITTEN_BY_HAND = frozenset({Field.Type.LONG_TEXT, Field.Type.LINK, Field.Type.PERSON})
_PERSONS = frozenset(
    {"email", "phone", "website", "street", "postal_code", "message", "name", "first_name",
     "last_name"}
)  # fmt: skip


def declared() -> list[Field]:
    """The fields of leads and companies that are not archived, in the order shown. One query."""
    return [row for row in everything() if about(row.name) != "deal"]


def of_deals() -> list[Field]:
    """The fields of deals that are not archived, in the order shown. One query."""
    return [row for row in everything() if about(row.name) == "deal"]


def everything() -> list[Field]:
    """Every field that is not archived, in the order shown. One query."""
    return list(Field.objects.filter(archived_at=None).order_by("position", "id"))


def is_counted(name: str, kind: str) -> bool:
    """Whether the values of a field may be counted over everybody: neither names a person nor is
    written by hand."""
    return name not in _PERSONS and kind not in _WRITTEN_BY_HAND


def about(name: str) -> About:
    """What the field of this name is about."""
    if name.startswith(COMPANY):
        return "company"
    return "deal" if name.startswith(DEAL) else "lead"


def sensitive() -> frozenset[str]:
    """The names of the fields that not everybody may see, archived ones too. One query."""
    return frozenset(Field.objects.filter(is_sensitive=True).values_list("name", flat=True))


def hidden_from(user: User) -> frozenset[str]:
    """The fields whose values this person may not see. One query, none for those who see all."""
    return frozenset() if permissions.may(user, "see_sensitive") else sensitive()


def declared_for(user: User) -> list[Field]:
    """The fields that are not archived and that the person may see, in order. One query."""
    sees_all = permissions.may(user, "see_sensitive")
    return [each for each in declared() if sees_all or not each.is_sensitive]


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


def by_label() -> dict[str, str]:
    """The name of each field by what people call it, folded; the first of two called the same.

    One query.
    """
    return {text.fold(row.label): row.name for row in reversed(declared())}


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


# Changing


class FieldRefused(ValueError):
    """What was asked for cannot be; `errors` are sentences by the name of the input."""

    permanent = True

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


class UnknownField(LookupError):
    """There is no field of this name."""

    permanent = True


@dataclass(frozen=True)
class Wanted:
    """A field as somebody at the screen describes it; texts are clean. `name` is "" for a new one.

    `options` in the order shown; a new option has no value yet and gets one from its label.
    """

    label: str
    type: str = "text"
    about: About = "lead"
    help: str = ""
    group: str = ""
    options: tuple[tuple[str, str], ...] = ()
    currency: str = ""
    is_fact: bool = False
    is_unique: bool = False
    is_sensitive: bool = False


def as_wanted(row: Field) -> Wanted:
    """The field as it is described now."""
    return Wanted(
        label=row.label, type=row.type, help=row.help, group=row.group, currency=row.currency,
        about=about(row.name), is_fact=row.is_fact, is_unique=row.is_unique,
        is_sensitive=row.is_sensitive,
        options=tuple((each.value, each.label) for each in options_of(row)),
    )  # fmt: skip


def get(name: str) -> Field:
    """The field, archived or not. Raises UnknownField."""
    found = Field.objects.filter(name=name).first()
    if found is None:
        raise UnknownField(name)
    return found


def archived() -> list[Field]:
    """The fields that were archived, by label."""
    return list(Field.objects.exclude(archived_at=None).order_by("label", "id"))


def add(wanted: Wanted, *, currency: str, reserved: Collection[str]) -> Field:
    """Declare a field, last in order; its name follows from the label and never changes.

    `reserved` are names that mean something else where values come in. `currency` is the
    workspace's. Raises FieldRefused; a second run makes a second field, `size_2`.
    """
    with transaction.atomic():
        name = _free_name(wanted, reserved=reserved)
        values = _checked(wanted, name=name, currency=currency)
        last = Field.objects.order_by("-position").values_list("position", flat=True).first()
        row = Field.objects.create(name=name, position=0 if last is None else last + 1, **values)
        settings.rules_changed()
    return row


def change(row: Field, wanted: Wanted) -> Field:
    """Set everything but name, type and currency, which values depend on. Raises FieldRefused."""
    kept = replace(wanted, type=row.type, currency=row.currency, about=about(row.name))
    values = _checked(kept, name=row.name, currency=row.currency)
    with transaction.atomic():
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        settings.rules_changed()
    return row


def archive(row: Field, *, now: datetime) -> None:
    """Take the field out of use; its values stay. Safe to run twice."""
    with transaction.atomic():
        Field.objects.filter(pk=row.pk, archived_at=None).update(archived_at=now)
        settings.rules_changed()


def restore(row: Field) -> None:
    """Bring an archived field back into use, last in order. Safe to run twice."""
    with transaction.atomic():
        last = Field.objects.order_by("-position").values_list("position", flat=True)[0]
        Field.objects.filter(pk=row.pk).exclude(archived_at=None).update(
            archived_at=None, position=last + 1
        )
        settings.rules_changed()


def move(row: Field, *, is_up: bool) -> bool:
    """Change places with the field of its kind before or after it; False at the end of them."""
    with transaction.atomic():
        shown = [each for each in everything() if about(each.name) == about(row.name)]
        places = [each.position for each in shown]
        at = next((n for n, each in enumerate(shown) if each.pk == row.pk), -1)
        to = at - 1 if is_up else at + 1
        if at < 0 or not 0 <= to < len(shown):
            return False
        shown[at], shown[to] = shown[to], shown[at]
        for position, each in zip(places, shown, strict=True):
            each.position = position
        Field.objects.bulk_update(shown, ["position"])
    return True


def _free_name(wanted: Wanted, *, reserved: Collection[str]) -> str:
    """A name made of the label that nothing else has."""
    prefix = PREFIXES[wanted.about]
    words = re.sub(r"[^0-9a-z]+", "_", text.fold(wanted.label)).strip("_")
    stem = (words if words[:1].isalpha() else f"field_{words}".rstrip("_"))[:40].rstrip("_")
    taken = set(Field.objects.values_list("name", flat=True)) | set(reserved)
    numbered = (f"{stem}_{number}" for number in itertools.count(2))
    return next(
        prefix + each for each in itertools.chain([stem], numbered) if prefix + each not in taken
    )


def _checked(wanted: Wanted, *, name: str, currency: str) -> dict[str, Any]:  # columns of a row
    errors: dict[str, str] = {}
    if not wanted.label:
        errors["label"] = _("Please fill this in.")
    if wanted.type not in Field.Type.values:
        errors["type"] = _("Please choose one of the types.")
    if wanted.is_fact and wanted.is_sensitive:
        errors["is_sensitive"] = _("What is sensitive cannot be a fact for analytics.")
    if wanted.is_unique and wanted.type in playbook.NEVER_UNIQUE:
        errors["is_unique"] = _("Values of this type cannot be unique.")
    is_money = wanted.type == Field.Type.MONEY
    if is_money and not re.fullmatch("[A-Z]{3}", wanted.currency or currency):
        errors["currency"] = _("Please write three letters, such as EUR.")
    if wanted.type in playbook.WITH_OPTIONS:
        options = _with_values(wanted.options)
        errors |= _option_errors(options)
    else:
        options = []
    if errors:
        raise FieldRefused(errors)
    return {
        "type": wanted.type,
        "label": wanted.label,
        "help": wanted.help,
        "group": wanted.group,
        "options": [{"value": value, "label": label} for value, label in options],
        "currency": (wanted.currency or currency) if is_money else "",
        "is_fact": wanted.is_fact,
        "is_unique": wanted.is_unique,
        "is_sensitive": wanted.is_sensitive,
    }


def _with_values(options: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each option with a value; a new one's is made of its label, so that files and the API have
    something to write that a change of words does not break."""
    given = [(value.strip(), label.strip()) for value, label in options]
    given = [(value, label) for value, label in given if value or label]
    taken = {value for value, _label in given if value}
    found: list[tuple[str, str]] = []
    for value, label in given:
        settled = value or _free_value(label, taken)
        taken.add(settled)
        found.append((settled, label or settled))
    return found


def _free_value(label: str, taken: Collection[str]) -> str:
    stem = re.sub(r"[^0-9a-z]+", "_", text.fold(label)).strip("_")[:40] or "option"
    numbered = (f"{stem}_{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([stem], numbered) if each not in taken)


def _option_errors(options: list[tuple[str, str]]) -> dict[str, str]:
    labels = [text.fold(label) for _, label in options]
    if not options:
        return {"options": _("Please give at least one option.")}
    if len(options) > MOST_OPTIONS:
        return {"options": _("Please give at most %(limit)d options.") % {"limit": MOST_OPTIONS}}
    if len(set(labels)) < len(labels):
        return {"options": _("Two options are called the same.")}
    try:
        msgspec.convert(
            [{"value": value, "label": label} for value, label in options], list[playbook.Option]
        )
    except msgspec.ValidationError:
        return {"options": _("An option has at most 60 characters and no semicolon.")}
    return {}
