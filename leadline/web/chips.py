"""The filter of a list as the address holds it: chips that read as sentences, and one rule.

`?stage=mql&stage=sql&temperature=hot&owner=me&score=50&source=google` are chips on top of the
saved view `?view=3`; each names one thing, all of them must hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from leadline.cards.sorts import NAMES
from leadline.lib import text
from leadline.web import field_filters, labels
from leadline.web.field_filters import Filterable

MANY = ("stage", "temperature")
ONE = ("owner", "score", "below", "source", "list")
NOBODY = "nobody"
_LONGEST = 254
_MOST_COLUMNS = 800


@dataclass(frozen=True)
class Chip:
    """One condition in words, and the address of the list without it."""

    sentence: str
    without: str


@dataclass(frozen=True)
class Chosen:
    """What the address asks for. `values` holds only known names with plain text values."""

    values: Mapping[str, tuple[str, ...]]
    search: str
    sort: str
    view_id: int | None
    fields: Filterable = field_filters.NONE
    columns: tuple[str, ...] = ()
    # How leads spell the source that was written; the address keeps it as it was written.
    sources: tuple[str, ...] = ()

    @property
    def is_filtered(self) -> bool:
        return bool(self.values)

    def document(self, base: Mapping[str, object]) -> dict[str, object]:
        """The saved view's rule and every chip, as one rule; `{}` filters nothing."""
        conditions = [dict(base)] if base else []
        conditions += [self._condition(name, values) for name, values in self.values.items()]
        if not conditions:
            return {}
        return conditions[0] if len(conditions) == 1 else {"all": conditions}

    def _condition(self, name: str, values: tuple[str, ...]) -> dict[str, object]:
        if name.startswith(field_filters.PREFIX):
            return self.fields.condition(name, values)
        return _condition(name, self.sources or values if name == "source" else values)

    def of_fields(self) -> list[tuple[str, str]]:
        """The conditions on declared fields as names and values of the address."""
        return [
            (name, value)
            for name, values in self.values.items()
            if name.startswith(field_filters.PREFIX)
            for value in values
        ]

    def address(self, **changes: str | None) -> str:
        """The list's query with some names changed, or left out by None; starts at the top."""
        pairs = [(n, v) for n, values in self.values.items() for v in values if n not in changes]
        kept = {"q": self.search, "sort": self.sort, "view": self.view_id}
        for name, value in {**kept, "cols": ",".join(self.columns)}.items():
            if value and name not in changes:
                pairs.append((name, str(value)))
        pairs += [(name, value) for name, value in changes.items() if value]
        return "?" + urlencode(pairs)

    def chips(self, owners: Mapping[str, str], lists: Mapping[str, str]) -> list[Chip]:
        """The conditions in words; `owners` gives names for e-mail addresses, `lists` for keys."""
        return [
            Chip(
                self.fields.sentence(name, values)
                if name.startswith(field_filters.PREFIX)
                else _sentence(name, self._spelt(name, values), owners, lists),
                self.address(**{name: None}),
            )
            for name, values in self.values.items()
        ]

    def _spelt(self, name: str, values: tuple[str, ...]) -> tuple[str, ...]:
        return self.sources[:1] or values if name == "source" else values


def read(query: QueryDict, fields: Filterable = field_filters.NONE) -> Chosen:
    """What can be understood of the query; anything else is left out, never an error."""
    values: dict[str, tuple[str, ...]] = {}
    for name in MANY:
        known = labels.STAGES if name == "stage" else labels.TEMPERATURES
        if wanted := _unique(v for v in query.getlist(name) if v in known):
            values[name] = wanted
    for name in ONE:
        value = text.clean(query.get(name, ""), max_length=_LONGEST).strip()
        if value and (name not in ("score", "below") or _is_score(value)):
            values[name] = (value,)
    values |= fields.read(query)
    sort, view = query.get("sort", ""), query.get("view", "")
    return Chosen(
        values,
        text.clean(query.get("q", ""), max_length=200).strip(),
        sort if sort in NAMES else "",
        int(view) if view.isascii() and view.isdecimal() and len(view) < 10 else None,
        fields,
        _unique(key for key in query.get("cols", "")[:_MOST_COLUMNS].split(",") if key),
    )


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _is_score(value: str) -> bool:
    return value.isascii() and value.removeprefix("-").isdecimal() and len(value) <= 5


def _condition(name: str, values: tuple[str, ...]) -> dict[str, object]:
    if name == "score":
        return {"score": "total", "gte": int(values[0])}
    if name == "below":
        return {"score": "total", "lt": int(values[0])}
    if name == "owner" and values[0] == NOBODY:
        return {"owner": {"exists": False}}
    if name == "list":
        return {"in_segment": values[0]}
    return {name: values[0] if len(values) == 1 else {"in": list(values)}}


def _sentence(
    name: str, values: tuple[str, ...], owners: Mapping[str, str], lists: Mapping[str, str]
) -> str:
    if name == "owner":
        return _owner_sentence(values[0], owners)
    words = {
        "stage": [labels.stage(value) for value in values],
        "temperature": [labels.of(labels.TEMPERATURES, value).lower() for value in values],
        "list": [lists.get(value, value) for value in values],
    }.get(name, list(values))
    said = {
        "stage": _("Stage is %(what)s"),
        "temperature": _("Temperature is %(what)s"),
        "score": _("Score is at least %(what)s"),
        "below": _("Score is less than %(what)s"),
        "source": _("Source is %(what)s"),
        "list": _("On the list “%(what)s”"),
    }[name]
    return said % {"what": _(" or ").join(words)}


def _owner_sentence(owner: str, owners: Mapping[str, str]) -> str:
    if owner == NOBODY:
        return _("Nobody owns it")
    if owner == "me":
        return _("I own it")
    return _("%(who)s owns it") % {"who": owners.get(owner, owner)}
