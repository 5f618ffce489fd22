"""The columns of the list of leads: which there are, which are shown, and their values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leadline.cards.queries import CardRow
from leadline.leads.models import Lead
from leadline.web.chips import Chosen
from leadline.web.field_filters import PREFIX
from leadline.workspace import fields, settings, spoken
from leadline.workspace.models import Field

USUAL = ("company", "score", "temp", "stage", "owner", "source", "when")
MOST = 10
NARROWEST, WIDEST = 56, 640
"""Between these a column can be made narrower and wider, in pixels."""
_COMPANY = "company."

# Key: label, sort ("" when the list cannot be sorted by it).
_KNOWN: Mapping[str, tuple[str | Promise, str]] = {
    "name": (_("Name"), "name"),
    "company": (_("Company"), ""),
    "score": (_("Score"), "score"),
    "temp": (_("Temperature"), ""),
    "stage": (_("Stage"), "stage_since"),
    "owner": (_("Owner"), ""),
    "team": (_("Team"), ""),
    "source": (_("Source"), ""),
    "when": (_("Created"), "created"),
    "title": (_("Job title"), ""),
    "email": (_("E-mail"), ""),
    "phone": (_("Phone"), ""),
    "due": (_("Answer due"), "response_due"),
    "why": (_("Why"), ""),
}
_PLAIN = frozenset({"team", "title", "email", "phone", "why"})


@dataclass(frozen=True)
class Head:
    """A column's title; sortable ones carry the address of the other order."""

    key: str
    label: str | Promise
    address: str = ""
    direction: str = ""
    # In pixels; None: as wide as such columns are.
    width: int | None = None

    @property
    def style(self) -> str:
        """The name by which the style knows the column; fields share one."""
        is_plain = self.key in _PLAIN or self.key.startswith(PREFIX)
        return "field" if is_plain else self.key


@dataclass(frozen=True)
class Choice:
    """A column in the menu: where it goes from here. "" where it cannot go."""

    label: str | Promise
    earlier: str = ""
    later: str = ""
    without: str = ""
    added: str = ""


@dataclass(frozen=True)
class Columns:
    """The columns shown after the name, of those that the reader may see, with their widths in
    pixels where somebody has chosen one. The name takes the room that is left."""

    widths: Mapping[str, int | None]
    declared: Sequence[Field]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.widths)

    @property
    def all(self) -> tuple[str, ...]:
        return ("name", *self.keys)

    @property
    def written(self) -> tuple[str, ...]:
        """As addresses and views hold them: `score`, or `score:90` with a width."""
        return tuple(map(self._written, self.keys))

    def heads(self, chosen: Chosen, *, sort: str) -> list[Head]:
        return [self._head(key, chosen, sort) for key in self.all]

    def menu(self, chosen: Chosen) -> tuple[list[Choice], list[Choice]]:
        """(the columns shown, those that can be added), each with the addresses of the list."""

        def to(keys: Sequence[str]) -> str:
            return chosen.address(cols=",".join(map(self._written, keys)))

        shown = [
            Choice(
                self._label(key),
                earlier=to(_swapped(self.keys, at, at - 1)) if at else "",
                later=to(_swapped(self.keys, at, at + 1)) if at + 1 < len(self.keys) else "",
                without=to([each for each in self.keys if each != key]) if self.keys[1:] else "",
            )
            for at, key in enumerate(self.keys)
        ]
        may_grow = len(self.keys) < MOST
        others = [key for key in _everything(self.declared) if key not in self.all]
        added = [Choice(self._label(key), added=to([*self.keys, key])) for key in others]
        return shown, added if may_grow else []

    def values(self, rows: Sequence[CardRow]) -> Callable[[UUID, str], str]:
        """What a lead says in a column of a field, in words. Two queries, none without fields."""
        names = [key.removeprefix(PREFIX) for key in self.keys if key.startswith(PREFIX)]
        if not names:
            return lambda lead_id, key: ""
        wanted = {row.name: row for row in self.declared if row.name in names}
        shapes = fields.shapes(wanted.values(), currency=settings.current().currency)
        leads = Lead.objects.filter(pk__in=[row.lead_id for row in rows])
        known = {
            lead_id: {
                **traits,
                **{_COMPANY + name: value for name, value in (around or {}).items()},
            }
            for lead_id, traits, around in leads.values_list("pk", "traits", "company__traits")
        }

        def value(lead_id: UUID, key: str) -> str:
            name = key.removeprefix(PREFIX)
            said = known.get(lead_id, {}).get(name)
            return "" if said in (None, "", []) else spoken.value(said, shapes[name])

        return value

    def _head(self, key: str, chosen: Chosen, sorted_by: str) -> Head:
        sort = _KNOWN[key][1] if key in _KNOWN else ""
        width = self.widths.get(key)
        if not sort:
            return Head(key, self._label(key), width=width)
        direction = {sort: "ascending", f"-{sort}": "descending"}.get(sorted_by, "")
        first = sort if sort in ("name", "response_due") else f"-{sort}"
        other = sort if first != sort else f"-{sort}"
        address = chosen.address(sort=other if sorted_by == first else first)
        return Head(key, self._label(key), address, direction, width)

    def _written(self, key: str) -> str:
        width = self.widths.get(key)
        return key if width is None else f"{key}:{width}"

    def _label(self, key: str) -> str | Promise:
        if key in _KNOWN:
            return _KNOWN[key][0]
        name = key.removeprefix(PREFIX)
        return next(row.label for row in self.declared if row.name == name)


def of(written: Sequence[str], declared: Sequence[Field]) -> Columns:
    """The columns that are written like this, as far as they are known; the usual ones for none."""
    known = _everything(declared)
    found: dict[str, int | None] = {}
    for each in written:
        key, _colon, width = each.partition(":")
        if key in known and key != "name" and len(found) < MOST:
            found.setdefault(key, _width(width))
    return Columns(found or dict.fromkeys(USUAL), declared)


def _width(written: str) -> int | None:
    """A width that a column can have, else None."""
    if not (written.isascii() and written.isdecimal() and len(written) < 5):
        return None
    return min(max(int(written), NARROWEST), WIDEST)


def _everything(declared: Sequence[Field]) -> list[str]:
    return [*_KNOWN, *(PREFIX + row.name for row in declared if row.name not in _STANDING)]


# Fields that columns of their own show.
_STANDING = frozenset({"name", "title", "phone", "company.name"})


def _swapped(keys: Sequence[str], one: int, other: int) -> list[str]:
    found = list(keys)
    found[one], found[other] = found[other], found[one]
    return found
