"""A score model's document as a form: numbers as they were typed, rules in another order.

Pure: documents in, documents out; nothing is saved and nothing given is changed. What a document
may hold is said by `scoring.rules`, when it is saved.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from leadline.criteria import span
from leadline.criteria.errors import CriterionError
from leadline.lib import text
from leadline.scoring.rules import GROUPS
from leadline.workspace import field_values
from leadline.workspace.field_values import NotOfType

Document = dict[str, Any]  # JSON, checked by scoring.rules.parse_model
Problems = dict[str, str]

_LONGEST = 200


def shape(document: Mapping[str, Any]) -> str:
    """A mark of which rules and bands there are: numbers that were typed belong to these only."""
    rules = [
        [[rule.get("name"), len(rule.get("first_of", ()))] for rule in document.get(group) or ()]
        for group in GROUPS
    ]
    return hashlib.sha256(json.dumps(rules).encode()).hexdigest()[:16]


def days(rule: Mapping[str, Any]) -> str:
    """The half-life in days, as it is typed; "" without one."""
    written = rule.get("half_life")
    return str(span.parse(written, path="").days) if written else ""


def typed(document: Mapping[str, Any], post: QueryDict) -> tuple[Document, Problems]:
    """The document with the numbers and names of the form, and what cannot be read, by field."""
    found, problems = deepcopy(dict(document)), Problems()
    for group in GROUPS:
        for place, rule in enumerate(found.get(group) or ()):
            _rule(rule, f"{group}.{place}", post, problems)
    for key in ("floor", "cap"):
        _number(found, key, f"total.{key}", post, problems, is_needed=False)
    for name in found.get("thresholds") or {}:
        _number(found["thresholds"], name, f"line.{name}", post, problems)
    return found, problems


def rule(post: QueryDict, before: Mapping[str, Any]) -> tuple[Document, Problems]:
    """The name and the numbers of a rule on its own page; the rest of it stays."""
    found, problems = deepcopy(dict(before)), Problems()
    _rule(found, "rule", post, problems)
    return found, problems


def _rule(found: Document, field: str, post: QueryDict, problems: Problems) -> None:
    if f"{field}.name" in post:
        found["name"] = text.clean(post.get(f"{field}.name", ""), max_length=_LONGEST).strip()
    _number(found, "points", f"{field}.points", post, problems)
    _number(found, "cap", f"{field}.cap", post, problems, is_needed=False)
    _days(found, f"{field}.half_life", post, problems)
    for place, band in enumerate(found.get("first_of") or ()):
        _number(band, "points", f"{field}.b{place}.points", post, problems)


def _number(  # the form, and where in it and in the document
    found: Document,
    key: str,
    field: str,
    post: QueryDict,
    problems: Problems,
    *,
    is_needed: bool = True,
) -> None:
    if field not in post:
        return
    written = post.get(field, "").strip().replace("−", "-")
    if not written and not is_needed:
        found.pop(key, None)
        return
    try:
        found[key] = field_values.fit(written, field_values.shape("number"))
    except NotOfType as refusal:
        problems[field] = str(refusal) if written else _("Write a number of points.")


def _days(found: Document, field: str, post: QueryDict, problems: Problems) -> None:
    if field not in post:
        return
    written = post.get(field, "").strip()
    if not written:
        found.pop("half_life", None)
    elif written.isascii() and written.isdecimal():
        # As it stands, when it means the same: "2w" stays two weeks.
        found["half_life"] = found["half_life"] if days(found) == written else f"{int(written)}d"
    else:
        problems[field] = _("Write a whole number of days.")


# Rules and bands in another order


def changed(document: Mapping[str, Any], asked: str) -> Document:
    """The document after a button such as `up fit 2` or `band_remove fit 2 0`; the same when what
    it names is gone."""
    found = deepcopy(dict(document))
    verb, group, *places = [*asked.split(" "), "", ""][: max(2, len(asked.split(" ")))]
    if group not in GROUPS or not places or not all(_is_place(each) for each in places):
        return found
    rules: list[Any] = found.get(group) or []  # JSON
    try:
        if verb.startswith("band_"):
            bands = rules[int(places[0])]["first_of"]
            _VERBS[verb.removeprefix("band_")](bands, int(places[1]))
        else:
            _VERBS[verb](rules, int(places[0]))
    except (IndexError, KeyError):
        return deepcopy(dict(document))
    return found


def _is_place(written: str) -> bool:
    return written.isascii() and written.isdecimal() and len(written) < 4


def _up(entries: list[Any], place: int) -> None:  # JSON
    if place:
        entries[place - 1], entries[place] = entries[place], entries[place - 1]


def _down(entries: list[Any], place: int) -> None:  # JSON
    if place + 1 < len(entries):
        _up(entries, place + 1)


def _remove(entries: list[Any], place: int) -> None:  # JSON
    entries.pop(place)


_VERBS: Mapping[str, Callable[[list[Any], int], None]] = {  # JSON
    "up": _up,
    "down": _down,
    "remove": _remove,
}


def put(
    document: Mapping[str, Any], group: str, place: int | None, written: Mapping[str, Any]
) -> Document:
    """The document with a rule in the place of the one there, or as the last of its group."""
    found = deepcopy(dict(document))
    rules = found.setdefault(group, []) or []
    found[group] = rules
    if place is None:
        rules.append(dict(written))
    else:
        rules[place] = dict(written)
    return found


def field_of(refusal: CriterionError) -> str:
    """The field of the form in which that stands; "" when it stands in none."""
    parts = refusal.path.split("/")[1:]
    if parts[:1] in (["floor"], ["cap"]):
        return f"total.{parts[0]}"
    if parts[:1] == ["thresholds"]:
        return f"line.{parts[1]}" if len(parts) > 1 else ""
    if len(parts) > 2 and parts[0] in GROUPS:
        if parts[2] == "first_of":
            return f"{parts[0]}.{parts[1]}.b{parts[3]}.points" if len(parts) > 3 else ""
        return ".".join(parts[:3])
    return ""
