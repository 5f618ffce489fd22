"""Where a declared field is named: rules of every kind, forms and saved views.

Documents are searched as they are stored, whatever they mean otherwise, so that nothing which
names a field is overlooked because it cannot be read just now.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from leadline.capture.models import Form
from leadline.cards.models import SavedView
from leadline.lifecycle.models import LifecycleVersion
from leadline.routing.models import RoutingRule, SlaPolicy
from leadline.scoring.models import ScoreModelVersion

Where = Literal["scoring", "lifecycle", "routing", "policy", "form", "view"]


@dataclass(frozen=True, order=True)
class Use:
    """One place that names a field, and what people call that place."""

    where: Where
    name: str


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
    published = ScoreModelVersion.objects.exclude(state=ScoreModelVersion.State.RETIRED)
    for title, document in published.values_list("model__name", "document"):
        for rule in [*document.get("fit", []), *document.get("engagement", [])]:
            if _names(rule, name, values):
                yield Use("scoring", f"{title}: {rule.get('name', '')}")
    newest = LifecycleVersion.objects.order_by("-number").values_list("document", flat=True).first()
    yield from _of_lifecycle(newest or {}, name, values)
    for title, criterion in RoutingRule.objects.values_list("name", "criterion"):
        if _names(criterion, name, values):
            yield Use("routing", title)
    for title, criterion in SlaPolicy.objects.values_list("name", "criterion"):
        if _names(criterion, name, values):
            yield Use("policy", title)
    for title, criterion in SavedView.objects.filter(removed_at=None).values_list("name", "filter"):
        if _names(criterion, name, values):
            yield Use("view", title)


def _of_lifecycle(
    document: Mapping[str, object], name: str, values: frozenset[str] | None
) -> Iterator[Use]:
    for part in document.values():
        for each in part if isinstance(part, list) else []:
            if isinstance(each, Mapping) and _names(each, name, values):
                said = each.get("label") or each.get("because") or each.get("key") or ""
                yield Use("lifecycle", str(said))


def _names(document: object, name: str, values: frozenset[str] | None) -> bool:
    """Whether a criterion somewhere inside is about the field, and about one of the values."""
    if isinstance(document, list | tuple):
        return any(_names(each, name, values) for each in document)
    if not isinstance(document, Mapping):
        return False
    if document.get("trait") == name and (values is None or _compares(document, values)):
        return True
    return any(_names(each, name, values) for each in document.values())


def _compares(leaf: Mapping[str, object], values: frozenset[str]) -> bool:
    for operator, operand in leaf.items():
        operands = operand if isinstance(operand, list | tuple) else [operand]
        if operator != "trait" and any(
            each in values for each in operands if isinstance(each, str)
        ):
            return True
    return False
