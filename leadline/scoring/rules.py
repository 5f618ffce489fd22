"""A score model: rules about who a lead is (fit) and what it does (engagement).

All points are integer micro-points: 15 points are 15,000,000.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadline.criteria import operators, parse, span, uses
from leadline.criteria.errors import CriterionError, join
from leadline.criteria.mentions import Mentions, mentions, of_acts, union
from leadline.criteria.nodes import Act, Node
from leadline.criteria.span import Span
from leadline.criteria.vocabulary import Vocabulary
from leadline.scoring import decay

MAX_RULES = 200
MAX_BANDS = 50
MAX_POINTS = 100_000
MAX_NAME = 120
GROUPS = ("fit", "engagement")


@dataclass(frozen=True, slots=True)
class WhenRule:
    """Points once, while the criterion holds."""

    name: str
    when: Node
    points_micro: int


@dataclass(frozen=True, slots=True)
class EachRule:
    """Points for each event that is one of `acts`, the sum clipped at `cap_micro`.

    With a half-life each event's points fade with its age. The cap has the sign of the points.
    """

    name: str
    acts: tuple[Act, ...]
    within: Span | None
    points_micro: int
    cap_micro: int | None = None
    half_life_days: int | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """One of several mutually exclusive cases."""

    when: Node
    points_micro: int


@dataclass(frozen=True, slots=True)
class FirstOfRule:
    """Points of the first band whose criterion holds."""

    name: str
    bands: tuple[Band, ...]


Rule = WhenRule | EachRule | FirstOfRule


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A score model as it is written, read once per version and kept.

    Compared by identity, so that what is compiled from it can be cached cheaply. The total is
    clipped to [floor_micro, cap_micro] where they are given; fit and engagement are not.
    `day_offset_minutes` is where the days of this version are cut, in minutes east of UTC.
    """

    name: str
    fit: tuple[Rule, ...] = ()
    engagement: tuple[Rule, ...] = ()
    thresholds_micro: Mapping[str, int] = field(default_factory=dict)
    floor_micro: int | None = None
    cap_micro: int | None = None
    day_offset_minutes: int = 0

    @property
    def grouped(self) -> list[tuple[str, Rule]]:
        """Every rule with its group, fit first; a line's `index` counts in this order."""
        return [("fit", rule) for rule in self.fit] + [
            ("engagement", rule) for rule in self.engagement
        ]


def reads(model: Model) -> Mentions:
    """What has to be loaded to score with the model: event names with their reach, traits, …"""
    return union(_reads(rule) for _, rule in model.grouped)


def reach(rule: EachRule) -> Span | None:
    """How far back events of the rule can give points; None for ever.

    A rule that fades ends with its table, or earlier when `within` is shorter.
    """
    if rule.half_life_days is None:
        return rule.within
    end = decay.end_days(rule.half_life_days)
    if rule.within is None:
        return Span(days=end)
    return rule.within if rule.within.is_exact else Span(days=min(end, rule.within.days))


def _reads(rule: Rule) -> Mentions:
    if isinstance(rule, EachRule):
        return of_acts(rule.acts, reach(rule))
    if isinstance(rule, FirstOfRule):
        return union(mentions(band.when) for band in rule.bands)
    return mentions(rule.when)


def parse_model(document: object, *, vocabulary: Vocabulary, day_offset_minutes: int = 0) -> Model:
    """The model in `document` (what YAML or JSON gives).

    Raises CriterionError, and nothing else, with a JSON pointer to what is wrong.
    """
    found = parse.mapping(document, path="", allowed="a score model: name, fit, engagement")
    _refuse_others(found, {"name", "thresholds", *GROUPS, "floor", "cap"}, path="")
    reading = _Reading(vocabulary)
    groups = {group: reading.rules(found.get(group), path=join("", group)) for group in GROUPS}
    if not any(groups.values()):
        raise CriterionError("", found, "at least one rule under fit or engagement")
    floor, cap = (_optional_points(found, key, path="") for key in ("floor", "cap"))
    if floor is not None and cap is not None and floor > cap:
        raise CriterionError("/floor", found["floor"], "no more than the cap")
    return Model(
        name=operators.text(found.get("name"), path="/name", longest=MAX_NAME),
        fit=groups["fit"],
        engagement=groups["engagement"],
        thresholds_micro=_thresholds(found.get("thresholds")),
        floor_micro=floor,
        cap_micro=cap,
        day_offset_minutes=day_offset_minutes,
    )


@dataclass(slots=True)
class _Reading:
    """One model being read; rule names are unique in it, so that a line names its rule."""

    vocabulary: Vocabulary
    names: set[str] = field(default_factory=set)

    def rules(self, written: object, *, path: str) -> tuple[Rule, ...]:
        if written is None:
            return ()
        entries = parse.sequence(written, path=path, longest=MAX_RULES)
        return tuple(self.rule(each, path=join(path, index)) for index, each in enumerate(entries))

    def rule(self, written: object, *, path: str) -> Rule:
        found = parse.mapping(written, path=path, allowed="a rule: name and when, each or first_of")
        kinds = [key for key in ("when", "each", "first_of") if key in found]
        if len(kinds) != 1:
            raise CriterionError(path, ", ".join(kinds), "one of when, each, first_of")
        name = operators.text(found.get("name"), path=join(path, "name"), longest=MAX_NAME)
        if name in self.names:
            raise CriterionError(join(path, "name"), name, "a name that no other rule has")
        self.names.add(name)
        if kinds[0] == "each":
            return self.each(name, found, path=path)
        if kinds[0] == "first_of":
            return self.first_of(name, found, path=path)
        _refuse_others(found, {"name", "when", "points"}, path=path)
        return WhenRule(name, self.criterion(found, path=path), _points(found, path=path))

    def each(self, name: str, found: Mapping[str, object], *, path: str) -> EachRule:
        _refuse_others(found, {"name", "each", "points", "cap", "half_life"}, path=path)
        acts, within = parse.parse_act(
            found["each"], vocabulary=self.vocabulary, path=join(path, "each")
        )
        points = _points(found, path=path)
        cap = _optional_points(found, "cap", path=path)
        if cap is not None and (cap > 0) != (points > 0):
            raise CriterionError(join(path, "cap"), found["cap"], "the same sign as the points")
        return EachRule(name, acts, within, points, cap, _half_life(found, path=path))

    def first_of(self, name: str, found: Mapping[str, object], *, path: str) -> FirstOfRule:
        _refuse_others(found, {"name", "first_of"}, path=path)
        at = join(path, "first_of")
        bands = parse.sequence(found["first_of"], path=at, longest=MAX_BANDS)
        return FirstOfRule(
            name, tuple(self.band(each, path=join(at, index)) for index, each in enumerate(bands))
        )

    def band(self, written: object, *, path: str) -> Band:
        found = parse.mapping(written, path=path, allowed="when and points")
        _refuse_others(found, {"when", "points"}, path=path)
        # A band of no points is meaningful: it keeps the later ones from applying.
        return Band(self.criterion(found, path=path), _points(found, path=path, or_zero=True))

    def criterion(self, found: Mapping[str, object], *, path: str) -> Node:
        return parse.parse(
            found.get("when"),
            vocabulary=self.vocabulary,
            allowed=uses.SCORE,
            path=join(path, "when"),
        )


def _points(
    found: Mapping[str, object], *, path: str, key: str = "points", or_zero: bool = False
) -> int:
    at = join(path, key)
    points = parse.micro(found.get(key), path=at, lowest=-MAX_POINTS, highest=MAX_POINTS)
    if points == 0 and not or_zero:
        raise CriterionError(at, 0, "points above or below zero")
    return points


def _optional_points(found: Mapping[str, object], key: str, *, path: str) -> int | None:
    if found.get(key) is None:
        return None
    return _points(found, path=path, key=key, or_zero=path == "")


def _half_life(found: Mapping[str, object], *, path: str) -> int | None:
    written, at = found.get("half_life"), join(path, "half_life")
    if written is None:
        return None
    half_life = span.parse(written, path=at)
    if half_life.is_exact:
        raise CriterionError(at, written, "whole days or weeks, like 30d")
    return half_life.days


def _thresholds(written: object) -> dict[str, int]:
    if written is None:
        return {}
    found = parse.mapping(written, path="/thresholds", allowed="an object of name: points")
    return {
        parse.name(key, path=join("/thresholds", key)): _points(
            found, path="/thresholds", key=key, or_zero=True
        )
        for key in found
    }


def _refuse_others(found: Mapping[str, object], known: set[str], *, path: str) -> None:
    for key in found:
        if key not in known:
            raise CriterionError(join(path, key), key, ", ".join(sorted(known)))
