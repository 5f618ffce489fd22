"""Lines of a score in the language of whoever reads them.

A line is kept in English, as it was built. What it says about its rule is looked up in the rule;
what it counts is taken apart again and put together with the same numbers.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec
from django.utils.translation import get_language, gettext

from leadline.criteria.nodes import Node
from leadline.criteria.sentence import plain, sentence
from leadline.scoring import manual
from leadline.scoring.lines import Line
from leadline.scoring.rules import FirstOfRule, Model, Rule, WhenRule

_COUNTED = re.compile(r"(?P<times>\d+ × \S+) · (?:today|(?P<days>\d+) d ago)(?: · (?P<limit>.+))?")
_LIMITS = ("Limited to at most {points}", "Raised to {points}", "limited to {points}")


def told(line: Line, model: Model | None) -> Line:
    """The line in the reader's language; without its model, or when the rule has changed since,
    only the rule's name."""
    if get_language() in ("en", None):
        return line
    if line.group == "limit":
        return msgspec.structs.replace(line, sentence=_limited(line.sentence))
    if line.group == manual.GROUP:
        # Who gave points and why was looked up and is told already.
        said = gettext(manual.RULE) if line.sentence == manual.RULE else line.sentence
        return msgspec.structs.replace(line, sentence=said)
    name, _dot, rest = line.sentence.partition(" · ")
    if counted := _COUNTED.fullmatch(rest):
        said = _counted(counted)
    else:
        said = _spoken(model, get_language() or "en").get(line.sentence, "") if model else ""
    return msgspec.structs.replace(line, sentence=f"{name} · {said}" if said else name)


def _counted(found: re.Match[str]) -> str:
    days = found["days"]
    newest = gettext("{days} d ago").format(days=days) if days else gettext("today")
    parts = [found["times"], newest, _limited(found["limit"] or "")]
    return " · ".join(part for part in parts if part)


def _limited(sentence_kept: str) -> str:
    """ "limited to 45" and the like; anything else stays."""
    for template in _LIMITS:
        head, _slot, _tail = template.partition("{points}")
        if sentence_kept.startswith(head):
            return gettext(template).format(points=sentence_kept.removeprefix(head))
    return sentence_kept


@lru_cache(maxsize=64)
def _spoken(model: Model, language: str) -> Mapping[str, str]:
    """For each rule and band that says when it holds: the line as it is kept → what it says."""
    return {
        f"{rule.name} · {sentence(when, plain, is_about_lead=True)}": sentence(
            when, gettext, is_about_lead=True
        )
        for _group, rule in model.grouped
        for when in _conditions(rule)
    }


def _conditions(rule: Rule) -> list[Node]:
    if isinstance(rule, WhenRule):
        return [rule.when]
    return [band.when for band in rule.bands] if isinstance(rule, FirstOfRule) else []
