"""The best next step for a lead in one short sentence: plain values in, plain values out."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from leadline.activities.queries import Touches
from leadline.cards.queries import QUIET, CardRow
from leadline.web import moments

ENOUGH_TOUCHES = 5
"""Fewer attempts than this is giving up too early."""


@dataclass(frozen=True)
class Step:
    """What to do; `verb` is the action that does it: call, mail, take, pass or wait."""

    verb: str
    sentence: str


def suggest(card: CardRow, touches: Touches | None, *, now: datetime) -> Step:
    """Answer who waits, take what nobody has, give time to reply, then try again."""
    verb = "call" if card.phone else "mail"
    if card.owner_id is None and card.temperature == "hot":
        return Step("take", _("Nobody has this lead yet: take it and get in touch"))
    if card.response_due_at is not None:
        return Step(verb, _("Call now") if card.phone else _("Write a first answer now"))
    if touches is None:
        return Step(verb, _("First call") if card.phone else _("First mail"))
    again_at = touches.last_at + QUIET
    if again_at > now:
        said = _("Wait for an answer; the next attempt is due %(when)s")
        return Step("wait", said % {"when": moments.relative(again_at, now=now)})
    last = moments.relative(touches.last_at, now=now)
    if touches.count < ENOUGH_TOUCHES:
        said = _("Try again: %(n)d of %(enough)d attempts, the last %(last)s")
        return Step(verb, said % {"n": touches.count, "enough": ENOUGH_TOUCHES, "last": last})
    said = _("%(n)d attempts, the last %(last)s: try another way, or pass it on")
    return Step("pass", said % {"n": touches.count, "last": last})
