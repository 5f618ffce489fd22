"""Sentences that rows keep, told in the language of whoever reads them.

Why a lead got its owner, its stage or its score is written down when it happens, before anybody
knows who will read it. Rows keep such a sentence in English; here it is taken apart again by the
text that it was made from and told in the reader's language. What a person wrote, or what a
workspace says in its own playbook, is no text of ours and stays as it is.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_noop as _noop

from leadline.lib import formats

TEXTS = (
    _noop("%(who)s has left"),
    _noop("%(who)s is back"),
    _noop("Added by %(who)s"),
    _noop("Taken by %(who)s: %(reason)s"),
    _noop("Taken by %(who)s"),
    _noop("Passed on by %(who)s: %(reason)s"),
    _noop("Passed on by %(who)s"),
    _noop("Set by %(who)s"),
    _noop("Kept by %(who)s"),
    _noop("Returned to nurture by %(who)s"),
    _noop("Given by %(who)s, with others at once"),
    _noop("Undone by %(who)s"),
    _noop("%(name)s knows the lead already"),
    _noop("%(name)s was next in turn in %(team)s"),
    _noop("Rule “%(rule)s” sends it to %(team)s"),
    _noop("%(who)s mentioned you on %(what)s: %(text)s"),
    _noop("%(who)s mentioned you: %(text)s"),
    _noop("%(who)s gave you a task: %(text)s"),
    _noop("From %(who)s you take over: %(what)s"),
    _noop("%(who)s gave you %(what)s"),
    _noop("%(team)s was archived"),
    _noop("%(name)s is yours now"),
    _noop("%(who)s wrote a note about %(lead)s"),
    _noop("%(who)s called %(lead)s"),
    _noop("%(who)s wrote to %(lead)s"),
    _noop("%(who)s met %(lead)s"),
    _noop("%(lead)s is now %(stage)s"),
    _noop("%(event)s named both"),
    _noop("score %(points)s"),
    _noop("%(reason)s (score %(points)s)"),
)
"""What rows keep with something filled in; the first that fits is meant: the longer stand first."""

WHOLE = (
    _noop("Undone"),
    _noop("no longer qualifies"),
    _noop("active again"),
    _noop("Came with the lead that was merged into this one"),
    _noop("Someone is free again"),
    _noop("nobody is available, so the lead waits for the next free person"),
    _noop("Merged with a lead that has waited longer."),
    _noop("The lead was moved to the trash."),
    _noop("The response time has run out."),
    _noop("The response time is nearly over."),
    _noop("Brought in with the past"),
    _noop("Had time"),
    _noop("Fit and engagement"),
    _noop("Simple behaviour"),
)
"""What rows keep as it stands, beside the reasons of the shipped playbooks; the last two are what
their score models are called."""

COUNTED = {"lead": "leads", "task": "tasks", "deal": "deals"}
"""What rows count, one and many: "5 leads, 1 deal"."""
_ONE = {many: one for one, many in COUNTED.items()}
_COUNT = re.compile(rf"([\d,]+) (?:({'|'.join(COUNTED)})|({'|'.join(COUNTED.values())}))")
_SLOT = re.compile(r"%\\\((\w+)\\\)s")
_PATTERNS = [(re.compile(_SLOT.sub(r"(?P<\1>.+?)", re.escape(text))), text) for text in TEXTS]


def counted(thing: str, count: int) -> str:
    """How a row keeps a number of things, one of `COUNTED`: "1 lead", "5,000 leads"."""
    return f"{count:,} {thing if count == 1 else COUNTED[thing]}"


def told(sentence: str) -> str:
    """The sentence in the reader's language; several are joined by "; " and may end in a stop."""
    return _told(sentence, get_language() or "en")


def told_of(about: str | None, sentence: str) -> str:
    """The same with who it is about in front, unless the sentence names them."""
    said = told(sentence)
    return f"{about}: {said}" if about and about not in said else said


@lru_cache(maxsize=4_096)
def _told(sentence: str, language: str) -> str:
    """Remembered by language: a list tells the same few sentences again and again."""
    if not sentence or language == "en":
        return sentence
    if (whole := _known(sentence)) != sentence:
        return whole
    parts = [_one(part) for part in sentence.removesuffix(".").split("; ")]
    return "; ".join(parts) + ("." if sentence.endswith(".") else "")


def _one(sentence: str) -> str:
    known = _known(sentence)
    if known != sentence:
        return known
    for pattern, text in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            return gettext(text) % _words(found.groupdict())
    return _who_and_why(sentence)


def _known(sentence: str) -> str:
    """A reason of a shipped playbook, or another text that is kept whole."""
    reason = pgettext("playbook", sentence)
    return reason if reason != sentence else gettext(sentence)


def _words(said: Mapping[str, str]) -> dict[str, str]:
    """What was filled in; a reason may be a text of ours itself, and so are numbers of things."""
    ours = {"reason": _known, "what": _counts}
    return {name: ours[name](word) if name in ours else word for name, word in said.items()}


def _counts(said: str) -> str:
    """ "5 leads, 1 deal" in the reader's language; anything else as it is."""
    found = [_COUNT.fullmatch(part) for part in said.split(", ")]
    if not all(found):
        return said
    return ", ".join(
        _count(each[2] or _ONE[each[3]], int(each[1].replace(",", ""))) for each in found if each
    )


def _count(thing: str, count: int) -> str:
    words = {
        "lead": ngettext("%(count)s lead", "%(count)s leads", count),
        "task": ngettext("%(count)s task", "%(count)s tasks", count),
        "deal": ngettext("%(count)s deal", "%(count)s deals", count),
    }
    usual = formats.of_language(get_language() or "en")
    return words[thing] % {"count": formats.number(count, usual)}


def _who_and_why(sentence: str) -> str:
    """ "Grace Hopper asked for a demo": a name, then a reason of a shipped playbook."""
    words = sentence.split(" ")
    for count in range(1, len(words)):
        reason = " ".join(words[count:])
        if (known := pgettext("playbook", reason)) != reason:
            return " ".join([*words[:count], known])
    return sentence
