"""What people can be told about, each kind with why it is told and by which channels at first.

Out of the box only what cannot wait goes out by push or mail; everything else waits in the bell
or in one mail a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    """How a notification reaches somebody."""

    BELL = "bell", _("Bell")
    PUSH = "push", _("Push")
    MAIL = "mail", _("Mail")
    DIGEST = "digest", _("Daily mail")


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the policy. `key` has at most 24 letters; `why` is a whole sentence.

    What happens later does not cover the words of what `is_urgent`, until they have been read.
    """

    key: str
    label: str | Promise
    why: str | Promise
    channels: frozenset[Channel]
    is_urgent: bool = False


_AT_ONCE = frozenset({Channel.BELL, Channel.PUSH, Channel.MAIL})
_CAN_WAIT = frozenset({Channel.BELL, Channel.DIGEST})

KINDS = (
    Kind("hot_lead", _("A hot lead is yours"),
         _("You are told because this hot lead was assigned to you."), _AT_ONCE, True),
    Kind("due_soon", _("A response time is about to run out"),
         _("You are told because you answer for this lead and its time is nearly over."),
         _AT_ONCE, True),
    Kind("reply", _("A lead of yours replies"),
         _("You are told because a lead that is yours has replied."), _AT_ONCE, True),
    Kind("mention", _("A colleague mentions you"),
         _("You are told because a colleague wrote your name with an @."), _AT_ONCE, True),
    Kind("assigned", _("A colleague hands over to you"),
         _("You are told because a colleague gave you something of theirs."), _AT_ONCE, True),
    Kind("new_lead", _("Another lead is yours"),
         _("You are told because this lead was assigned to you."), _CAN_WAIT),
    Kind("breached", _("A response time has run out"),
         _("You are told because you, or somebody of your team, answer for this lead."),
         _CAN_WAIT, True),
    Kind("followed", _("News of a lead that you follow"),
         _("You are told because you follow this lead."), _CAN_WAIT),
    Kind("other", _("Everything else"),
         _("You are told because it concerns your work here."), _CAN_WAIT),
)  # fmt: skip
BY_KEY: Mapping[str, Kind] = {each.key: each for each in KINDS}
URGENT = tuple(each.key for each in KINDS if each.is_urgent)


def of(key: str) -> Kind:
    """The kind with this key; what nobody has declared counts as everything else."""
    return BY_KEY.get(key) or BY_KEY["other"]
