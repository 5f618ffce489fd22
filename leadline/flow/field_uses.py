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


def of(name: str) -> list[Use]:
    """Every place that names the field, each once. Six queries."""
    return sorted(set(_rules(name, None)) | set(_forms(name)))


def of_options(name: str, values: Collection[str]) -> list[Use]:
    """Every rule and view that compares the field with one of these values. Five queries."""
    return sorted(set(_rules(name, frozenset(values))))


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


def _rules(name: str, values: frozenset[str] | None) -> Iterator[Use]:
    for place in rule_places.everywhere():
        if _names(place.document, name, values):
            yield place.use


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
