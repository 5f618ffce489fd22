"""Routing rules: which team's rotation a lead is dealt from."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _noop

from leadline.criteria.snapshot import Snapshot
from leadline.criteria.vocabulary import Vocabulary
from leadline.routing import conditions
from leadline.routing.conditions import Condition
from leadline.routing.models import RoutingRule


@dataclass(frozen=True, slots=True)
class Rule:
    """Sends the leads for whom its condition holds to a team."""

    id: int
    name: str
    team_id: int
    team_name: str
    condition: Condition


Rules = tuple[Rule, ...]
"""All rules in order of position; the first whose condition holds counts."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The team that takes a lead; `sentence` says which rule chose it, without a full stop."""

    team_id: int
    rule_name: str
    sentence: str


def save(
    name: str, *, position: int, criterion: object, team_id: int, vocabulary: Vocabulary
) -> RoutingRule:
    """Create the rule of this name or change it. Raises CriterionError for the criterion."""
    conditions.check(criterion, vocabulary=vocabulary, path="/criterion")
    rule, _created = RoutingRule.objects.update_or_create(
        name=name,
        defaults={"position": position, "criterion": criterion, "team_id": team_id},
    )
    return rule


def load(*, vocabulary: Vocabulary, day_offset_minutes: int) -> Rules:
    """All rules, compiled. One query; the caller may keep the result."""
    return tuple(
        Rule(
            row.id,
            row.name,
            row.team_id,
            row.team.name,
            conditions.compiled(
                row.criterion, vocabulary=vocabulary, day_offset_minutes=day_offset_minutes
            ),
        )
        for row in RoutingRule.objects.select_related("team").order_by("position", "id")
    )


def team_for(rules: Rules, snapshot: Snapshot, *, at_us: int) -> Choice | None:
    """The team of the first rule that holds at the instant; None when no rule does."""
    for rule in rules:
        if rule.condition.holds(snapshot, at_us):
            words = {"rule": rule.name, "team": rule.team_name}
            sentence = _noop("Rule “%(rule)s” sends it to %(team)s") % words
            return Choice(rule.team_id, rule.name, sentence)
    return None
