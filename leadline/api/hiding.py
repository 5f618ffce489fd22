"""What a caller may not see, they may neither ask about nor set: one rule for every operation."""

from collections.abc import Mapping

from leadline.api.problems import invalid
from leadline.cards import filters
from leadline.criteria.errors import CriterionError
from leadline.criteria.nodes import Node
from leadline.workspace import fields


def rule(document: Mapping[str, object], *, hidden: frozenset[str], pointer: str) -> Node | None:
    """The filter as a rule; a hidden field is as unknown as one that was never declared.

    Raises Refusal 422 with the place, which is somewhere below `pointer`.
    """
    known = [each for each in fields.declared() if each.name not in hidden]
    try:
        return filters.read(document, declared=known)
    except CriterionError as error:
        raise invalid(f"{pointer}{error.path}", str(error)) from None


def refuse(name: str, *, hidden: frozenset[str], pointer: str) -> None:
    """Raises Refusal 422 at the pointer when the field is hidden; it is not to be set either."""
    if name in hidden:
        raise invalid(pointer, "You may not see this field, so you may not set it.")
