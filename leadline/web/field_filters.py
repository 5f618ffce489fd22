"""Declared fields in the filter of a list: `?t.fleet_size=small&t.seats.min=10`.

One address holds one condition per field, or two for what has an order (from, to). Days are
read as people say them. Whatever cannot be understood is left out, never an error.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from leadline.criteria import parse, sentence, uses
from leadline.criteria.errors import CriterionError
from leadline.criteria.vocabulary import Vocabulary
from leadline.lib import clock, text
from leadline.lib.said_date import NotADate
from leadline.web import due_dates
from leadline.workspace import field_values, fields
from leadline.workspace.models import Field, User

PREFIX = "t."
MIN, MAX = ".min", ".max"
_LONGEST = 254
_ORDERED = ("number", "money", "date")
_PARTIAL = ("text", "long_text", "link")
Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Filterable:
    """The declared fields, as a filter may name them."""

    rows: Sequence[Field]

    def read(self, query: QueryDict) -> dict[str, tuple[str, ...]]:
        """The conditions in the address, by their keys, in the order of the fields."""
        asked = {key for key in query if key.startswith(PREFIX)}
        found: dict[str, tuple[str, ...]] = {}
        for row in self.rows if asked else ():
            for key in keys(row):
                values = _understood(row, query.getlist(key)) if key in asked else ()
                if values:
                    found[key] = values
        return found

    def condition(self, key: str, values: tuple[str, ...]) -> dict[str, object]:
        """The rule that a key with these values stands for."""
        name = key.removeprefix(PREFIX)
        row = self._of(name)
        if row is None:
            name, operator = (name[:-4], "gte") if name.endswith(MIN) else (name[:-4], "lte")
            row = self._of(name)
            assert row is not None  # `read` made the key
            return {"trait": name, operator: _operand(row, values[0])}
        if row.type in ("option", "options"):
            return {"trait": name, "in": list(values)}
        if row.type in _PARTIAL:
            return {"trait": name, "contains": values[0]}
        return {"trait": name, "is": _operand(row, values[0])}

    def sentence(self, key: str, values: tuple[str, ...]) -> str:
        """The condition in words; the value alone when it is no rule."""
        words = Vocabulary(
            traits=fields.kinds(self.rows),
            labels={row.name: row.label for row in self.rows},
            options=fields.option_labels(self.rows),
        )
        try:
            rule = parse.parse(self.condition(key, values), vocabulary=words, allowed=uses.LIST)
        except CriterionError:
            return ", ".join(values)
        said = sentence.sentence(rule, translate=_)
        return said[:1].upper() + said[1:]

    def wanted(self, name: str) -> Field | None:
        """The field of this name, to ask for its value."""
        return self._of(name)

    def _of(self, name: str) -> Field | None:
        return next((row for row in self.rows if row.name == name), None)


NONE = Filterable(())


def declared_for(user: User) -> Filterable:
    """The declared fields that the person may see. One query."""
    return Filterable(fields.declared_for(user))


def keys(row: Field) -> list[str]:
    """The names in the address that are about the field."""
    key = PREFIX + row.name
    return [key + MIN, key + MAX] if row.type in _ORDERED else [key]


def _understood(row: Field, values: Iterable[str]) -> tuple[str, ...]:
    given = [text.clean(value, max_length=_LONGEST).strip() for value in values]
    if row.type in ("option", "options"):
        known = {each.value for each in fields.options_of(row)}
        return tuple(dict.fromkeys(value for value in given if value in known))
    last = given[-1] if given else ""
    try:
        if row.type == "date" and last:
            last = due_dates.read_day(last, now=clock.now()).isoformat()
        return (last,) if last and (row.type in _PARTIAL or _operand(row, last) != "") else ()
    except (field_values.NotOfType, NotADate):
        return ()


def _operand(row: Field, value: str) -> field_values.Value:
    """Raises NotOfType. A filter by money takes plain numbers; the field has the currency."""
    shape = fields.shape_of(row, currency="EUR")
    return field_values.fit(value, shape)
