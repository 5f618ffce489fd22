"""What two leads say together, and what is left when they part: arithmetic without rows."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

_ABSENT = object()


class Told(msgspec.Struct):
    """What is known of a lead. `marks` as in `Lead.trait_marks`."""

    traits: dict[str, Any] = {}  # JSON values
    marks: dict[str, list[int]] = {}
    undeclared: dict[str, Any] = {}  # JSON values
    company_id: UUID | None = None


def join(kept: Told, absorbed: Told) -> Told:
    """Per trait: verified before unverified, then what was said last; else the kept lead's."""
    traits, marks = dict(kept.traits), dict(kept.marks)
    for name, value in absorbed.traits.items():
        mark = absorbed.marks.get(name, [0, 0])
        known = marks.get(name)
        if name not in traits or known is None or (mark[1], mark[0]) > (known[1], known[0]):
            traits[name], marks[name] = value, mark
    undeclared = {**absorbed.undeclared, **kept.undeclared}
    return Told(traits, marks, undeclared, kept.company_id or absorbed.company_id)


def differing(before: Told, after: Told) -> list[tuple[str, Any, list[int]]]:  # JSON values
    """(name, value, mark) of each trait that is another one after; None for one that is gone."""
    names = {**before.traits, **after.traits}
    return [
        (name, after.traits.get(name), after.marks.get(name, [0, 0]))
        for name in names
        if before.traits.get(name, _ABSENT) != after.traits.get(name, _ABSENT)
    ]


def part(now: Told, *, before: Told, absorbed: Told, others: Sequence[Told] = ()) -> Told:
    """What the kept lead knows without the absorbed one.

    `before` is what it knew before the merge, `others` are leads absorbed later that stay. What
    it was told since stays too; only what came from the absorbed lead goes, and what that had
    replaced comes back.
    """
    rest = before
    for other in others:
        rest = join(rest, other)
    traits, marks = dict(now.traits), dict(now.marks)
    for name in absorbed.traits:
        if _came_along(name, now, absorbed):
            _put_back(name, traits, rest.traits)
            _put_back(name, marks, rest.marks)
    undeclared = dict(now.undeclared)
    for name, value in absorbed.undeclared.items():
        if undeclared.get(name, _ABSENT) == value:
            _put_back(name, undeclared, rest.undeclared)
    came_along = now.company_id == absorbed.company_id
    return Told(traits, marks, undeclared, rest.company_id if came_along else now.company_id)


def _came_along(name: str, now: Told, absorbed: Told) -> bool:
    """The value is the absorbed lead's, said when that said it: nobody repeated it since."""
    is_same = now.traits.get(name, _ABSENT) == absorbed.traits[name]
    return is_same and now.marks.get(name, [0, 0]) == absorbed.marks.get(name, [0, 0])


def _put_back(name: str, into: dict[str, Any], known: Mapping[str, Any]) -> None:  # JSON values
    into.pop(name, None)
    if name in known:
        into[name] = known[name]
