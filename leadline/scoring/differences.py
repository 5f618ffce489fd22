"""What differs between two versions of a score model, in sentences of the reader's language.

Rules are told apart by their names. A rule that only goes by another name is said to be renamed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from leadline.criteria import canonical
from leadline.criteria.nodes import Did
from leadline.criteria.sentence import points, sentence
from leadline.scoring.rules import Band, EachRule, FirstOfRule, Model, Rule, WhenRule

GROUPS = {"fit": gettext_noop("fit"), "engagement": gettext_noop("engagement")}


def sentences(before: Model, after: Model) -> list[str]:
    """What was changed, one sentence each, in the order of the new version; empty when nothing."""
    return [*_of_model(before, after), *_of_rules(before, after)]


def _of_model(before: Model, after: Model) -> Iterator[str]:
    for label, was, is_now in (
        (_("Lowest score"), before.floor_micro, after.floor_micro),
        (_("Highest score"), before.cap_micro, after.cap_micro),
    ):
        if was != is_now:
            yield _changed(label, _or_none(was), _or_none(is_now))
    named = [*after.thresholds_micro, *(set(before.thresholds_micro) - set(after.thresholds_micro))]
    for name in named:
        was, is_now = before.thresholds_micro.get(name), after.thresholds_micro.get(name)
        if was != is_now:
            label = _("Threshold of “%(name)s”") % {"name": name}
            yield _changed(label, _or_none(was), _or_none(is_now))
    if before.day_offset_minutes != after.day_offset_minutes:
        yield _("Days are cut at another time")


def _of_rules(before: Model, after: Model) -> Iterator[str]:
    old, new = _by_name(before), _by_name(after)
    gone = {name: each for name, each in old.items() if name not in new}
    for name, (group, rule) in new.items():
        if name in old:
            was_group, was = old[name]
            if was_group != group:
                yield _changed(name, _(GROUPS[was_group]), _(GROUPS[group]))
            yield from _of_rule(was, rule)
        elif (former := _same(group, rule, gone)) is not None:
            del gone[former]
            yield _("Renamed: %(before)s → %(after)s") % {"before": former, "after": name}
        else:
            yield _("New rule: %(rule)s") % {"rule": told(rule)}
    for _group, rule in gone.values():
        yield _("Removed: %(rule)s") % {"rule": told(rule)}


def told(rule: Rule) -> str:
    """A whole rule: "Webinar attended: attended a webinar, 10 points each time, at most 20"."""
    if isinstance(rule, FirstOfRule):
        bands = "; ".join(f"{_when(band)}: {_points(band.points_micro)}" for band in rule.bands)
        return f"{rule.name}: {bands}"
    if isinstance(rule, WhenRule):
        return f"{rule.name}: {sentence(rule.when, _)}, {_points(rule.points_micro)}"
    said = [_acts(rule), _("%(points)s each time") % {"points": _points(rule.points_micro)}]
    if rule.cap_micro is not None:
        said.append(_("at most %(points)s") % {"points": points(rule.cap_micro)})
    if rule.half_life_days is not None:
        said.append(_("half as much after %(days)d days") % {"days": rule.half_life_days})
    return f"{rule.name}: {', '.join(said)}"


def _of_rule(before: Rule, after: Rule) -> Iterator[str]:
    if isinstance(before, WhenRule) and isinstance(after, WhenRule):
        yield from _points_of(after.name, before.points_micro, after.points_micro)
        if before.when != after.when:
            yield _reworded(after.name, sentence(before.when, _), sentence(after.when, _))
    elif isinstance(before, EachRule) and isinstance(after, EachRule):
        yield from _of_each(before, after)
    elif isinstance(before, FirstOfRule) and isinstance(after, FirstOfRule):
        yield from _of_bands(after.name, before.bands, after.bands)
    else:
        yield _("Written anew: %(rule)s") % {"rule": told(after)}


def _of_each(before: EachRule, after: EachRule) -> Iterator[str]:
    yield from _points_of(after.name, before.points_micro, after.points_micro)
    if before.cap_micro != after.cap_micro:
        label = _("%(rule)s: limit") % {"rule": after.name}
        yield _arrow(label, _or_none(before.cap_micro), _or_none(after.cap_micro))
    if before.half_life_days != after.half_life_days:
        label = _("%(rule)s: half as much after") % {"rule": after.name}
        yield _arrow(label, _days(before.half_life_days), _days(after.half_life_days))
    if (before.acts, before.within) != (after.acts, after.within):
        yield _reworded(after.name, _acts(before), _acts(after))


def _of_bands(name: str, before: Sequence[Band], after: Sequence[Band]) -> Iterator[str]:
    old, new = _by_criterion(before), _by_criterion(after)
    for key, band in new.items():
        if key not in old:
            parts = {"rule": name, "when": _when(band), "points": _points(band.points_micro)}
            yield _("%(rule)s: new case, %(when)s: %(points)s") % parts
        else:
            label = f"{name}, {_when(band)}"
            yield from _points_of(label, old[key].points_micro, band.points_micro)
    for key, band in old.items():
        if key not in new:
            yield _("%(rule)s: no more case for %(when)s") % {"rule": name, "when": _when(band)}
    if [key for key in old if key in new] != [key for key in new if key in old]:
        yield _("%(rule)s: the cases are tried in another order") % {"rule": name}


def _by_name(model: Model) -> dict[str, tuple[str, Rule]]:
    return {rule.name: (group, rule) for group, rule in model.grouped}


def _same(group: str, rule: Rule, among: Mapping[str, tuple[str, Rule]]) -> str | None:
    """The name of the rule in the same group that says the same."""
    for name, (other_group, other) in among.items():
        if other_group == group and replace(other, name=rule.name) == rule:
            return name
    return None


def _by_criterion(bands: Sequence[Band]) -> dict[str, Band]:
    return {canonical.digest(band.when): band for band in bands}


def _points_of(name: str, before: int, after: int) -> Iterator[str]:
    if before != after:
        yield _changed(name, points(before), _points(after))


def _changed(name: str, before: str, after: str) -> str:
    return f"{name}: {before} → {after}"


def _arrow(label: str, before: str, after: str) -> str:
    return f"{label} {before} → {after}"


def _reworded(name: str, before: str, after: str) -> str:
    return _changed(name, f"“{before}”", f"“{after}”")


def _when(band: Band) -> str:
    return sentence(band.when, _)


def _acts(rule: EachRule) -> str:
    return sentence(Did(rule.acts, 1, rule.within), _)


def _points(micro: int) -> str:
    return _("%(points)s points") % {"points": points(micro)}


def _or_none(micro: int | None) -> str:
    return pgettext("a limit", "none") if micro is None else points(micro)


def _days(days: int | None) -> str:
    return (
        pgettext("half as much after", "never")
        if days is None
        else _("%(days)d days") % {"days": days}
    )
