"""What rules may name in this workspace: its declared fields beside what everybody has."""

from collections.abc import Sequence

from leadline.criteria.vocabulary import FACTS, Vocabulary
from leadline.workspace import fields
from leadline.workspace.models import Field


def current() -> Vocabulary:
    """What a score model may name. One query."""
    return of(fields.declared())


def of(declared: Sequence[Field]) -> Vocabulary:
    """The same of fields that were read already."""
    return Vocabulary(
        traits=fields.kinds(declared),
        labels={each.name: each.label for each in declared},
        options=fields.option_labels(declared),
        sensitive=frozenset(each.name for each in declared if each.is_sensitive),
        uncounted=frozenset(
            each.name for each in declared if not fields.is_counted(each.name, each.type)
        ),
        facts={**FACTS, "shows_interest": "boolean"},
    )
