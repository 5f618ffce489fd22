"""How much there is to a score model, and a word of warning when it is too much to understand.

"Simple scoring models outperform complex ones": what nobody can explain, nobody corrects.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from leadline.criteria.nodes import AllOf, AnyOf, Node, Not
from leadline.scoring.rules import EachRule, FirstOfRule, Model, Rule

MOST_RULES = 20
MOST_CONDITIONS = 60


@dataclass(frozen=True, slots=True)
class Complexity:
    """How many rules a model has, and how many conditions in all of them."""

    rules: int
    conditions: int

    @property
    def is_high(self) -> bool:
        return self.rules > MOST_RULES or self.conditions > MOST_CONDITIONS


def measure(model: Model) -> Complexity:
    """The rules and conditions of the model; each kind of event that counts is a condition."""
    found = [rule for _group, rule in model.grouped]
    return Complexity(len(found), sum(_of_rule(rule) for rule in found))


def warning(model: Model) -> str:
    """A sentence with the numbers when the model is complex, else ""."""
    found = measure(model)
    if not found.is_high:
        return ""
    return _(
        "%(rules)d rules with %(conditions)d conditions: simple models predict better than"
        " complex ones, and people can explain them. Better at most %(most_rules)d rules and"
        " %(most_conditions)d conditions."
    ) % {
        "rules": found.rules,
        "conditions": found.conditions,
        "most_rules": MOST_RULES,
        "most_conditions": MOST_CONDITIONS,
    }


def _of_rule(rule: Rule) -> int:
    if isinstance(rule, EachRule):
        return len(rule.acts)
    if isinstance(rule, FirstOfRule):
        return sum(_of_node(band.when) for band in rule.bands)
    return _of_node(rule.when)


def _of_node(node: Node) -> int:
    if isinstance(node, (AllOf, AnyOf)):
        return sum(_of_node(child) for child in node.children)
    if isinstance(node, Not):
        return _of_node(node.child)
    return 1
