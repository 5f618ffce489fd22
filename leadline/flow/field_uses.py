"""Where a declared field is named: rules of every kind, forms and saved views.

Documents are searched as they are stored, whatever they mean otherwise, so that nothing which
names a field is overlooked because it cannot be read just now.
"""

from collections.abc import Collection, Iterator, Mapping

from leadline.capture.models import Form
from leadline.criteria import documents
from leadline.flow import rule_places
from leadline.flow.rule_places import Use
from leadline.scoring.models import ScoreModelVersion
from leadline.workspace.models import User


def of(name: str, *, reader: User | None) -> list[Use]:
    """Every place that names the field, each once; a view that the reader has not is not named.

    Eight queries.
    """
    return sorted(_rules(name, None, reader=reader) | set(_forms(name)))


def of_options(name: str, values: Collection[str], *, reader: User | None) -> list[Use]:
    """Every rule and view that compares the field with one of these values. Seven queries."""
    return sorted(_rules(name, frozenset(values), reader=reader))


def rules_of_scores(name: str) -> dict[int, set[str]]:
    """By id of a model version, whatever its state: the rules that ask for the field. One query."""
    found: dict[int, set[str]] = {}
    for version_id, document in ScoreModelVersion.objects.values_list("pk", "document"):
        for rule in [*document.get("fit", []), *document.get("engagement", [])]:
            if _names(rule, name, None):
                found.setdefault(version_id, set()).add(str(rule.get("name", "")))
    return found


def _forms(name: str) -> Iterator[Use]:
    for slug, title, asked in Form.objects.values_list("slug", "name", "fields"):
        if any(each.get("name") == name for each in asked):
            yield Use("form", title or slug)


def _rules(name: str, values: frozenset[str] | None, *, reader: User | None) -> set[Use]:
    places = (p for p in rule_places.everywhere() if _names(p.document, name, values))
    return rule_places.uses(places, reader=reader)


def _names(document: object, name: str, values: frozenset[str] | None) -> bool:
    """Whether a criterion somewhere inside is about the field, and about one of the values."""
    return any(
        each.get("trait") == name and (values is None or _compares(each, values))
        for each in documents.objects(document)
    )


def _compares(leaf: Mapping[object, object], values: frozenset[str]) -> bool:
    for operator, operand in leaf.items():
        operands = operand if isinstance(operand, list | tuple) else [operand]
        if operator != "trait" and any(
            each in values for each in operands if isinstance(each, str)
        ):
            return True
    return False
