"""What would change a score: arithmetic on a model and its lines, without rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from leadline.criteria import sentence
from leadline.criteria.nodes import Did
from leadline.scoring.queries import Standing
from leadline.scoring.rules import EachRule, FirstOfRule, Model, Rule, WhenRule

_MOST_GAINS = 4
_TENTH = 100_000


@dataclass(frozen=True)
class Gain:
    """A rule that gives nothing yet, and what it would give in micro-points."""

    rule: str
    points_micro: int


@dataclass(frozen=True)
class Distance:
    """How many micro-points a total is short of the next threshold."""

    stage: str
    missing_micro: int

    @property
    def enough_micro(self) -> int:
        """Rounded up to a tenth of a point: what is shown must reach the threshold."""
        return -(-self.missing_micro // _TENTH) * _TENTH


def gains(model: Model, score: Standing) -> list[Gain]:
    """Engagement rules without a line that would add points, the largest first, at most four.

    Fit is left out: nobody grows their company to be called.
    """
    given = {line.rule for line in score.lines}
    open_rules: Sequence[Rule] = [rule for rule in model.engagement if rule.name not in given]
    found = [Gain(rule.name, points(rule)) for rule in open_rules]
    return sorted((g for g in found if g.points_micro > 0), key=lambda g: -g.points_micro)[
        :_MOST_GAINS
    ]


def distance(model: Model, total_micro: int) -> Distance | None:
    """The nearest threshold above the total, or None when all are passed."""
    ahead = [
        Distance(stage, threshold - total_micro)
        for stage, threshold in model.thresholds_micro.items()
        if threshold > total_micro
    ]
    return min(ahead, key=lambda each: each.missing_micro, default=None)


def points(rule: Rule) -> int:
    """What a rule gives at once: its points, or those of its best band."""
    if isinstance(rule, FirstOfRule):
        return max((band.points_micro for band in rule.bands), default=0)
    return rule.points_micro


def said(rule: Rule) -> str:
    """When a rule gives points, in words; bands are read one by one from `rule.bands`."""
    if isinstance(rule, WhenRule):
        return sentence.sentence(rule.when, translate=gettext)
    if isinstance(rule, EachRule):
        return sentence.sentence(Did(rule.acts, 1, rule.within), translate=gettext)
    return ""
