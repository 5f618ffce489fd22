"""The lines of a score: which rule gave how many points, because of which events.

Lines are built whenever a total has changed, so what they need is compiled once per model.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from leadline.criteria.evaluate import compile_node
from leadline.criteria.evidence import MAX_EVENTS, compile_evidence
from leadline.criteria.occurrences import finder
from leadline.criteria.sentence import Translate, plain, points, sentence
from leadline.criteria.snapshot import Snapshot
from leadline.lib.clock import DAY, MINUTE
from leadline.scoring.rules import EachRule, FirstOfRule, Model, WhenRule, reach

_ = plain  # marks a text for translation


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """Points of one rule in one score.

    `group` is fit, engagement, manual for what people gave by hand, or limit for what floor and
    cap took. `because` are the ids of the events behind it, newest first, at most 100. `index` is
    the place of the rule in the model, counted over fit and then engagement; `adjustment` the id
    of what a person gave.
    """

    rule: str
    group: str
    points_micro: int
    because: tuple[int, ...]
    sentence: str
    index: int
    adjustment: int | None = None


Cause = tuple[tuple[int, ...], str]
"""(event ids, sentence)."""

Explain = Callable[[Snapshot, int, int], Cause]
"""(snapshot, at_us, micro-points given) → Cause. Only for a rule that gave points."""


@dataclass(frozen=True, slots=True)
class Explainer:
    """One rule of a model, ready to explain its points."""

    name: str
    group: str
    index: int
    explain: Explain

    def line(self, snapshot: Snapshot, at_us: int, points_micro: int) -> Line:
        """The line for points that the rule gave to this lead at this instant."""
        because, said = self.explain(snapshot, at_us, points_micro)
        return Line(self.name, self.group, points_micro, because, said, self.index)


def explainers(model: Model, translate: Translate) -> tuple[Explainer, ...]:
    """One per rule, fit first. Kept for English; other languages are made when asked for,
    because one translating function speaks a different language per reader."""
    return _english(model) if translate is plain else _explainers(model, translate)


def limit(clipped_micro: int, total_micro: int, *, index: int, translate: Translate) -> Line:
    """The line that carries what floor or cap of the model took from, or added to, the total."""
    template = _("Limited to at most {points}") if clipped_micro < 0 else _("Raised to {points}")
    said = translate(template).format(points=points(total_micro))
    return Line("Limit", "limit", clipped_micro, (), said, index)


@lru_cache(maxsize=64)
def _english(model: Model) -> tuple[Explainer, ...]:
    return _explainers(model, plain)


def _explainers(model: Model, translate: Translate) -> tuple[Explainer, ...]:
    offset, made = model.day_offset_minutes, []
    for index, (group, rule) in enumerate(model.grouped):
        if isinstance(rule, WhenRule):
            explain = _explain_when(rule, offset, translate)
        elif isinstance(rule, FirstOfRule):
            explain = _explain_first_of(rule, offset, translate)
        else:
            explain = _explain_each(rule, offset, translate)
        made.append(Explainer(rule.name, group, index, explain))
    return tuple(made)


def _explain_when(rule: WhenRule, offset: int, translate: Translate) -> Explain:
    gather = compile_evidence(rule.when, day_offset_minutes=offset)
    said = f"{rule.name} · {sentence(rule.when, translate, is_about_lead=True)}"
    return lambda snapshot, at_us, given_micro: (gather(snapshot, at_us), said)


def _explain_first_of(rule: FirstOfRule, offset: int, translate: Translate) -> Explain:
    bands = [
        (
            compile_node(band.when, day_offset_minutes=offset),
            compile_evidence(band.when, day_offset_minutes=offset),
            f"{rule.name} · {sentence(band.when, translate, is_about_lead=True)}",
        )
        for band in rule.bands
    ]

    def explain(snapshot: Snapshot, at_us: int, given_micro: int) -> Cause:
        for check, gather, said in bands:
            if check(snapshot, at_us)[0]:
                return gather(snapshot, at_us), said
        return (), rule.name

    return explain


def _explain_each(rule: EachRule, offset: int, translate: Translate) -> Explain:
    """Says "Pricing page visit · 2 × 15 · 3 d ago": how many, how much, how old the newest is."""
    find, offset_us = finder(rule.acts, reach(rule), day_offset_minutes=offset), offset * MINUTE
    each, cap = points(rule.points_micro), rule.cap_micro
    today, ago = translate(_("today")), translate(_("{days} d ago"))
    limited = translate(_("limited to {points}")).format(points=points(cap or 0))

    def explain(snapshot: Snapshot, at_us: int, given_micro: int) -> Cause:
        found, _coming_us = find(snapshot, at_us, 0)
        age = (at_us + offset_us) // DAY - (found[0].occurred_us + offset_us) // DAY
        newest = ago.format(days=age) if age else today
        said = f"{rule.name} · {len(found)} × {each} · {newest}"
        if given_micro == cap and len(found) * rule.points_micro != cap:
            said += f" · {limited}"
        return tuple(event.id for event in found[:MAX_EVENTS]), said

    return explain
